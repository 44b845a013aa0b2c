"""The main content ends where a sentence ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.journal.content import LIMIT, shorten


def test_a_short_text_stays_whole_without_superfluous_blank_lines() -> None:
    assert shorten("  Hello,\n \n\n\nplease quote.  ") == "Hello,\n\nplease quote."


def test_a_long_text_ends_after_a_whole_sentence() -> None:
    assert shorten("We need 500 pcs. Please quote today! " * 40, 100) == (
        "We need 500 pcs. Please quote today! We need 500 pcs. Please quote today!…"
    )


def test_an_abbreviation_or_a_number_ends_no_sentence() -> None:
    text = "We are happy. We need the valves No. 5 with 3.5 bar from Mr. Li and more of the same kind as before"
    assert shorten(text, 70) == "We are happy. We need the valves No. 5 with 3.5 bar from Mr. Li and…"


def test_chinese_sentences_end_without_a_blank_and_count_double() -> None:
    shortened = shorten("您好，请报价球阀。谢谢！" * 20, 60)
    assert shortened.endswith(("。…", "！…"))
    assert len(shortened) <= 31


def test_one_endless_word_is_cut_all_the_same() -> None:
    assert shorten("x" * 2000) == "x" * (LIMIT - 1) + "…"


@given(st.text(max_size=2000), st.integers(40, 700))
def test_any_text_fits_and_begins_as_it_was_written(text: str, limit: int) -> None:
    shortened = shorten(text, limit)
    assert len(shortened) <= limit
    assert not shortened.endswith("…") or shortened[:-1].rstrip() == shortened[:-1] or text.strip() == shortened
