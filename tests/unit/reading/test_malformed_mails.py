"""Mails that broke other parsers: none raises, each is the same twice, and what a person can see comes out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from inboxcrm.reading import Reading, envelope, read

SAYS_NOTHING = frozenset(
    {
        # Nothing but a picture, a file, a rule, or no body at all.
        "attachment_emails-attachment_message_rfc822_inline_image",
        "attachment_emails-attachment_only_email",
        "attachment_emails-attachment_with_quoted_filename",
        "error_emails-bad_date_header",
        "error_emails-bad_date_header2",
        "error_emails-empty_in_reply_to",
        "error_emails-missing_body",
        "error_emails-missing_content_disposition",
        "error_emails-must_supply_encoding",
        "mime_emails-raw_email_with_binary_encoded",
    }
)

FACTS = {
    # File → what is seen in it, as pairs of a field of the Reading and (a part of) its value.
    "attachment_emails-attachment_message_rfc822": {"new_text": "Just attaching another PDF", "attachments": "ForwardedMessage.eml"},
    "attachment_emails-attachment_nonascii_filename": {"attachments": "ciële.txt"},
    "attachment_emails-attachment_pdf": {"subject": "Another PDF with 🎉 Unicode chars in it 🍿", "attachments": "broken.pdf"},
    "attachment_emails-attachment_with_base64_encoded_name": {"attachments": "This is a test.pdf", "new_text": "Test attachments"},
    "attachment_emails-attachment_with_quoted_filename": {"subject": "Eelanalüüsi päring", "attachments": "Eelanalüüsi päring.jpg"},
    "attachment_emails-attachment_with_unquoted_name": {"attachments": "This is a test.txt"},
    "error_emails-bad_encoded_subject": {"subject": "TEST", "new_text": "TEST"},
    "error_emails-cant_parse_from": {"sender": "News@InsideApple.Apple.com", "new_text": "MacBook Pro"},
    "error_emails-content_transfer_encoding_empty": {"subject": "大補泡麵專賣"},
    "error_emails-content_transfer_encoding_qp_with_space": {"new_text": "If you're in need of a good RX site"},
    "error_emails-content_transfer_encoding_text-html": {"new_text": "You have qualified for the lowest rate"},
    "error_emails-content_transfer_encoding_with_8bits": {"all": "PROVANTAGE"},
    "error_emails-content_transfer_encoding_x_uuencode": {"attachments": "PGP_Cmts_on_12-14-01_Pkg.doc", "new_text": "Public Generating Pool"},
    "error_emails-empty_group_lists": {"new_text": "Attention Beneficiary"},
    "error_emails-encoding_madness": {"subject": "eBay Bid - 2008 Ford Super Duty F-350", "new_text": "Body Text"},
    "error_emails-invalid_subject_characters": {"subject": "Formação FrenetikPolis", "sender": "Formação Frenetikpolis"},
    "error_emails-multiple_content_types": {"new_text": "foo"},
    "error_emails-multiple_references_with_one_invalid": {"references": "baz@bar.net", "new_text": "foo"},
    "error_emails-new_line_in_to_header": {"to": "e-s-a-g-8718@app.ar.com", "new_text": "<prospect>"},
    "error_emails-trademark_character_in_subject": {"subject": "has a lead for you"},
    "error_emails-weird_to_header": {"to": "user-example@aol.com"},
    "mime_emails-email_with_similar_boundaries": {"new_text": "Test", "attachments": "LOGO.png"},
    "mime_emails-raw_email11": {"to": "xxxxx@xxxxx", "new_text": "XXXXX Xxxxx"},
    "mime_emails-raw_email7": {"attachments": "test.rb", "new_text": "This is the first part."},
    "mime_emails-raw_email_encoded_stack_level_too_deep": {"subject": "Nicolas Fouché has accepted", "new_text": "Nicolas Fouché"},
    "mime_emails-raw_email_with_illegal_boundary": {"new_text": "This is an outlook test"},
    "mime_emails-raw_email_with_nested_attachment": {"attachments": "truncated.png", "new_text": "Here is a test of an attachment"},
    "mime_emails-raw_email_with_quoted_illegal_boundary": {"new_text": "So there."},
    "mime_emails-sig_only_email": {"new_text": "This is random text"},
    "mime_emails-two_from_in_message": {"sender": "tester1@test.com", "new_text": "When sending email"},
    "multi_charset-japanese": {"subject": "まみむめも", "to": "みける", "new_text": "かきくえこ"},
    "multi_charset-japanese_attachment": {"attachments": "てすと.txt"},
    "multi_charset-japanese_attachment_long_name": {"attachments": "かきくけこかきくけこかきくけこかきくけこかきくけこ.txt"},
    "multi_charset-japanese_iso_2022": {"subject": "まみむめも", "new_text": "すみません。"},
    "multi_charset-japanese_shift_jis": {"new_text": "このメールはテスト用のメールです。"},
    "multi_charset-ks_c_5601-1987": {"new_text": "스티해"},
    "multipart_report_emails-multi_address_bounce1": {"bounce": "kfhejkfbsjkjsbhds@gmail.com"},
    "multipart_report_emails-multipart_report_multiple_status": {"bounce": "u@ci.com", "new_text": "has restricted SMS e-mail"},
    "multipart_report_emails-report_422": {"bounce": "fraser@oooooooo.com.au"},
    "multipart_report_emails-report_530": {"bounce": "edwin@zzzzzzz.com"},
    "plain_emails-raw_email": {"subject": "NOTE: 한국말로 하는 것", "new_text": "대부분의 마찬가지로"},
    "plain_emails-raw_email5": {"all": "Envoyé par le service de messagerie texte"},
    "plain_emails-raw_email6": {"all": "Envoyé par le service de messagerie texte"},
    "plain_emails-raw_email10": {"all": "Envoyé par le service de messagerie texte"},
    "plain_emails-raw_email_bad_time": {"date": "2008-06-30", "sender": "Атиковa"},
    "plain_emails-raw_email_incorrect_header": {"subject": "Stop adware/spyware", "new_text": "You are infected"},
    "plain_emails-raw_email_multiple_from": {"sender": "tim@powerupdev.com", "to": "concierge@powerupdev.com", "problems": "several senders"},
    "plain_emails-raw_email_string_in_date_field": {"date": "2008-09-20"},
    "plain_emails-raw_email_with_at_display_name": {"to": "Mikel@Lindsaar", "problems": "several senders"},
    "plain_emails-raw_email_with_partially_quoted_subject": {"subject": 'Re: Test: "漢字" mid "漢字" tail'},
    "rfc2822-example03": {"cc": 'Giant; "Big" Box', "new_text": "Hi everyone."},
    "rfc2822-example10": {"sender": "pete@silly.test", "to": "c@public.example"},
    "rfc2822-example11": {"to": "jdoe@test.example"},
    "rfc2822-example13": {"sender": "jdoe@machine.example", "to": "mary@example.net", "message_id": "1234@local.machine.example", "date": "1997-11-21T15:55:06"},
    "rfc2822-example14": {"subject": "Re: TEST テストテスト"},
    "rfc6532-utf8_headers": {"sender": "jdöe@mächine.example", "to": "märy@exämple.net", "subject": "Säying Hello"},
}  # fmt: skip


def everything(reading: Reading) -> str:
    return "\n".join((reading.new_text, reading.quoted_text, reading.signature))


@pytest.fixture(scope="module")
def readings(corpora: Path) -> dict[str, Reading]:
    return {path.stem: read(path.read_bytes()) for path in sorted((corpora / "malformed").glob("*.eml"))}


def test_each_malformed_mail_is_read_and_says_something(corpora: Path, readings: dict[str, Reading]) -> None:
    assert len(readings) == 103
    for name, reading in readings.items():
        json.dumps(reading.as_json(), ensure_ascii=False).encode("utf-8")
        assert read((corpora / "malformed" / f"{name}.eml").read_bytes()) == reading
        assert bool(everything(reading).strip()) is (name not in SAYS_NOTHING), name


@pytest.mark.parametrize("name", FACTS)
def test_what_a_person_sees_comes_out(readings: dict[str, Reading], name: str) -> None:
    reading = readings[name]
    for field, expected in FACTS[name].items():
        if field == "all":
            value = everything(reading)
        elif field == "date":
            assert reading.date is not None
            value = reading.date.isoformat()
        else:
            value = (
                str(getattr(reading, field))
                if not isinstance(getattr(reading, field), str)
                else getattr(reading, field)
            )
        assert expected in value.replace("\\'", "'"), (field, value)


def test_the_words_of_every_plain_text_mail_are_all_there(corpora: Path, readings: dict[str, Reading]) -> None:
    for name, reading in readings.items():
        raw = (corpora / "malformed" / f"{name}.eml").read_bytes().replace(b"\r\n", b"\n")
        header, _, body = raw.partition(b"\n\n")
        if (
            not body.isascii()
            or re.search(rb"(?i)multipart|text/html|message/|base64|quoted-printable", header)
            or b"--b" in body
        ):
            continue
        words = set(re.findall(r"[A-Za-z]{4,}", body.decode("ascii")))
        missing = words - set(re.findall(r"[A-Za-z]{4,}", everything(reading)))
        assert not missing or name == "error_emails-multiple_references_with_one_invalid", (name, missing)


def test_the_envelope_agrees_with_the_reading(corpora: Path, readings: dict[str, Reading]) -> None:
    for name, reading in readings.items():
        found = envelope((corpora / "malformed" / f"{name}.eml").read_bytes())
        assert (found.sender, found.to, found.subject, found.message_id) == (
            reading.sender,
            reading.to,
            reading.subject,
            reading.message_id,
        ), name


@pytest.mark.parametrize(
    ("fields", "body", "expected"),
    [
        ("Content-Type: text/plain; charset=utf-8", "نرجو ارسال عرض السعر للمضخات".encode("cp1256"), "نرجو ارسال عرض"),
        ("Content-Type: text/plain", "Добрый день, пришлите прайс на насосы".encode("koi8-r"), "пришлите прайс"),
        ("Content-Transfer-Encoding: base64", b"SGVsbG8gd29ybGQgdGhpcyBpcyBhIG1haWw!!=\n=====\n", "Hello world"),
        ("Content-Transfer-Encoding: base64", b"Hello, this is text. We need 500 pcs.", "We need 500 pcs."),
        ("Content-Transfer-Encoding: quoted-printable (yes)", b"Gr=C3=B6=C3=9Fe", "Größe"),
    ],
)
def test_wrong_labels_and_damage_do_not_hide_the_text(fields: str, body: bytes, expected: str) -> None:
    assert expected in read(f"From: a@b.example\n{fields}\n\n".encode() + body).new_text


def test_doubled_angle_brackets_are_no_part_of_the_address() -> None:
    assert [one.address for one in read(b"To: <<amy@x.example>>, 'b' <b@y.example>\n\nx").to] == [
        "amy@x.example",
        "b@y.example",
    ]
