"""The reduced mail: what is asked for, and that the answers make a mail that reads like the whole one."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.mailbox.reduced import MOST_PARTS, MOST_TEXT, SMALL, cut, decoded_size, plan, rebuild
from inboxcrm.mailbox.structure import Part

PLAIN = Part("1", "text/plain", (("charset", b"utf-8"),), encoding="8bit", size=5_000)
PDF = Part(
    "2", "application/pdf", encoding="base64", size=780_000, disposition="attachment",
    disposition_parameters=(("filename", b"a.pdf"),),
)  # fmt: skip


def mixed(*parts: Part, boundary: bytes = b"xyz") -> Part:
    return Part("", "multipart/mixed", (("boundary", boundary),), children=parts)


def names(tree: Part) -> list[str]:
    return [name for name, _limit in plan(tree)]


def parsed(raw: bytes) -> email.message.EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    return message


def test_texts_are_asked_for_and_attachments_are_not() -> None:
    assert names(mixed(PLAIN, PDF)) == ["1"]


def test_a_text_is_limited() -> None:
    assert plan(mixed(replace(PLAIN, size=50_000_000))) == (("1", MOST_TEXT),)
    assert plan(mixed(PLAIN)) == (("1", 0),)


def test_an_attached_text_is_asked_for_only_when_little_else_is_said() -> None:
    attached = Part(
        "2", "text/plain", size=3_000, disposition="attachment", disposition_parameters=(("filename", b"a.txt"),)
    )
    assert names(mixed(PLAIN, attached)) == ["1"]
    assert names(mixed(replace(PLAIN, size=20), attached)) == ["1", "2"]
    assert names(mixed(attached)) == ["2"]


def test_reports_are_asked_for_whatever_they_are_called() -> None:
    status = Part(
        "2", "message/delivery-status", size=400, disposition="attachment", parameters=(("name", b"details.txt"),)
    )
    headers = Part("3", "text/rfc822-headers", size=400, disposition="attachment")
    assert names(mixed(PLAIN, status, headers)) == ["1", "2", "3"]


def test_of_a_large_attached_message_header_and_texts_are_asked_for() -> None:
    inner = Part("2", "multipart/mixed", children=(replace(PLAIN, section="2.1"), replace(PDF, section="2.2")))
    attached = Part("2", "message/rfc822", size=790_000, message=inner)
    assert names(mixed(PLAIN, attached)) == ["1", "2.HEADER", "2.1"]


def test_a_small_attached_message_is_taken_as_it_is() -> None:
    attached = Part("2", "message/rfc822", size=SMALL, message=replace(PLAIN, section="2.1"))
    assert names(mixed(PLAIN, attached)) == ["1", "2"]


def test_a_mail_of_countless_texts_is_limited() -> None:
    texts = [replace(PLAIN, section=str(number)) for number in range(1, 500)]
    assert len(names(mixed(*texts))) == MOST_PARTS


HEADER = b"From: a@b.example\r\nContent-Type: multipart/mixed;\r\n\tboundary=xyz\r\nSubject: hi\r\n\r\n"


def test_the_rebuilt_mail_has_the_header_and_the_text_and_describes_the_attachment() -> None:
    message = parsed(rebuild(HEADER, mixed(PLAIN, PDF), {"1": "Grüße\r\n".encode()}))
    text, pdf = message.iter_parts()
    assert (message["From"], message["Subject"]) == ("a@b.example", "hi")
    assert text.get_content().splitlines() == ["Grüße"]
    assert (pdf.get_filename(), pdf.get_content_type()) == ("a.pdf", "application/pdf")
    assert abs(int(pdf["Content-Disposition"].params["size"]) - 570_000) < 1_000
    assert pdf.get_payload() == ""


def test_each_content_field_stands_once() -> None:
    header = HEADER.replace(b"Subject", b"content-type: text/plain\r\nCONTENT-TRANSFER-ENCODING: base64\r\nSubject")
    message = parsed(rebuild(header, mixed(PLAIN), {"1": b"hello"}))
    assert message.get_all("Content-Type") == ['multipart/mixed; boundary="xyz"']
    assert message["Content-Transfer-Encoding"] is None


def test_names_in_rfc_2231_and_rfc_2047_and_with_quotes_survive() -> None:
    parts = [
        replace(PDF, section="1", disposition_parameters=(("filename*", b"utf-8''%E8%AF%A2%E4%BB%B7.pdf"),)),
        replace(
            PDF,
            section="2",
            disposition_parameters=(("filename*0*", b"utf-8''%E8%AF%A2"), ("filename*1*", b"%E4%BB%B7")),
        ),
        replace(PDF, section="3", disposition_parameters=(("filename", b'say "hi" \\ bye.pdf'),)),
    ]
    message = parsed(rebuild(HEADER, mixed(*parts), {}))
    assert [part.get_filename() for part in message.iter_parts()] == ["询价.pdf", "询价", 'say "hi" \\ bye.pdf']


def test_line_breaks_in_a_name_add_no_field() -> None:
    part = replace(PDF, disposition_parameters=(("filename", b"a\r\nSubject: evil\r\n\r\n.pdf"),))
    message = parsed(rebuild(HEADER, mixed(part), {}))
    assert message["Subject"] == "hi"
    [attachment] = message.iter_parts()
    assert attachment["Subject"] is None


def test_a_boundary_that_cannot_be_used_is_replaced() -> None:
    for boundary in (b"", b'a"b', b"x" * 300, b"a\r\nb", "ü".encode()):
        message = parsed(rebuild(HEADER, mixed(PLAIN, PDF, boundary=boundary), {"1": b"hello"}))
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "application/pdf"]


def test_what_the_server_only_assumes_is_not_claimed() -> None:
    text = replace(PLAIN, parameters=(("charset", b"us-ascii"),))
    [part] = parsed(rebuild(HEADER, mixed(text), {"1": b"hello"})).iter_parts()
    assert part.get_param("charset") is None


def test_a_section_that_did_not_come_is_described_like_an_attachment() -> None:
    [part] = parsed(rebuild(HEADER, mixed(PLAIN), {})).iter_parts()
    assert part["Content-Disposition"].params["size"] == "5000"


def test_a_section_that_reached_its_limit_is_cut_to_whole_lines() -> None:
    assert cut(b"abcd\r\nefgh\r\nij", 14) == b"abcd\r\nefgh\r\n"
    assert cut(b"short", 14) == b"short"
    assert len(cut(b"x" * 1_002, 1_002)) == 1_000


def test_the_size_of_a_base64_part_is_that_of_the_file() -> None:
    import base64

    for size in (1, 57, 1_000, 123_456):
        encoded = base64.encodebytes(bytes(size)).replace(b"\n", b"\r\n")
        assert abs(decoded_size(replace(PDF, size=len(encoded))) - size) <= 2


_LEAVES = st.builds(
    Part,
    section=st.just(""),
    type=st.sampled_from(["text/plain", "text/html", "application/pdf", "image/png", "text/calendar"]),
    encoding=st.sampled_from(["", "7bit", "base64", "quoted-printable", "x-unknown"]),
    size=st.integers(0, 10**9),
    disposition=st.sampled_from(["", "inline", "attachment"]),
    disposition_parameters=st.lists(st.tuples(st.just("filename"), st.binary(max_size=30)), max_size=1).map(tuple),
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.builds(
        Part,
        section=st.just(""),
        type=st.sampled_from(["multipart/mixed", "multipart/alternative", "multipart/related"]),
        parameters=st.binary(max_size=30).map(lambda boundary: (("boundary", boundary),)),
        children=st.lists(inner, min_size=1, max_size=4).map(tuple),
    ),
    max_leaves=12,
)


def numbered(part: Part, section: str = "") -> Part:
    """The tree with the section numbers of RFC 3501."""
    prefix = f"{section}." if section else ""
    children = tuple(numbered(child, f"{prefix}{number}") for number, child in enumerate(part.children, 1))
    return replace(part, section=section or ("" if children else "1"), children=children)


@given(tree=_TREES, text=st.text(alphabet="abc \n=-äß询", max_size=200))
def test_any_tree_is_rebuilt_with_the_same_parts(tree: Part, text: str) -> None:
    # One boundary inside another that begins alike is a fault of the mail; a sender's program never makes one.
    tree = _with_own_boundaries(numbered(tree))
    sections = {name: text.encode() for name in names(tree)}
    message = email.message_from_bytes(rebuild(b"From: a@b.example\r\n\r\n", tree, sections))
    assert [part.get_content_type() for part in message.walk()] == [part.type for part in tree.walk()]


def _with_own_boundaries(part: Part) -> Part:
    boundary = b"b" + part.section.replace(".", "_").encode() + b"_end"
    children = tuple(map(_with_own_boundaries, part.children))
    return replace(part, parameters=(("boundary", boundary),) if children else part.parameters, children=children)
