"""The digest in both languages, on the whole cast: it names what the Today page names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from inboxcrm.followup.digest import digest_of, message_id, written
from inboxcrm.followup.planning import PlanningRules
from inboxcrm.model.database import looking
from inboxcrm.settings import Settings

WORDS = {
    "en": ("Good morning, Li Wei.", "Unanswered", "We promised", "Only you can do this", "Drafts to review", "trouble"),
    "zh": ("Li Wei，早上好。", "待回复", "我方承诺", "需要您亲自处理", "待审草稿", "邮箱异常"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_names_what_waits(engine: Engine, tmp_path: Path, language: str) -> None:
    planner = PlanningRules(Settings(home=tmp_path)).planner()
    with looking(engine) as session:
        digest = digest_of(session, planner, "Li Wei", language, datetime.now(UTC))
    subject, body = written(digest, tmp_path, language)
    assert "\n" not in subject
    for word in WORDS[language]:
        assert word in body
    for name in (
        "Nordic Glow AB",
        "I will send you the test report by Wednesday",
        "Harbour & Finch Ltd",
        "sales@brightlamps.example",
    ):
        assert name in body
    assert "\n\n\n" not in body
    assert "{" not in body
    assert not [line for line in body.splitlines() if line != line.rstrip() or len(line) > 200]


def test_its_message_id_is_that_of_the_day() -> None:
    day = datetime(2026, 11, 25, tzinfo=UTC).date()
    assert message_id("lina@brightvalve.example", day) == message_id("lina@brightvalve.example", day)
    assert message_id("lina@brightvalve.example", day) != message_id("tom@brightvalve.example", day)
    assert message_id("lina@brightvalve.example", day).endswith("@brightvalve.example")
