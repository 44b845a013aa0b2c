"""From a mail that was read to its signals: what of it is its writer's word now, and who wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxcrm import shipped
from inboxcrm.engagement.rulebook import codes, rulebook, signals_of
from inboxcrm.engagement.signals import THRESHOLD, Kind, Side
from inboxcrm.reading import Reading, read


def mail(text: str, subject: str = "hello", headers: str = "") -> Reading:
    """A mail from a buyer."""
    head = f"From: Tom <tom@buyer.example>\nTo: lina@brightvalve.example\nSubject: {subject}\n{headers}"
    return read(f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode())


def kinds(reading: Reading, side: Side | None = Side.CUSTOMER) -> set[Kind]:
    """The kinds that count."""
    return {one.kind for one in signals_of(reading, side=side) if one.confidence >= THRESHOLD}


def test_the_subject_counts_in_the_mail_that_begins_a_conversation() -> None:
    assert kinds(mail("Regards, Tom", "Price for DN25 valves, 500 pcs")) == {Kind.QUOTE_REQUEST}


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        ("Re: Price for DN25 valves", ""),
        ("AW: Price for DN25 valves", ""),
        ("回复: Price for DN25 valves", ""),
        ("Price for DN25 valves", "In-Reply-To: <1@brightvalve.example>\n"),
    ],
)
def test_the_subject_of_an_answer_is_history(subject: str, headers: str) -> None:
    assert kinds(mail("Noted, thanks.", subject, headers)) == set()


def test_an_answer_without_a_text_only_suggests_what_its_subject_says() -> None:
    signals = signals_of(mail("", "Re: Price for DN25 valves, 500 pcs"), side=Side.CUSTOMER)
    assert signals
    assert all(one.confidence < THRESHOLD for one in signals)


FORWARDED = """
---------- Forwarded message ----------
From: Ann <ann@other.example>
Date: Mon, 2 Mar 2026
Subject: valves
To: Tom <tom@buyer.example>

Please send us your best price for 500 pcs.
"""


def test_what_a_mail_passes_on_is_not_its_senders_word() -> None:
    assert kinds(mail("FYI, nothing to do." + FORWARDED, "Fwd: valves")) == set()


def test_above_what_is_passed_on_the_sender_speaks() -> None:
    reading = mail("Please send two samples to Ann." + FORWARDED, "Fwd: valves")
    assert kinds(reading) == {Kind.SAMPLE_REQUEST}
    [signal] = signals_of(reading, side=Side.CUSTOMER)
    assert reading.new_text[signal.start :].startswith(signal.evidence)


def test_a_forward_without_a_word_only_suggests() -> None:
    signals = signals_of(mail(FORWARDED, "Fwd: valves"), side=Side.CUSTOMER)
    assert [one.kind for one in signals] == [Kind.QUOTE_REQUEST]
    assert signals[0].confidence < THRESHOLD


def test_automatic_mail_holds_no_signal() -> None:
    reading = mail("Please send your best price.", "Automatic reply: hello", "Auto-Submitted: auto-replied\n")
    assert signals_of(reading, side=None) == []


def test_who_wrote_is_told_by_the_words_when_nobody_knows() -> None:
    assert kinds(mail("Please find attached our quotation for 500 pcs."), None) == {Kind.QUOTE_SENT}
    assert kinds(mail("Please send us your best quotation for 500 pcs."), None) == {Kind.QUOTE_REQUEST}
    assert kinds(mail("We are a professional SEO company, please find attached our price list."), None) == set()


def test_details_stand_beside_the_signal() -> None:
    [signal] = signals_of(
        mail("Please quote 500 pcs of ball valve DN25, CIF Hamburg."), side=None, products=["ball valve"]
    )
    assert signal.as_json()["details"] == {
        "products": ["ball valve"],
        "quantity": {"amount": "500", "unit": "pcs"},
        "incoterm": "CIF",
        "port": "Hamburg",
    }


def test_a_short_mail_that_names_a_product_and_a_quantity_is_an_inquiry() -> None:
    [signal, *_] = signals_of(mail("500 pcs LED 30W, Hamburg"), side=Side.CUSTOMER, products=["LED 30W"])
    assert (signal.kind, signal.rule, signal.evidence) == (Kind.INQUIRY, "product.named", "500 pcs LED 30W, Hamburg")
    assert signal.details.products == ("LED 30W",)


@pytest.mark.parametrize("text", ["LED 30W", "500 pcs LED 40W, Hamburg", "500 pcs LED 30W arrived broken."])
def test_a_product_alone_is_no_inquiry(text: str) -> None:
    signals = signals_of(mail(text), side=Side.CUSTOMER, products=["LED 30W"])
    assert Kind.INQUIRY not in {one.kind for one in signals}


def test_a_file_in_the_home_folder_stands_in_for_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "config" / "signals" / "en.toml"
    own.parent.mkdir(parents=True)
    own.write_text(
        'language = "en"\n[[rule]]\nid = "mine"\nkind = "order"\nany = ["banana"]\nexamples = ["a banana"]\n',
        encoding="utf-8",
    )
    assert [one.rule for one in signals_of(mail("One banana."), side=Side.CUSTOMER, home=tmp_path)] == ["en.mine"]
    assert rulebook(tmp_path).version != rulebook(None).version


def test_every_shipped_language_is_in_force() -> None:
    shipped_codes = {path.stem for path in (shipped.shipped_folder("config") / "signals").glob("*.toml")}
    assert set(codes()) == shipped_codes == {one.code for one in rulebook().languages}
