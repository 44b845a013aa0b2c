"""Bounces: whether a mail says that one of ours did not arrive, at which addresses, and whether for good.

A delivery report (RFC 3464) is believed first, then what the server wrote in words, last what flufl.bounce makes of it.
A report of success is no bounce, and neither is a person's mail that speaks of one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from inboxcrm.reading import addresses, automatic, bounce_text, delivery_status, headers
from inboxcrm.reading.bounce_words import DAEMON_NAMES, DAEMONS, DELAYED, LISTS, REASONS_SOFT, SUBJECTS, TEXTS
from inboxcrm.reading.reading import Bounce, BounceKind, FailedRecipient

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from inboxcrm.reading.headers import Header
    from inboxcrm.reading.mime import Mail, Part
    from inboxcrm.reading.reading import Address

OPINION = 20_000
"""Bytes of a mail that flufl.bounce is asked about; its time grows with the square."""

_REPLY_CODE = re.compile(r"(?<![\d.#/])([45])\d\d(?=[ :;,-]|$)(?!\.\d)")
_REPORT = re.compile(rb"(?i)report-type\s*=\s*\"?delivery-status")


def likely(header: Header, sender: Address) -> bool:
    """Whether the header looks like a bounce: then its text is worth fetching. Says yes rather too often."""
    return (
        "x-failed-recipients" in header
        or _REPORT.search(header.raw("content-type")) is not None
        or _from_daemon(header, sender)
        or (_no_return_path(header) and "list-id" not in header)
    )


def of(mail: Mail, sender: Address, subject: str, text: str) -> Bounce | None:
    """The bounce that a mail is, or None; `text` is its visible text.

    A mail is a bounce when a report in it names a failed recipient, or when a mail system wrote it and says so in words.
    """
    header, root = mail.header, mail.root
    reported = delivery_status.outcomes(root)
    failed = [one for one in reported if one.failed]
    if (reported or not likely(header, sender)) and not failed and delivery_status.NOTIFICATION not in text:
        return None
    notice, behind = bounce_text.parted(text)
    in_words = _said(subject, SUBJECTS) or _said(notice[:5000], TEXTS)
    daemon = _from_daemon(header, sender) or _REPORT.search(header.raw("content-type")) is not None
    # A person's machine answers without a return path too; then "could not be delivered" is about its own forwarding.
    by_machine = daemon or (_no_return_path(header) and not automatic.answers_for_a_person(header, subject))
    if not failed:
        failed = delivery_status.of_notification(text)
    if not failed and by_machine:
        failed = [one for one in delivery_status.in_text(text) if one.failed]
    if not failed and "x-failed-recipients" not in header and not (in_words and by_machine):
        return None
    returned = _returned_header(root, behind)
    own = _own(header, returned)
    recipients = _by_report(failed, returned, notice) or _by_header(header, notice)
    if not recipients:
        recipients = [(one.address, "", one.reason) for one in bounce_text.named(notice, own)]
        if not recipients and not daemon:
            return None
    if not recipients:
        reason = " ".join(notice.split())[: bounce_text.LONGEST_REASON]
        recipients = [(address, "", reason) for address in _addressed(returned, own) or _opinion(mail, own)]
    delayed = bool(failed) and all(one.action == "delayed" for one in failed)
    delayed = delayed or (not failed and _said(f"{subject}\n{notice[:3000]}", DELAYED))
    return Bounce(
        tuple(
            FailedRecipient(address, _kind(status, reason, delayed=delayed), status, reason)
            for address, status, reason in _coded(_distinct(recipients), notice)
        ),
        headers.message_id(returned.text("message-id")) or delivery_status.original_message_id(root),
    )


def _from_daemon(header: Header, sender: Address) -> bool:
    """Whether a mail system is named as the sender."""
    local = sender.address.partition("@")[0].lower()
    name = sender.name.lower()
    if local in DAEMONS or local.startswith("microsoftexchange") or name in DAEMONS or name.startswith(DAEMON_NAMES):
        return True
    return (not sender.address and "from" in header and not name) or (local.endswith(LISTS) and "list-id" not in header)


def _no_return_path(header: Header) -> bool:
    """Whether answers to the mail go nowhere (RFC 5321 4.5.5)."""
    path = header.raw("return-path").strip()
    return path in (b"<>", b"< >") or path.lower().startswith((b"<mailer-daemon", b"mailer-daemon"))


def _said(text: str, words: Iterable[str]) -> bool:
    folded = " ".join(text.lower().split())
    return any(word in folded for word in words)


def _returned_header(root: Part, behind: str) -> Header:
    """The header of our mail as far as the bounce brings it back."""
    for part in _machine_parts(root):
        if part.type in ("message/rfc822", "message/global") and part.children:
            return part.children[0].header
        if part.type in ("text/rfc822-headers", "message/rfc822-headers", "message/partial"):
            return headers.split(part.data().lstrip())[0] if not part.children else part.children[0].header
        if (
            part.disposition == "attachment"
            and part.type == "text/plain"
            and (found := bounce_text.returned_header(part.text()[:20_000])).fields
        ):
            return found
    return bounce_text.returned_header(behind)


def _machine_parts(part: Part) -> Iterator[Part]:
    yield part
    if not part.type.startswith("message/"):
        for child in part.children:
            yield from _machine_parts(child)


def _own(header: Header, returned: Header) -> frozenset[str]:
    """The addresses of the sender of the returned mail: to them the bounce was sent."""
    ours = [
        *addresses.parse(header.all_raw("to")),
        *addresses.parse(header.all_raw("delivered-to")),
        *addresses.parse(header.all_raw("x-original-to")),
    ]
    for name in ("from", "return-path", "reply-to", "sender"):
        ours += addresses.parse(returned.all_raw(name))
    return frozenset(addresses.normal(one.address) for one in ours)


def _addressed(returned: Header, own: frozenset[str]) -> list[str]:
    """Whom the returned mail was addressed to, if that is one address only: with several one can't tell which failed."""
    found = [one.address for one in addresses.parse([*returned.all_raw("to"), *returned.all_raw("cc")])]
    others = [one for one in found if addresses.normal(one) not in own]
    return others if len(others) == 1 else found if len(found) == 1 else []


