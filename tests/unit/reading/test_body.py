"""Which of a mail's parts are its text, which are files, and what lies inside it."""

from __future__ import annotations

import base64
from email.message import EmailMessage

import pytest

from inboxcrm.reading import Attachment, Reading, read

HEAD = b"From: Anna <anna@buyer.example>\nTo: lina@us.example\nSubject: s\nDate: Mon, 4 May 2026 10:00:00 +0000\nMIME-Version: 1.0\n"


def mail(*lines: str | bytes) -> Reading:
    return read(HEAD + b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))


def multipart(kind: str, *parts: str, boundary: str = "b") -> str:
    inside = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{inside}--{boundary}--\n'


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nPlease quote 500 pcs."
HTML = "Content-Type: text/html; charset=utf-8\n\n<p>Please <b>quote</b> 500 pcs.</p>"
PDF = 'Content-Type: application/pdf; name="po.pdf"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="po.pdf"\n\nJVBERi0='


def test_plain_text_is_preferred_to_the_same_text_in_html() -> None:
    assert mail(multipart("alternative", PLAIN, HTML)).new_text == "Please quote 500 pcs."


@pytest.mark.parametrize(
    "stub",
    [
        "",
        " \n\u200b\n\u00a0",
        "Your mail client does not support HTML.",
        "This is an HTML message. Please use an HTML capable mail program.",
        "Diese E-Mail enthält HTML. Ihr Programm unterstützt kein HTML.",
        "您的邮件客户端不支持HTML格式",
        "View this email in your browser",
    ],
)
def test_html_is_taken_where_the_plain_text_says_nothing(stub: str) -> None:
    html = HTML.replace("</p>", "</p><p>We also need the certificate of origin and the packing list.</p>")
    assert mail(
        multipart("alternative", f"Content-Type: text/plain; charset=utf-8\n\n{stub}", html)
    ).new_text.startswith("Please quote 500 pcs.")


def test_a_short_answer_is_no_stub() -> None:
    html = f"Content-Type: text/html\n\n<p>OK, noted.</p>{'<p>On Monday Lina wrote: our offer in full length again</p>' * 9}"
    assert mail(multipart("alternative", "Content-Type: text/plain\n\nOK, noted.", html)).new_text == "OK, noted."


def test_the_texts_of_a_mixed_mail_are_joined_around_its_files() -> None:
    reading = mail(multipart("mixed", PLAIN, PDF, "Content-Type: text/plain\n\nThe second page follows by courier."))
    assert reading.new_text.split("\n") == ["Please quote 500 pcs.", "The second page follows by courier."]
    assert reading.attachments == (Attachment("po.pdf", "application/pdf", 5),)


def test_apple_mail_puts_files_between_pieces_of_html() -> None:
    inner = multipart("mixed", HTML, PDF, "Content-Type: text/html\n\n<p>And this.</p>", boundary="i")
    reading = mail(multipart("alternative", "Content-Type: text/plain\n\n", inner))
    assert reading.new_text.split() == ["Please", "quote", "500", "pcs.", "And", "this."]
    assert [one.name for one in reading.attachments] == ["po.pdf"]


def test_undeclared_alternatives_are_said_once() -> None:
    assert mail(multipart("mixed", PLAIN, HTML)).new_text == "Please quote 500 pcs."


def test_a_text_file_is_the_text_where_there_is_no_other() -> None:
    attached = 'Content-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename="order.txt"\n\n500 pcs please'
    reading = mail(multipart("mixed", "Content-Type: text/plain\n\n", attached))
    assert reading.new_text == "500 pcs please"
    assert [one.name for one in reading.attachments] == ["order.txt"]
    assert mail(multipart("mixed", PLAIN, attached)).new_text == "Please quote 500 pcs."


INNER = "Content-Type: message/rfc822\nContent-Disposition: attachment\n\nFrom: Bob <bob@buyer.example>\nSubject: old order\n\nThe old text."


