"""The history below a reply is taken for history by whoever reads it, ourselves included."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.followup.quoting import MOST_LETTERS, quoted
from inboxcrm.followup.samples import known
from inboxcrm.followup.templates import Templates
from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.reading.newtext import split

AT = datetime(2026, 5, 5, 6, 5, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
ANNA = "Anna Schmidt <anna@nordlicht.de>"


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", f"On Tue, 5 May 2026 at 14:05, {ANNA} wrote:"),
        ("zh", f"在 2026年5月5日 14:05，{ANNA} 写道："),
        ("de", f"Am Di., 5. Mai 2026 um 14:05 Uhr schrieb {ANNA}:"),
        ("fr", f"Le mar. 5 mai 2026 à 14:05, {ANNA} a écrit :"),
        ("nl", f"On Tue, 5 May 2026 at 14:05, {ANNA} wrote:"),
    ],
)
def test_the_line_above_is_in_the_customers_language(language: str, line: str) -> None:
    assert quoted("Please quote.", ANNA, AT, language, ZONE) == f"{line}\n> Please quote."


def test_older_history_is_quoted_deeper() -> None:
    assert quoted("New\n\n> old", ANNA, AT, "en", ZONE).split("\n")[1:] == ["> New", ">", ">> old"]


def test_an_empty_mail_has_no_history() -> None:
    assert quoted(" \n ", ANNA, AT, "en", ZONE) == ""


def test_a_thread_of_years_is_cut() -> None:
    assert len(quoted("line of text\n" * 10_000, ANNA, AT, "en", ZONE)) < 1.5 * MOST_LETTERS


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_reader_finds_the_draft_and_the_history_apart(language: str) -> None:
    for name in ("quoted", "sample_sent", "silent"):
        for text in Templates(None).texts(name, language):
            body = f"{text.body_of(known(language), language)}\nLina Chen"
            parts = split(f"{body}\n\n{quoted('Please quote 500 pcs.', ANNA, AT, language, ZONE)}", subject="Re: x")
            assert "500 pcs" in parts.quoted_text
            assert "Please quote" not in parts.new_text
            assert body.split("\n\n")[1] in parts.new_text


@given(st.text(max_size=300), st.sampled_from(LANGUAGES))
def test_every_line_below_the_first_is_marked(text: str, language: str) -> None:
    found = quoted(text, ANNA, AT, language, ZONE)
    assert all(line.startswith(">") for line in found.split("\n")[1:])
