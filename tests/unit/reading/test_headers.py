"""Header values come out readable, on one line, however they were encoded."""

from __future__ import annotations

import base64
import quopri

import pytest

from inboxcrm.reading import envelope, headers


def subject(value: bytes) -> str:
    return envelope(b"Subject: " + value + b"\r\n\r\n").subject


def word(text: str, charset: str, label: str = "") -> bytes:
    return b"=?%b?B?%b?=" % ((label or charset).encode(), base64.b64encode(text.encode(charset)))


CHINESE = "询盘:黄铜球阀 DN25 报价"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain text", "plain text"),
        (b"=?utf-8?Q?Caf=C3=A9_au_lait?=", "Café au lait"),
        (b"=?ISO-8859-1?q?Stra=DFe?=", "Straße"),
        (b"=?utf-8*de?q?M=C3=BCller?=", "Müller"),
        (word(CHINESE, "utf-8"), CHINESE),
        (word(CHINESE, "gb18030", "gb2312"), CHINESE),
        (word("镕基 㐀", "gb18030", "GB2312"), "镕基 㐀"),
        (word("價格查詢", "big5"), "價格查詢"),
        (word("お見積もり", "iso-2022-jp"), "お見積もり"),
        (word("見積①", "cp932", "Shift_JIS"), "見積①"),
        (word("견적 문의", "cp949", "ks_c_5601-1987"), "견적 문의"),
        (word("Запрос цены", "koi8-r"), "Запрос цены"),
        (word("Запрос цены", "cp1251", "windows-1251"), "Запрос цены"),
        (word("طلب سعر", "cp1256", "windows-1256"), "طلب سعر"),
        (word("Müller", "utf-8", "iso-8859-1"), "Müller"),
        (word("€ 5,–", "cp1252", "iso-8859-1"), "€ 5,–"),
        (word(CHINESE, "utf-8", "unknown-8bit"), CHINESE),
        (word(CHINESE, "gb18030", "x-unknown"), CHINESE),
        (word("Größe", "cp1252", "unknown-8bit"), "Größe"),
        (CHINESE.encode(), CHINESE),
        (CHINESE.encode("gb18030"), CHINESE),
        ("價格查詢與訂單".encode("big5"), "價格查詢與訂單"),
        ("Запрос цены на клапаны".encode("cp1251"), "Запрос цены на клапаны"),
        ("Angebot für Größe 5".encode("latin-1"), "Angebot für Größe 5"),
        ("Proposición año próximo".encode("cp1252"), "Proposición año próximo"),
        ("견적 요청서를 보내드립니다".encode("cp949"), "견적 요청서를 보내드립니다"),
        ("MÃ¼ller grÃ¼ÃŸt".encode(), "Müller grüßt"),
        (b"\x1b$B8+@Q\x1b(B", "見積"),
        (b"one\r\n two", "one two"),
        (b"=?utf-8?q?one?=\r\n =?utf-8?q?_two?=", "one two"),
        (b"=?utf-8?q?one?= two", "one two"),
        (b"one=?utf-8?q?_two?=", "one two"),
        (b'"=?utf-8?q?quoted?="', '"quoted"'),
        (b"=?utf-8?q?with a space?=", "with a space"),
        (b"=?utf-8?Q?what?=C3=A9?=", "what?é"),
        (b"=?utf-8?B?5Lit5paH", "中文"),
        (b"=?utf-8?Q?no_end", "no end"),
        (b"=?utf-8?B?5Lit5paH?", "中文"),
        (b"=?utf-8?B?5Lit=?utf-8?B?5paH?=", "中文"),
        (b"=?utf-8?B?5Lit5paH===?=", "中文"),
        (b"=?utf-8?B?5Li t5p aH?=", "中文"),
        (b"=?NONE?B?VEVTVA==?=", "TEST"),
        (b"=?utf-8?X?nothing?=", "=?utf-8?X?nothing?="),
        (b"a\x00b", "ab"),
        (b"a\x07b", "a b"),
        (b"=?utf-8?Q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        (b"=?utf-8?Q?a=ED=A0=80b?=", "a\ufffdb"),
        (b"=?utf-8?Q?=ED=A0=BD=ED=B8=80?=", "😀"),
        (b"=?utf-7?Q?+AOk-t+AOk-?=", "été"),
    ],
)  # fmt: skip
def test_a_value_is_decoded(raw: bytes, text: str) -> None:
    assert subject(raw) == text