def test_an_attached_mail_is_the_text_where_there_is_no_other() -> None:
    reading = mail(multipart("mixed", "Content-Type: text/plain\n\n", INNER))
    assert (reading.new_text, reading.forwarded) == ("The old text.", True)
    assert [(one.name, one.type) for one in reading.attachments] == [("old order.eml", "message/rfc822")]


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64",
        'Content-Type: application/octet-stream; name="old order.eml"\nContent-Transfer-Encoding: base64',
    ],
)
def test_an_attached_mail_may_be_encoded_as_a_whole(head: str) -> None:
    content = base64.encodebytes(INNER.partition("\n\n")[2].encode()).decode()
    reading = mail(multipart("mixed", "Content-Type: text/plain\n\n", f"{head}\n\n{content}"))
    assert (reading.new_text, reading.forwarded) == ("The old text.", True)
    assert [one.name for one in reading.attachments] == ["old order.eml"]


def test_an_attached_mail_follows_the_text_under_its_own_head() -> None:
    reading = mail(multipart("mixed", PLAIN, INNER))
    assert reading.forwarded
    assert (
        reading.new_text
        == "Please quote 500 pcs.\n\nFrom: Bob <bob@buyer.example>\nSubject: old order\n\nThe old text."
    )


def test_the_size_of_a_file_whose_body_was_left_out_is_what_its_disposition_says() -> None:
    reduced = 'Content-Type: application/pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="po.pdf"; size=123456\n\n'
    assert mail(multipart("mixed", PLAIN, reduced)).attachments == (Attachment("po.pdf", "application/pdf", 123456),)


def test_pictures_that_decorate_are_no_attachments_and_named_ones_are() -> None:
    logo = "Content-Type: image/png\nContent-ID: <logo@x>\nContent-Disposition: inline\nContent-Transfer-Encoding: base64\n\niVBORw0K"
    photo = logo.replace("inline", 'inline; filename="photo.png"')
    assert [one.name for one in mail(multipart("related", HTML, logo, photo)).attachments] == ["photo.png"]


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename=\"Angebot.pdf\"", "Angebot.pdf"),
        ("attachment; filename=my order.pdf", "my order.pdf"),
        ("attachment; filename*=UTF-8''%E6%8A%A5%E4%BB%B7.pdf", "报价.pdf"),
        ("attachment; filename*=gb18030''%B1%A8%BC%DB.pdf", "报价.pdf"),
        ("attachment; filename*0*=UTF-8''%E6%8A; filename*1*=%A5%E4%BB%B7; filename*2=.pdf", "报价.pdf"),
        ("attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"),
        ("attachment; filename=\"plain.pdf\"; filename*=UTF-8''%E6%8A%A5.pdf", "报.pdf"),
        ('attachment; filename="=?utf-8?B?5oql5Lu3LnBkZg==?="', "报价.pdf"),
        ('attachment; filename="=?utf-8?B?5oql?= =?utf-8?B?5Lu3LnBkZg==?="', "报价.pdf"),
        ('attachment; filename="报价.pdf"', "报价.pdf"),
        ('attachment; filename="%E6%8A%A5%E4%BB%B7.pdf"', "报价.pdf"),
        ('attachment; filename="100%.pdf"', "100%.pdf"),
        ('attachment; filename="a;b.pdf"', "a;b.pdf"),
        ('attachment; filename="a\\"b.pdf"', 'a"b.pdf'),
        ('attachment; filename="unclosed.pdf', "unclosed.pdf"),
        ('attachment; filename="gpj.\u202eexe"', "gpj.exe"),
        ("attachment", ""),
    ],
)  # fmt: skip
def test_a_file_name_is_decoded(disposition: str, name: str) -> None:
    part = f"Content-Type: application/pdf\nContent-Disposition: {disposition}\n\nx"
    assert [one.name for one in mail(multipart("mixed", PLAIN, part)).attachments] == [name]


