"""Private mail leaves no trace: by sender and domain, in either direction, but a mail that concerns others too is kept."""

from __future__ import annotations

import pytest

from inboxcrm.reading import envelope
from inboxcrm.service.privacy import Private
from inboxcrm.settings import Privacy

ME = "lina@brightvalve.example"
PRIVATE = Private.of(
    Privacy(exclude_senders=("Mum@Home.example",), exclude_domains=("bank.example", "@clinic.example")), [ME]
)


@pytest.mark.parametrize(
    ("sender", "to", "excluded"),
    [
        ("mum@home.example", ME, True),
        ("Mum <MUM@HOME.example>", ME, True),
        ("dad@home.example", ME, False),
        ("news@bank.example", ME, True),
        ("news@mail.bank.example", ME, True),
        ("news@notbank.example", ME, False),
        ("doctor@clinic.example", ME, True),
        (ME, "mum@home.example", True),
        (ME, f"mum@home.example, {ME}", True),
        (ME, "mum@home.example, anna@ahlers.example", False),
        (ME, "anna@ahlers.example", False),
        (ME, "", False),
        ("anna@ahlers.example", f"{ME}, mum@home.example", False),
    ],
)
def test_what_is_private(sender: str, to: str, excluded: bool) -> None:
    header = f"From: {sender}\r\nTo: {to}\r\nSubject: Hello\r\n\r\n".encode()

    assert PRIVATE.excludes(envelope(header)) is excluded


def test_without_private_people_nothing_is_asked() -> None:
    assert not Private.of(Privacy(), [ME])
    assert PRIVATE
