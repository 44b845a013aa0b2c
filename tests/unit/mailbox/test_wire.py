"""What is said of a mail's lines to an outgoing server."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.mailbox.wire import on_the_wire

MAILS = st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"..", b"a", b"", b"Hello"]), max_size=12).map(b"".join)


@given(MAILS)
def test_lines_end_with_crlf_and_dots_at_their_beginning_are_doubled(data: bytes) -> None:
    said = on_the_wire(data)
    assert said.endswith(b"\r\n")
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", said)
    # Its reader takes the doubled dots away (RFC 5321 4.5.2), and has the mail.
    read = re.sub(rb"(?m)^\.", b"", said)
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
    assert read == (lines if lines.endswith(b"\r\n") else lines + b"\r\n")


@given(MAILS)
def test_no_mail_ends_itself(data: bytes) -> None:
    assert b"\r\n.\r\n" not in b"\r\n" + on_the_wire(data)