def test_a_raw_gbk_file_name_is_read() -> None:
    part = (
        b'--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename="'
        + "报价单.pdf".encode("gbk")
        + b'"\n\nx\n--b--\n'
    )
    assert mail("Content-Type: multipart/mixed; boundary=b\n", part).attachments[0].name == "报价单.pdf"


@pytest.mark.parametrize(
    ("charset", "label"),
    [
        ("gb18030", "gb2312"), ("gb18030", "GBK"), ("gb18030", ""), ("gb18030", "unknown-8bit"), ("gb18030", "iso-8859-1"),
        ("utf-8", "us-ascii"), ("utf-8", "iso-8859-1"), ("utf-8", "x-unknown"), ("utf-8", ""), ("utf-8", "utf8"), ("utf-8", '"UTF-8"'),
        ("utf-8", "utf-8; format=flowed"), ("utf-16", "utf-16"), ("utf-7", "utf-7"),
    ],
)  # fmt: skip
def test_chinese_text_is_read_under_wrong_labels(charset: str, label: str) -> None:
    text = "您好,请报价黄铜球阀,数量五百件。谢谢!"
    field = f"Content-Type: text/plain; charset={label}\n" if label else ""
    assert mail(f"{field}Content-Transfer-Encoding: 8bit\n".encode(), text.encode(charset)).new_text == text


@pytest.mark.parametrize(
    ("charset", "label", "text"),
    [
        ("cp1251", "windows-1251", "Прошу выслать цену на краны."),
        ("cp1251", "", "Прошу выслать цену на краны."),
        ("koi8-r", "koi8-r", "Прошу выслать цену на краны."),
        ("cp1252", "iso-8859-1", "Preis: 5,– € „netto“"),
        ("cp1250", "iso-8859-2", "Prosím o nabídku – „děkuji“"),
        ("cp1254", "iso-8859-9", "Teşekkürler, fiyatı bekliyoruz – “hemen”"),
        ("cp1256", "windows-1256", "نحتاج عرض سعر"),
        ("iso-2022-jp", "iso-2022-jp", "お見積もりをお願いします。"),
        ("iso-2022-jp", "us-ascii", "お見積もりをお願いします。"),
        ("cp932", "shift_jis", "お見積もり①をお願いします。"),
        ("cp932", "", "お見積もりをお願いします。よろしくお願いいたします。"),
        ("euc_jp", "euc-jp", "お見積もりをお願いします。"),
        ("cp949", "ks_c_5601-1987", "견적을 부탁드립니다 똠방"),
        ("big5", "big5", "請報價銅球閥五百件"),
        ("cp874", "tis-620", "ขอใบเสนอราคา"),
        ("cp1258", "windows-1258", "Xin gửi báo giá"),
    ],
)  # fmt: skip
def test_text_is_read_in_its_character_set(charset: str, label: str, text: str) -> None:
    import unicodedata

    data = (
        text.encode(charset) if charset != "cp1258" else unicodedata.normalize("NFC", "Xin gi báo giá").encode("cp1258")
    )
    expected = text if charset != "cp1258" else "Xin gi báo giá"
    assert mail(f"Content-Type: text/plain; charset={label}\n" if label else "", data).new_text == expected


BASE64 = base64.b64encode("Grüße aus Köln, bitte 500 Stück anbieten.".encode() * 4).decode()
TEXT = "Grüße aus Köln, bitte 500 Stück anbieten." * 4


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("base64", BASE64),
        ("BASE64", "\n".join(BASE64[start : start + 60] for start in range(0, len(BASE64), 60))),
        ("base-64", BASE64),
        ('"base64"', BASE64),
        ("base64;", BASE64),
        ("base64", BASE64.rstrip("=")),
        ("base64", BASE64[:80] + "\n\x0c*\n" + BASE64[80:]),
        ("", "\n".join(BASE64[start : start + 76] for start in range(0, len(BASE64), 76))),
    ],
)
def test_base64_is_read_however_it_is_broken(encoding: str, data: str) -> None:
    field = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    assert mail(f"Content-Type: text/plain; charset=utf-8\n{field}", data).new_text == TEXT