@pytest.mark.parametrize("cut", range(1, 20))
@pytest.mark.parametrize("encoding", ["B", "Q"])
def test_characters_cut_in_two_between_words_are_put_together(cut: int, encoding: str) -> None:
    data = CHINESE.encode()
    encode = (
        base64.b64encode
        if encoding == "B"
        else lambda piece: quopri.encodestring(piece, header=True).replace(b"=\n", b"")
    )
    words = [b"=?UTF-8?%b?%b?=" % (encoding.encode(), encode(piece)) for piece in (data[:cut], data[cut:])]
    assert subject(b"\r\n ".join(words)) == CHINESE


def test_a_field_may_have_a_blank_before_its_colon_and_any_case() -> None:
    assert envelope(b"SUBJECT : one\nsubject: two\n\n").subject == "one"


def test_of_two_fields_the_first_that_says_something_counts() -> None:
    assert envelope(b"Subject: \nSubject: two\n\n").subject == "two"


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_any_line_end_ends_a_line(end: bytes) -> None:
    found = envelope(end.join([b"From: a@b.example", b"Subject: one", b" two", b"", b"body"]))
    assert (found.sender.address, found.subject) == ("a@b.example", "one two")


def test_a_missing_blank_line_ends_the_header_where_the_text_begins() -> None:
    raw = b"From: a@b.example\nSubject: s\nHello Anna,\nfrom: here on it is text\n"
    header, start = headers.split(raw)
    assert raw[start:].startswith(b"Hello Anna")
    assert header.problems


def test_a_broken_line_among_fields_does_not_end_the_header() -> None:
    header, _ = headers.split(b"From: a@b.example\nrest of something\nSubject: s\nTo: c@d.example\n\nbody")
    assert header.text("subject") == "s"
    assert header.text("to") == "c@d.example"


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@b> <c@d>", ("a@b", "c@d")),
        ("<a@b>\t<a@b>", ("a@b",)),
        ("<a@b>,<c@d>", ("a@b", "c@d")),
        ("a@b c@d", ("a@b", "c@d")),
        ("<a b@c>", ("ab@c",)),
        ('Your message of Monday "x" <a@b>', ("a@b",)),
        ("", ()),
        ("no id here", ()),
    ],
)
def test_ids_stand_without_brackets_each_once(value: str, ids: tuple[str, ...]) -> None:
    assert headers.message_ids(value) == ids


def test_the_envelope_tells_what_the_reading_tells() -> None:
    from inboxcrm.reading import read

    raw = (
        b"Message-ID: <1@buyer.example>\nIn-Reply-To: <0@us.example>\nReferences: <r@us.example> <0@us.example>\n"
        b"From: =?utf-8?q?J=C3=B6rg?= <joerg@buyer.example>\nTo: a@us.example\nCc: b@us.example\nBcc: c@us.example\n"
        b"Reply-To: d@buyer.example\nSubject: Re: offer\nDate: Mon, 4 May 2026 10:00:00 +0200\n\nhello"
    )
    found, reading = envelope(raw), read(raw)
    for name in (
        "message_id",
        "in_reply_to",
        "references",
        "sender",
        "to",
        "cc",
        "bcc",
        "reply_to",
        "subject",
        "date_header",
    ):
        assert getattr(found, name) == getattr(reading, name), name
    assert (found.likely_automatic, found.likely_bounce) == (False, False)
    assert found.message_id == "1@buyer.example"
    assert found.references == ("r@us.example", "0@us.example")
