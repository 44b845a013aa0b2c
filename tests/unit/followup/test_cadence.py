"""The cadence file: what is shipped, and that every mistake is told with file, line and key while the last good version holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inboxcrm import shipped
from inboxcrm.followup.cadence import CadenceFileError, load
from inboxcrm.followup.planning import PlanningRules
from inboxcrm.followup.templates import Templates
from inboxcrm.settings import Settings

SHIPPED = shipped.shipped_folder("config") / "cadence.toml"
CADENCE = load(SHIPPED)
RECORDED = ("order_running", "after_delivery", "sample_judged", "sample_sent", "quoted", "new_inquiry", "first_answer")


def test_the_shipped_rhythm_is_that_of_the_trade() -> None:
    samples = CADENCE.steps("sample_sent", "B")
    assert samples is not None
    assert [step.after for step in samples.steps] == [1, 1, 2, 3, 7, 7, 15]
    dormant = CADENCE.steps("dormant", "C")
    assert dormant is not None
    assert [step.after for step in dormant.steps] == [90, 90]
    yearly = CADENCE.steps("yearly_check", "C")
    assert yearly is not None
    assert [step.after for step in yearly.steps] == [365]
    personal = CADENCE.steps("personal", "A")
    assert personal is not None
    assert {(step.after, step.action) for step in personal.steps} == {(90, "call"), (90, "visit")}
    assert CADENCE.steps("silent", "C") is None
    assert CADENCE.approve == ()
    for stage in RECORDED:
        assert all(CADENCE.steps(stage, grade) for grade in "ABC"), stage


def test_every_mail_has_a_text() -> None:
    names = set(Templates(None).names())
    assert {step.template for one in CADENCE.stages for step in one.steps if step.action == "mail"} <= names


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("minimum_gap_days = 1", "minimum_gap_days = -1", "minimum_gap_days"),
        ("minimum_gap_days = 1", "minimum_gap_day = 1", "minimum_gap_day"),
        ('morning = ["09:00", "11:00"]', 'morning = ["11:00", "09:00"]', "the first time must be the earlier one"),
        ("blocked = []", 'blocked = ["2027-02-30"]', "is no day; write it like"),
        ("blocked = []", 'blocked = ["2027-02-12/2027-02-03"]', "the last day must lie behind the first"),
        ('stage = "order_running"', 'stage = "order_runing"', "order_running"),
        ("after = 365, ", "after = 0, ", "steps that repeat must take at least a day"),
        ('template = "first_answer", ', "", "needs a template"),
        ('grades = ["B", "C"]', 'grades = ["A", "B"]', "two blocks for grade A"),
        (
            'steps = [{ after = 0, action = "mail", template = "first_answer", goal = "answer the inquiry" }]',
            'steps = [{ after = 0, action = "call" }, { after = 1, action = "call" }]',
            "an inquiry is answered once",
        ),
        ("[hours]", "[hours", "Expected"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_key(tmp_path: Path, before: str, after: str, said: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "cadence.toml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(CadenceFileError, match=str(path)) as error:
        load(path)
    assert said in str(error.value)


def test_a_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8").replace("paced_a_day = 8", 'paced_a_day = "many"')
    path = tmp_path / "cadence.toml"
    path.write_text(text, encoding="utf-8")
    line = text.splitlines().index('paced_a_day = "many"') + 1
    with pytest.raises(CadenceFileError, match=f"line {line}: paced_a_day: "):
        load(path)


def test_a_broken_edit_keeps_the_last_good_version_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    path = tmp_path / "config" / "cadence.toml"
    good = SHIPPED.read_text(encoding="utf-8").replace("paced_a_day = 8", "paced_a_day = 3")
    path.write_text(good, encoding="utf-8")
    rules = PlanningRules(Settings(home=tmp_path))
    assert rules.planner().cadence.paced_a_day == 3
    path.write_text(good.replace("paced_a_day = 3", "paced_a_day = -3"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert rules.planner().cadence.paced_a_day == 3
    assert "paced_a_day" in rules.errors[0]