def test_text_under_a_label_of_base64_is_text() -> None:
    assert mail(
        "Content-Transfer-Encoding: base64\n", "This is no base64, it is a plain sentence."
    ).new_text.startswith("This is no base64")


def test_what_a_list_appended_to_base64_stays_readable() -> None:
    reading = mail(
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n",
        BASE64,
        "_____",
        "Our list of the trade",
    )
    assert "Our list of the trade" in reading.new_text + reading.signature


@pytest.mark.parametrize(
    ("encoding", "data", "text"),
    [
        ("quoted-printable", "Gr=C3=BC=C3=9Fe aus K=\n=C3=B6ln", "Grüße aus Köln"),
        ("quoted-printable", "5 = 5, =ZZ and a trailing =", "5 = 5, =ZZ and a trailing"),
        ("Quoted Printable", "Gr=C3=BC=C3=9Fe", "Grüße"),
        ("quoted-printable;", "Gr=C3=BC=C3=9Fe", "Grüße"),
        ("8-bits", "Grüße", "Grüße"),
        ("nonsense", "Grüße", "Grüße"),
        ("", "Gr=C3=BC=C3=9Fe aus K=\n=C3=B6ln and one more li=\nne", "Grüße aus Köln and one more line"),
        ("", "a = 5 and b = 6", "a = 5 and b = 6"),
        ("", "https://x.example/?a=3D", "https://x.example/?a=3D"),
    ],
)
def test_quoted_printable_and_odd_labels(encoding: str, data: str, text: str) -> None:
    field = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    assert mail(f"Content-Type: text/plain; charset=utf-8\n{field}", data).new_text == text


def test_a_file_written_into_the_text_by_uuencode_is_an_attachment() -> None:
    reading = mail("", "See the file.", "begin 644 order.txt", "#0V%T", "`", "end", "Thanks")
    assert reading.new_text.split() == ["See", "the", "file.", "Thanks"]
    assert reading.attachments == (Attachment("order.txt", "application/octet-stream", 3),)


def test_flowed_lines_are_joined_and_quotes_stay_quotes() -> None:
    reading = mail(
        "Content-Type: text/plain; format=flowed\n",
        "This is one \nparagraph.\n stuffed\n> quoted \n> on\n-- \nAnna\n",
    )
    assert "This is one paragraph." in reading.new_text
    assert "quoted on" in " ".join((reading.quoted_text + reading.new_text).split())


def test_delsp_removes_the_blank_at_the_joint() -> None:
    assert (
        mail("Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\n", "请报价 \n五百件\n").new_text
        == "请报价五百件"
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/mixed",
        'multipart/mixed; boundary="wrong"',
        "multipart/mixed; boundary=",
        "multipart/alternative; boundary=b; boundary=c",
        'multipart/mixed; boundary="b',
    ],
)
def test_parts_are_found_without_their_boundary(content_type: str) -> None:
    body = f"--b\n{PLAIN}\n--b\n{PDF}\n--b--\n"
    reading = mail(f"Content-Type: {content_type}\n", body)
    assert reading.new_text == "Please quote 500 pcs."
    assert [one.name for one in reading.attachments] == ["po.pdf"]


def test_a_mail_cut_off_in_a_part_keeps_what_came() -> None:
    reading = mail(multipart("mixed", PLAIN, PDF).rpartition("JVBE")[0])
    assert reading.new_text == "Please quote 500 pcs."
    assert reading.problems


