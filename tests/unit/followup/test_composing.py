"""A draft becomes one well-formed mail: nothing of it can forge a header, and any server can take it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.followup.composing import (
    Composed,
    Document,
    Letter,
    Person,
    UnsendableError,
    compose,
    draft_copy,
    wire_address,
)
from inboxcrm.model import DRAFT_FIELD
from inboxcrm.reading import read

LETTER = Letter(
    message_id="draft-1.abc@brightvalve.example",
    at=datetime(2026, 6, 1, 8, tzinfo=UTC),
    sender=Person("Lina Chen", "lina@brightvalve.example"),
    to=(Person("Anna Ahlers", "anna@nordlicht.de"),),
    subject="Re: Ball valves",
    body="Dear Anna,\n\nour prices stand until Friday.\n\nBest regards\nLina",
    in_reply_to="q1@nordlicht.de",
    references=("q0@nordlicht.de", "q1@nordlicht.de"),
    quoted="On Monday Anna wrote:\n> Please quote 500 pcs.\n> > earlier",
    language="en",
)


def parsed(data: bytes) -> EmailMessage:
    mail = message_from_bytes(data, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    return mail


def shown(data: bytes, kind: str) -> str:
    part = parsed(data).get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n").rstrip("\n")


def is_fit_for_any_server(data: bytes) -> bool:
    lines = data.split(b"\r\n")
    return data.isascii() and all(len(line) <= 998 and b"\n" not in line and b"\r" not in line for line in lines)


def test_a_letter_has_its_people_its_thread_and_both_texts() -> None:
    composed = compose(LETTER)
    mail = parsed(composed.data)
    assert (composed.envelope_from, composed.recipients) == ("lina@brightvalve.example", ("anna@nordlicht.de",))
    assert mail["From"] == "Lina Chen <lina@brightvalve.example>"
    assert mail["To"] == "Anna Ahlers <anna@nordlicht.de>"
    assert mail["Subject"] == "Re: Ball valves"
    assert mail["Message-ID"] == "<draft-1.abc@brightvalve.example>"
    assert mail["In-Reply-To"] == "<q1@nordlicht.de>"
    assert mail["References"].split() == ["<q0@nordlicht.de>", "<q1@nordlicht.de>"]
    assert mail["Date"].datetime == LETTER.at
    html = shown(composed.data, "html")
    assert shown(composed.data, "plain") == LETTER.body + "\n\n" + LETTER.quoted
    assert "<p>Best regards<br>\nLina</p>" in html
    assert html.count("<blockquote") == 2
    reading = read(composed.data, outgoing=True)
    assert "prices stand until Friday" in reading.new_text
    assert "500 pcs" not in reading.new_text


def test_the_same_letter_is_always_the_same_bytes() -> None:
    letter = replace(LETTER, documents=(Document("catalogue.pdf", b"%PDF", "application/pdf"),))
    assert compose(letter) == compose(letter)


def test_bcc_reaches_them_without_standing_in_the_mail() -> None:
    boss = Person("", "boss@brightvalve.example")
    composed = compose(replace(LETTER, bcc=(boss,)))
    assert composed.recipients == ("anna@nordlicht.de", "boss@brightvalve.example")
    assert b"boss@" not in composed.data
    assert parsed(composed.filed)["Bcc"] == "boss@brightvalve.example"
    assert parsed(draft_copy(replace(LETTER, bcc=(boss,))))["Bcc"] == "boss@brightvalve.example"


def test_only_the_copy_among_the_drafts_names_the_draft() -> None:
    composed = compose(LETTER)
    assert DRAFT_FIELD.encode() not in composed.data + composed.filed
    assert parsed(draft_copy(LETTER))[DRAFT_FIELD] == LETTER.message_id


def test_who_stands_twice_gets_it_once() -> None:
    anna = Person("A.", "Anna@Nordlicht.DE")
    assert compose(replace(LETTER, cc=(anna,), bcc=(anna,))).recipients == ("anna@nordlicht.de",)


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: all@evil.example", "x\nTo: a@b.c", "x\rFrom: a@b.c", "x\0y", "x\u2028y", "x\x85y"]
)
def test_no_field_can_begin_another_one(evil: str) -> None:
    for letter in (
        replace(LETTER, subject=evil),
        replace(LETTER, to=(Person(evil, "anna@nordlicht.de"),)),
        replace(LETTER, cc=(Person("", f"anna@nordlicht.de{evil}"),)),
        replace(LETTER, bcc=(Person("", f"{evil}@nordlicht.de"),)),
        replace(LETTER, sender=Person(evil, "lina@brightvalve.example")),
        replace(LETTER, message_id=evil),
        replace(LETTER, documents=(Document(evil, b"", "application/pdf"),)),
    ):
        with pytest.raises(UnsendableError):
            compose(letter)
        with pytest.raises(UnsendableError):
            draft_copy(letter)
    ids = parsed(compose(replace(LETTER, in_reply_to=evil, references=(evil, "a@b.c"))).data)
    assert ids["In-Reply-To"] is None
    assert ids["References"] == "<a@b.c>"


@pytest.mark.parametrize(
    "address",
    ["", "anna", "a b@c.de", "a@", "@c.de", "a@b@c.de", "<a@c.de>", "a@c de", "a@c.de, d@e.fr", "a@ex..\u00e4"],
)
def test_what_is_no_address_is_named(address: str) -> None:
    with pytest.raises(UnsendableError):
        compose(replace(LETTER, to=(Person("", address),)))


def test_domains_in_any_script_go_as_ascii_and_are_not_mistaken_for_others() -> None:
    assert wire_address("anna@münchen.de") == "anna@xn--mnchen-3ya.de"
    assert wire_address("anna@straße.de") == "anna@xn--strae-oqa.de"  # not strasse.de, which is somebody else's
    assert wire_address("用户@例子.中国") == "用户@xn--fsqu00a.xn--fiqs8s"
    assert is_fit_for_any_server(compose(replace(LETTER, to=(Person("", "anna@münchen.de"),))).data)


def test_an_address_beyond_ascii_stands_in_the_header_as_it_is() -> None:
    composed = compose(replace(LETTER, to=(Person("用户", "用户@nordlicht.de"),)))
    assert composed.recipients == ("用户@nordlicht.de",)
    assert "<用户@nordlicht.de>".encode() in composed.data


def test_a_draft_without_recipients_or_text_is_not_sent_but_kept_among_the_drafts() -> None:
    with pytest.raises(UnsendableError, match="nobody"):
        compose(replace(LETTER, to=()))
    with pytest.raises(UnsendableError, match="empty"):
        compose(replace(LETTER, body=" \n"))
    assert parsed(draft_copy(replace(LETTER, to=(), body="")))["To"] is None


def test_long_ids_stay_whole_and_only_so_many_are_kept() -> None:
    ids = tuple(f"{number}{'x' * 200}@outlook.example" for number in range(60))
    mail = parsed(compose(replace(LETTER, references=ids, in_reply_to=ids[-1])).data)
    kept = mail["References"].split()
    assert kept == [f"<{one}>" for one in (ids[0], *ids[-19:])]
    assert mail["In-Reply-To"] == f"<{ids[-1]}>"


def test_over_long_lines_and_any_letters_are_encoded() -> None:
    letter = replace(
        LETTER, subject="x" * 3000, body="y" * 5000 + "\n" + "价格" * 2000, to=(Person("Ω" * 300, "anna@nordlicht.de"),)
    )
    composed = compose(letter)
    assert is_fit_for_any_server(composed.data)
    mail = parsed(composed.data)
    assert mail["Subject"] == "x" * 3000
    assert shown(composed.data, "plain").startswith(letter.body)


def test_documents_keep_their_names_in_any_script() -> None:
    documents = (
        Document("目录 2026.pdf", b"%PDF-1", "application/pdf"),
        Document("prices.csv", b"a;b\r\n1;2\r\n", "text/csv"),
        Document("old.eml", b"Subject: x\r\n\r\nx", "message/rfc822"),
        Document("x.bin", b"\0\1\2", "nonsense"),
    )
    composed = compose(replace(LETTER, documents=documents))
    assert is_fit_for_any_server(composed.data)
    found = {part.get_filename(): part.get_payload(decode=True) for part in parsed(composed.data).iter_attachments()}
    assert found == {one.name: one.data for one in documents}


def test_a_text_written_from_right_to_left_says_so() -> None:
    html = shown(compose(replace(LETTER, language="ar", body="مرحبا")).data, "html")
    assert '<html lang="ar" dir="rtl">' in html


def test_what_looks_like_html_stays_text_and_links_can_be_clicked() -> None:
    body = "<script>alert(1)</script> & see https://x.example/a?b=1&c=2."
    html = shown(compose(replace(LETTER, body=body)).data, "html")
    assert "<script>" not in html
    assert '<a href="https://x.example/a?b=1&amp;c=2">https://x.example/a?b=1&amp;c=2</a>.' in html


def test_a_thousand_layers_of_quotes_are_no_trouble() -> None:
    assert compose(replace(LETTER, quoted=">" * 2000 + " deep")).data


_texts = st.text(st.characters(codec="utf-8"), max_size=200)
_fields = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Cs")), max_size=120)


@given(subject=_fields, name=_fields, body=_texts, quoted=_texts, file=_fields.filter(str.strip))
def test_any_text_comes_through(subject: str, name: str, body: str, quoted: str, file: str) -> None:
    letter = replace(
        LETTER,
        subject=subject,
        to=(Person(name, "anna@nordlicht.de"),),
        body="x" + body,
        quoted=quoted,
        documents=(Document(file, b"data", "application/pdf"),),
    )
    composed: Composed = compose(letter)
    assert is_fit_for_any_server(composed.data)
    reading = read(composed.data, outgoing=True)
    assert [one.address for one in reading.to] == ["anna@nordlicht.de"]
    assert reading.message_id == LETTER.message_id
    # The reader mends subjects that look garbled, so the header is asked itself.
    written = str(message_from_bytes(composed.data, policy=policy.default)["Subject"])
    assert " ".join(written.split()) == " ".join(subject.split())
    fields = [line.split(b":")[0] for line in re.split(rb"\r\n(?![ \t])", composed.data.partition(b"\r\n\r\n")[0])]
    assert sorted(fields) == sorted({*fields})
    assert b"Bcc" not in fields