def _by_report(failed: list[delivery_status.Outcome], returned: Header, notice: str) -> list[tuple[str, str, str]]:
    """Address, status and reason of each reported recipient. The address is the one that we wrote to: the server's own may be
    an alias behind it."""
    addressed = {
        addresses.normal(one.address) for one in addresses.parse([*returned.all_raw("to"), *returned.all_raw("cc")])
    }
    expanded = bounce_text.expanded_from(notice) if len(failed) == 1 else []
    found = []
    for one in failed:
        choices = [address for address in (one.original, *expanded, one.final) if address]
        if not choices:
            continue
        address = next((choice for choice in choices if addresses.normal(choice) in addressed), choices[0])
        says_something = any(map(str.isalpha, one.diagnostic))
        reason = one.diagnostic if says_something else bounce_text.reason_about(notice, one.final or address)
        found.append((address, _precise(one.status, one.diagnostic), reason[: bounce_text.LONGEST_REASON]))
    return found


def _precise(status: str, diagnostic: str) -> str:
    """The status, made precise by the diagnostic where the report only says the class ("5.0.0")."""
    other = delivery_status.status_of(diagnostic)
    if not status or (status.endswith(".0.0") and other[:1] == status[:1]):
        return other or status
    return status


def _by_header(header: Header, notice: str) -> list[tuple[str, str, str]]:
    """The recipients that exim, Gmail and others name in X-Failed-Recipients."""
    return [
        (one.address, "", bounce_text.reason_about(notice, one.address))
        for one in addresses.parse(header.all_raw("x-failed-recipients"))
    ]


def _opinion(mail: Mail, own: frozenset[str]) -> list[str]:
    """What flufl.bounce finds where we find nothing."""
    import email  # noqa: PLC0415 - seldom needed

    from flufl.bounce import scan_message  # noqa: PLC0415

    try:
        found = scan_message(email.message_from_bytes(mail.raw[:OPINION]))
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return []
    texts = [address.decode("utf-8", "replace") for address in found]
    return [one for one in sorted(texts) if "@" in one and " " not in one and addresses.normal(one) not in own]


def _distinct(recipients: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    found: dict[str, tuple[str, str, str]] = {}
    for one in recipients:
        found.setdefault(addresses.normal(one[0]), (headers.folded(one[0]), one[1], headers.folded(one[2])))
    return list(found.values())


def _coded(recipients: list[tuple[str, str, str]], notice: str) -> list[tuple[str, str, str]]:
    """Adds the status that the words name; a single recipient's may stand anywhere in the notice."""
    elsewhere = delivery_status.status_of(notice) if len(recipients) == 1 else ""
    return [
        (
            address,
            status or delivery_status.status_of(reason) or ("" if _REPLY_CODE.search(reason) else elsewhere),
            reason,
        )
        for address, status, reason in recipients
    ]


def _kind(status: str, reason: str, *, delayed: bool) -> BounceKind:
    """RFC 3463: class 5 is permanent, class 4 is not. Without a code the SMTP reply decides, then the words."""
    if delayed:
        return BounceKind.SOFT
    if status:
        return BounceKind.HARD if status[0] == "5" else BounceKind.SOFT
    if reply := _REPLY_CODE.search(reason):
        return BounceKind.HARD if reply[1] == "5" else BounceKind.SOFT
    if _said(reason, REASONS_SOFT) and not _said(reason, ("no such", "unknown user", "user unknown")):
        return BounceKind.SOFT
    return BounceKind.HARD