@pytest.mark.parametrize(
    "wrapped", [b"From anna@buyer.example Mon May  4 10:00:00 2026\n", b"\xef\xbb\xbf", b"\r\n\r\n", b">From x\n"]
)
def test_what_programs_put_before_a_mail_is_passed_over(wrapped: bytes) -> None:
    reading = read(wrapped + HEAD + b"\nhello")
    assert (reading.sender.address, reading.new_text) == ("anna@buyer.example", "hello")


def test_a_mail_saved_as_utf_16_is_read() -> None:
    text = HEAD.decode() + "\nGrüße"
    for data in (text.encode("utf-16"), text.encode("utf-16-le"), text.encode("utf-16-be")):
        assert (read(data).sender.address, read(data).new_text) == ("anna@buyer.example", "Grüße")


@pytest.mark.parametrize("kind", ["plain/text", "text", "text/txt", "", "TEXT/PLAIN", "text\\plain"])
def test_misspelt_types_of_text_are_text(kind: str) -> None:
    assert mail(f"Content-Type: {kind}\n", "hello").new_text == "hello"


def test_a_signed_mail_gives_its_text() -> None:
    signature = "Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----"
    reading = mail(multipart("signed", PLAIN, signature))
    assert (reading.new_text, reading.attachments, reading.problems) == ("Please quote 500 pcs.", (), ())


@pytest.mark.parametrize(
    "encrypted",
    [
        multipart(
            "encrypted",
            "Content-Type: application/pgp-encrypted\n\nVersion: 1",
            "Content-Type: application/octet-stream\n\nx",
        ),
        'Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\nContent-Transfer-Encoding: base64\n\nMIAG',
        "\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n",
    ],
)
def test_an_encrypted_mail_says_so(encrypted: str) -> None:
    assert any("encrypted" in problem for problem in mail(encrypted).problems)


def test_text_signed_in_the_text_loses_its_armour() -> None:
    armoured = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nPlease quote.\n- -- dashes\n-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n"
    assert mail("", armoured).new_text.startswith("Please quote.")
    assert "PGP" not in mail("", armoured).new_text


def ber(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


@pytest.mark.parametrize("indefinite", [False, True])
def test_an_opaque_signed_mail_gives_the_mail_inside(indefinite: bool) -> None:
    inner = b"Content-Type: text/plain; charset=utf-8\r\n\r\nPlease quote 500 pcs.\r\n"
    data, signed = ber(6, bytes.fromhex("2a864886f70d010701")), ber(6, bytes.fromhex("2a864886f70d010702"))
    octets = b"\x24\x80" + ber(4, inner[:20]) + ber(4, inner[20:]) + b"\0\0" if indefinite else ber(4, inner)
    block = ber(
        0x30, signed + ber(0xA0, ber(0x30, ber(2, b"\1") + ber(0x31, b"") + ber(0x30, data + ber(0xA0, octets))))
    )
    head = 'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\nContent-Transfer-Encoding: base64\n'
    reading = mail(head, base64.b64encode(block))
    assert (reading.new_text, reading.problems) == ("Please quote 500 pcs.", ())


def test_winmail_dat_is_an_attachment_with_a_problem() -> None:
    tnef = 'Content-Type: application/ms-tnef; name="winmail.dat"\nContent-Transfer-Encoding: base64\n\neJ8+Ig=='
    reading = mail(multipart("mixed", PLAIN, tnef))
    assert [one.name for one in reading.attachments] == ["winmail.dat"]
    assert any("winmail.dat" in problem for problem in reading.problems)


def test_an_ordinary_mail_has_no_problems() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", "Größe"
    message["Date"], message["Message-ID"] = "Mon, 04 May 2026 10:00:00 +0000", "<1@b.example>"
    message.set_content("Grüße")
    message.add_alternative("<p>Grüße</p>", subtype="html")
    message.add_attachment(b"x" * 100_000, maintype="application", subtype="pdf", filename="Größe.pdf")
    reading = read(message.as_bytes())
    assert reading.problems == ()
    assert reading.attachments == (Attachment("Größe.pdf", "application/pdf", 100_000),)
