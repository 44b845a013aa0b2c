"""What a person can choose, and how it is kept."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.model import Grade, Status
from inboxcrm.newsletter.audience import Audience, AudienceError

_words = st.lists(st.text(min_size=1, max_size=8).map(str.strip).filter(bool), unique=True, max_size=3).map(tuple)


def test_grade_c_alone_is_the_default() -> None:
    assert Audience().grades == (Grade.C,)
    assert Audience.unpacked({}) == Audience()


@given(
    st.builds(
        Audience,
        grades=st.lists(st.sampled_from(Grade), min_size=1, unique=True).map(tuple),
        statuses=st.lists(st.sampled_from(Status), unique=True).map(tuple),
        countries=st.lists(st.sampled_from(["DE", "FR", ""]), unique=True).map(tuple),
        languages=st.lists(st.sampled_from(["de", "en"]), unique=True).map(tuple),
        products=_words,
        tags=_words,
        sources=_words,
        heard_after=st.none() | st.dates(),
        heard_before=st.none() | st.dates(),
        not_written_days=st.integers(0, 3650),
        min_gap_days=st.integers(0, 3650),
    )
)
def test_what_is_kept_is_what_was_chosen(audience: Audience) -> None:
    assert Audience.unpacked(audience.packed()) == audience


def test_a_day_and_a_single_word_are_understood_as_people_write_them() -> None:
    found = Audience.unpacked({"countries": "de", "heard_after": "2026-01-02", "not_written_days": "7"})
    assert (found.countries, found.heard_after, found.not_written_days) == (("DE",), date(2026, 1, 2), 7)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"grade": ["C"]}, "grade"),
        ({"grades": ["D"]}, "grades"),
        ({"grades": []}, "grade"),
        ({"heard_after": "soon"}, "heard_after"),
        ({"min_gap_days": -1}, "min_gap_days"),
        ({"min_gap_days": True}, "min_gap_days"),
        ({"not_written_days": 2.5}, "not_written_days"),
    ],
)
def test_a_mistake_names_its_field(values: dict[str, object], named: str) -> None:
    with pytest.raises(AudienceError, match=named):
        Audience.unpacked(values)
