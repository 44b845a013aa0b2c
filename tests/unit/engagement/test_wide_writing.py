"""Chinese, Japanese and Korean mails are read as they are written: traditional characters, full-width marks, no blanks."""

from __future__ import annotations

import pytest

from inboxcrm.engagement.folding import fold, plain
from inboxcrm.engagement.sentences import sentences


def test_traditional_characters_are_read_as_simplified_ones() -> None:
    assert plain("請報價,謝謝,訂單與匯款") == "请报价,谢谢,订单与汇款"


def test_the_way_back_leads_to_what_was_written() -> None:
    folded = fold("煩請報價")
    assert folded.source[slice(*folded.span(2, 4))] == "報價"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("能寄样品吗？谢谢！我们等你", ["能寄样品吗?", "谢谢!", "我们等你"]),
        ("サンプルはありますか？よろしくお願いします。", ["サンプルはありますか?", "よろしくお愿いします。"]),
        ("가격이 얼마인가요?답변 부탁드립니다", ["가격이 얼마인가요?", "답변 부탁드립니다"]),
    ],
)
def test_a_question_mark_ends_a_sentence_though_no_blank_follows(text: str, parts: list[str]) -> None:
    folded = plain(text)
    assert [folded[start:end] for start, end in sentences(folded)] == parts
