"""Descriptions of parts (BODYSTRUCTURE) become trees, however servers vary them; nonsense is a ValueError, never anything else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.mailbox.structure import Part, part_tree

TEXT = (b"TEXT", b"PLAIN", (b"CHARSET", b"utf-8"), None, None, b"QUOTED-PRINTABLE", 120, 4, None, None, None, None)
HTML = (b"text", b"html", (b"charset", b"utf-8"), None, None, b"base64", 400, 9, None, None, None, None)
PDF = (
    *(b"application", b"pdf", (b"name", b"a.pdf"), b"<id@x>", None, b"base64", 78_000, None),
    *((b"attachment", (b"filename", b"a.pdf")), None, None),
)


def sections(part: Part) -> list[tuple[str, str]]:
    return [(one.section, one.type) for one in part.walk()]


def test_a_mail_of_one_text_is_section_1() -> None:
    assert sections(part_tree(TEXT)) == [("1", "text/plain")]


def test_parts_of_parts_are_numbered_with_dots() -> None:
    alternative = (TEXT, HTML, b"ALTERNATIVE", (b"BOUNDARY", b"b2"), None, None, None)
    tree = part_tree((alternative, PDF, b"MIXED", (b"BOUNDARY", b"b1"), None, None, None))
    assert sections(tree) == [
        ("", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2", "application/pdf"),
    ]
    assert tree.parameter("boundary") == b"b1"


def test_a_list_of_parts_is_the_same_as_parts_in_a_row() -> None:
    in_a_row = (TEXT, PDF, b"mixed", None, None, None, None)
    assert part_tree(([TEXT, PDF], b"mixed", None, None, None, None)) == part_tree(in_a_row)


def test_name_size_and_disposition_of_an_attachment_are_read() -> None:
    part = part_tree(PDF)
    assert (part.disposition, part.disposition_parameters) == ("attachment", ((("filename"), b"a.pdf"),))
    assert (part.size, part.encoding, part.content_id, part.has_name) == (78_000, "base64", b"<id@x>", True)


@pytest.mark.parametrize("parameter", [b"filename*", b"filename*0*", b"filename*0", b"FILENAME"])
def test_a_name_in_any_notation_is_a_name(parameter: bytes) -> None:
    described = (*PDF[:2], None, *PDF[3:8], (b"attachment", (parameter, b"utf-8''a.pdf")))
    assert part_tree(described).has_name


def test_a_language_is_not_taken_for_a_disposition() -> None:
    assert part_tree((*TEXT[:9], None, (b"en-US",), None)).disposition == ""
    assert part_tree((*TEXT[:9], None, (b"en", b"de"), None)).disposition == ""


@pytest.mark.parametrize("disposition", [b"INLINE", (b"inline", None), (b"Inline", (b"size", b"4"))])
def test_a_disposition_is_read_in_each_of_its_forms(disposition: Any) -> None:
    assert part_tree((*TEXT[:9], disposition, None, None)).disposition == "inline"


def test_the_text_of_an_attached_message_is_numbered_below_it() -> None:
    envelope = (None,) * 10
    message = (b"message", b"rfc822", None, None, None, b"7bit", 900, envelope, TEXT, 30, None, None, None, None)
    tree = part_tree((TEXT, message, b"mixed", (b"boundary", b"b"), None))
    attached = tree.children[1]
    assert attached.message is not None
    assert (attached.section, attached.message.section) == ("2", "2.1")


def test_the_parts_of_an_attached_multipart_message_are_numbered_below_it() -> None:
    envelope = (None,) * 10
    inner = (TEXT, HTML, b"alternative", (b"boundary", b"i"), None)
    message = (b"message", b"rfc822", None, None, None, b"7bit", 900, envelope, inner, 30, None, None, None, None)
    tree = part_tree((TEXT, message, b"mixed", (b"boundary", b"b"), None))
    attached = tree.children[1].message
    assert attached is not None
    assert [one.section for one in attached.children] == ["2.1", "2.2"]


def test_missing_extension_data_is_no_error() -> None:
    assert part_tree(TEXT[:8]).type == "text/plain"
    assert part_tree((TEXT, b"mixed")).type == "multipart/mixed"


@pytest.mark.parametrize("nonsense", [None, (), (None,), b"text", (b"text",), 7, ((),), (TEXT[:4],)])
def test_another_shape_is_a_value_error(nonsense: Any) -> None:
    with pytest.raises(ValueError, match=r"shape|parts|unpack"):
        part_tree(nonsense)


def test_a_mail_of_countless_parts_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="parts"):
        part_tree((*(TEXT,) * 5_000, b"mixed"))


_ATOMS = st.none() | st.integers(0, 10**12) | st.binary(max_size=12) | st.sampled_from([b"text", b"message", b"rfc822"])


@given(st.recursive(_ATOMS, lambda inner: st.lists(inner, max_size=12).map(tuple), max_leaves=60))
def test_any_answer_is_a_tree_or_a_value_error(described: Any) -> None:
    try:
        part_tree(described)
    except ValueError:
        return
