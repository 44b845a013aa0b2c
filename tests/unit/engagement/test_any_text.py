"""Whatever a mail says, finding doesn't raise, shows only what stands there, and says the same again."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from inboxcrm.engagement.finder import Letter
from inboxcrm.engagement.folding import fold
from inboxcrm.engagement.rulebook import rulebook
from inboxcrm.engagement.sentences import sentences, telling
from inboxcrm.engagement.signals import Side
from inboxcrm.engagement.spelling import Spelling
from inboxcrm.reading import read

PIECES = (
    "please send us your best price", "we need 2 samples", "smaple", "PO 4711 attached", "not", "if", "?", ".", "\n", ",", "- ",
    "请报价", "样品", "Angebot", "muestras", "مرحبا", "оплата", "\u00a0", "\u200b", "İ", "ß", "é", "\U0001f600", "unsubscribe",
    "$2.60", " ",
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join))


@given(subject=TEXTS, text=TEXTS, language=st.sampled_from(["", "en", "zh", "sv"]), side=st.sampled_from(Side))
@settings(max_examples=200, deadline=None)
def test_evidence_is_a_piece_of_the_mail_and_the_same_mail_says_the_same(
    subject: str, text: str, language: str, side: Side
) -> None:
    letter = Letter(subject, text, language, side)
    signals = rulebook().finder.find(letter)
    for one in signals:
        whole = text if one.place == "text" else subject
        assert one.evidence
        assert whole[one.start : one.start + len(one.evidence)] == one.evidence
        assert 0 < one.confidence < 1
    assert len({one.kind for one in signals}) == len(signals)
    assert rulebook().finder.find(letter) == signals


@given(TEXTS)
def test_sentences_lie_one_after_the_other_and_leave_out_only_blanks(text: str) -> None:
    spans = sentences(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    inside = "".join(text[start:end] for start, end in spans)
    assert "".join(inside.split()) == "".join(text.split())


@given(TEXTS.filter(bool), st.data())
def test_the_telling_part_holds_the_match(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 120)))
    first, last = telling(text, (start, end))
    assert 0 <= first <= last <= len(text)
    assert "".join(text[start:end].split()) in "".join(text[first:last].split()) or len(text) > 160


@given(TEXTS)
def test_folding_and_mending_keep_the_way_back(text: str) -> None:
    mended = Spelling(["sample", "price"]).mended(fold(text))
    for place in range(len(mended.text)):
        start, end = mended.span(place, place + 1)
        assert 0 <= start < end <= len(text)


@given(st.sampled_from(PIECES))
@settings(deadline=None)
def test_quoted_history_and_a_signature_add_no_signal(piece: str) -> None:
    head = b"From: buyer@example.com\r\nTo: lina@example.com\r\nSubject: Re: valves\r\nIn-Reply-To: <a@b>\r\n"
    head += b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    quoted = (
        "\n\n-- \nTom\nSales and samples, best prices\n\nOn Mon, 2 Mar 2026 at 10:00, Lina <lina@example.com> wrote:\n"
    )
    quoted += (
        f"> Please send your order.\n> {piece.strip() or 'x'}\n> We need samples, please send us your best price.\n"
    )
    reading = read(head + ("Noted, thanks." + quoted).encode())
    assert rulebook().signals_of(reading, side=Side.CUSTOMER) == []
