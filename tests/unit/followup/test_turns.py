"""Which text comes next: in turn, fitting the step, and never one that reads as an earlier one does."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.followup.rendering import UnfilledError
from inboxcrm.followup.templates import Templates, parse
from inboxcrm.followup.turns import Had, TextsUsedUpError, pick
from inboxcrm.followup.variables import Record, Variables

VARIABLES = Variables(date(2026, 6, 1), "Dear Anna,", "Best regards", quote=Record(sent=date(2026, 5, 5)))


def texts(*steps: str) -> str:
    return "=====\n".join(
        f"Subject: {number}\n{f'Steps: {one}' if one else ''}\n\n{{{{ salutation }}}}\n\nText {number}.\n"
        for number, one in enumerate(steps, 1)
    ).replace("\n\n\n", "\n\n")


def next_of(file: str, had: list[Had], step: int = 1, anchor: str = "record:1", after: str = "") -> str:
    return pick(parse(file, "t.txt"), VARIABLES, "en", had, step=step, anchor=anchor, after=after).variant


def had(variant: str, anchor: str = "record:1") -> Had:
    return Had(variant, anchor, f"Dear Anna,\n\nText {variant}.\n\nBest regards\nLina")


def test_texts_come_in_the_order_of_the_file() -> None:
    file = texts("", "", "")
    assert next_of(file, []) == "1"
    assert next_of(file, [had("1")], step=2) == "2"
    assert next_of(file, [had("1"), had("2")], step=3) == "3"


def test_a_text_for_the_step_comes_before_all_others() -> None:
    assert next_of(texts("1", "2", "3-"), [], step=5) == "3"
    assert next_of(texts("1", "2", "3-"), [had("3")], step=6) == "1"


def test_when_all_have_been_used_a_person_is_asked() -> None:
    with pytest.raises(TextsUsedUpError, match=r"t\.txt"):
        next_of(texts("", ""), [had("1"), had("2")], step=3)


def test_a_text_that_would_read_the_same_is_not_sent_for_another_matter() -> None:
    with pytest.raises(TextsUsedUpError):
        next_of(texts(""), [had("1")], anchor="record:2")


def test_another_salutation_makes_no_other_text() -> None:
    to_a_colleague = Had("1", "record:9", "Dear Peter,\n\nText 1.\n\nLina")
    assert next_of(texts("", ""), [to_a_colleague], anchor="record:2") == "2"


def test_a_text_may_come_again_when_it_speaks_of_something_else() -> None:
    file = "Subject: 1\n\n{{ salutation }}\n\nQuoted on {{ quote.sent }}.\n"
    earlier = Had("1", "record:1", "Dear Anna,\n\nQuoted on 2 March.\n\nLina")
    assert next_of(file, [earlier], anchor="record:2") == "1"
    with pytest.raises(TextsUsedUpError):
        next_of(file, [earlier], anchor="record:1")


def test_the_next_one_is_the_one_behind_in_the_file_and_then_the_first() -> None:
    file = texts("", "", "")
    assert next_of(file, [], after="1") == "2"
    assert next_of(file, [], after="3") == "1"


def test_a_text_that_can_not_be_filled_in_gives_way_to_one_that_can() -> None:
    lacking = "Subject: 1\n\n{{ salutation }}\n\n{{ sample.sent }}\n"
    assert next_of(f"{lacking}=====\n{texts('')}", []) == "2"
    with pytest.raises(UnfilledError, match=r"sample\.sent"):
        next_of(lacking, [])


def test_a_text_that_does_not_apply_never_comes() -> None:
    file = "Subject: 1\nUnless: quote.sent\n\n{{ salutation }}\n\nA.\n=====\nSubject: 2\nNeeds: quote\n\n{{ salutation }}\n\nB.\n"
    assert next_of(file, []) == "2"
    with pytest.raises(TextsUsedUpError):
        next_of(file, [had("2")])


def test_an_answer_between_two_steps_does_not_make_it_another_matter() -> None:
    earlier = Had("1", "sample_sent:12:345", "Dear Anna,\n\nSomething else.")
    assert next_of(texts("", ""), [earlier], anchor="sample_sent:12:399") == "2"
    assert next_of(texts(""), [earlier], anchor="sample_sent:13:399") == "1"


@given(st.sampled_from(["sample_sent", "quoted", "silent", "dormant", "new_inquiry"]), st.data())
def test_no_customer_ever_reads_the_same_twice(name: str, data: st.DataObject) -> None:
    file = Templates(None).texts(name, "en")
    read: list[Had] = []
    for _ in range(12):
        anchor = data.draw(st.sampled_from(["record:1", "record:2"]))
        step = data.draw(st.integers(1, 8))
        try:
            chosen = pick(file, VARIABLES, "en", read, step=step, anchor=anchor)
        except TextsUsedUpError:
            continue
        assert chosen.body not in [one.body for one in read]
        read.append(Had(chosen.variant, anchor, chosen.body))
