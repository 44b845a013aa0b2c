"""Words are folded so that people find what they mean, in any script, and both databases take every token as one word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.journal.search import question
from inboxcrm.journal.tokens import LONGEST, MOST, document, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Straße ÉTÉ Łódź Ærø İstanbul", "strasse ete lodz aero istanbul"),
        ("DN25, 304/316L 60x60 40W", "dn25 304 316l 60x60 40w"),
        ("不锈钢球阀", "不锈 锈钢 钢球 球阀 阀"),
        ("阀", "阀"),
        ("ball阀门DN25", "ball 阀门 门 dn25"),
        ("カタカナ ｶﾞｽ がす", "カタ タカ カナ ナ ガス ス がす す"),
        ("가격 문의", "가격 격 문의 의"),
        ("الأَسْعار ـ ٣٤ مدرسة", "الاسعار 34 مدرسه"),
        ("Ёлка Йод", "елка иод"),
        ("Ἀθῆναι ΣΊΣΥΦΟΣ", "αθηναι σισυφοσ"),
        ("ＦＵＬＬ ｗｉｄｔｈ １２", "full width 12"),
        ("anna@buyer.de PO-2025/001", "anna buyer de po 2025 001"),
        ("", ""),
        ("… — !", ""),
    ],
)
def test_a_text_becomes_folded_words_and_pairs(text: str, expected: str) -> None:
    assert " ".join(tokens(text)) == expected


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Möbel", "mobel"),
        ("mobel", "Möbel"),
        ("Müller", "MULLER"),
        ("naïve café", "cafe naive"),
        ("Şişli", "sisli"),
        ("ŁÓDŹ", "lodz"),
    ],
)
def test_accents_and_case_make_no_difference(written: str, asked: str) -> None:
    assert set(tokens(asked)) <= set(tokens(written))


@given(st.text(max_size=300))
def test_every_token_is_letters_and_digits_and_of_bounded_length(text: str) -> None:
    for token in tokens(text):
        assert token
        assert len(token) <= LONGEST
        assert token.isalnum()


@given(st.text(max_size=120))
def test_folding_again_changes_nothing(text: str) -> None:
    words = [token for token in tokens(text) if token.isascii()]
    assert tokens(" ".join(words)) == words


def test_a_document_is_bounded() -> None:
    assert len(document("word " * 50_000).split()) == MOST


def test_a_question_keeps_together_what_stands_together() -> None:
    terms = question("PO-2025 不锈钢 阀 val")
    assert [(term.tokens, term.open_end) for term in terms] == [
        (("po", "2025"), False),
        (("不锈", "锈钢"), False),
        (("阀",), True),
        (("val",), True),
    ]


def test_a_finished_last_word_is_not_left_open() -> None:
    assert question("valve ")[0].open_end is False


@given(st.text(max_size=60))
def test_any_question_can_be_asked(text: str) -> None:
    question(text)
