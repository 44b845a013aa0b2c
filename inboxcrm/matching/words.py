"""Every match in words: why a mail stands in a customer's log, how sure that is, and what speaks against its sender."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inboxcrm.i18n import _, ngettext
from inboxcrm.matching.rules import DOMAIN, SURE
from inboxcrm.model import LogEntry, MatchedBy


def explain(entry: LogEntry) -> str:
    """Why the entry stands in this log, as one sentence with its evidence."""
    return reason(
        entry.matched_by, entry.confidence, entry.match_facts, by=entry.created_by, is_mail=bool(entry.message_id)
    )


def sureness(confidence: float) -> str:
    """How sure a match is, in a word or two."""
    if confidence >= SURE:
        return _("certain")
    return _("likely") if confidence >= DOMAIN else _("uncertain")


def reason(
    by_what: MatchedBy, confidence: float, facts: Mapping[str, Any], *, by: str = "", is_mail: bool = True
) -> str:
    """The sentence for a match with these facts (see `inboxcrm.matching.rules`)."""
    address, customers = facts.get("address", ""), int(facts.get("customers", 1))
    if by_what is MatchedBy.PERSON:
        if not is_mail:
            return _("Written by {person}.").format(person=by or "?")
        return _("{person} said so.").format(person=by or "?")
    if by_what is MatchedBy.ADDRESS:
        return _by_address(address, str(facts.get("role", "")), customers, confidence, str(facts.get("writer", "")))
    if by_what is MatchedBy.THREAD:
        if customers > 1:
            text = ngettext(
                "{address} is unknown, but answers in a conversation with {count} customer.",
                "{address} is unknown, but answers in a conversation with {count} customers.",
                customers,
            )
            return text.format(address=address, count=customers)
        return _("{address} is unknown, but takes part in a conversation with this customer.").format(address=address)
    if by_what is MatchedBy.DOMAIN:
        return _("{address} is unknown, but its domain {domain} is this customer's.").format(
            address=address, domain=facts.get("domain", "")
        )
    if facts.get("role") == "complaint":
        return _("{address} reported our mail as spam.").format(address=address or "?")
    if facts.get("thread"):
        return _("The mail that could not be delivered belongs to a conversation with this customer.")
    return _("Our mail to {address} could not be delivered.").format(address=address)


def doubt(warning: Mapping[str, Any]) -> str:
    """What speaks against the sender of an entry (one of its `warnings`)."""
    if warning.get("kind") == "look_alike":
        return _(
            "The sender {address} looks like {of}, but is not. Check by phone before you believe or pay anything."
        ).format(address=warning.get("address", ""), of=warning.get("of", ""))
    return _(
        "The mail provider could not verify the sender: the mail may be forged. It changes nothing until you confirm it."
    )


def _by_address(address: str, role: str, customers: int, confidence: float, writer: str) -> str:
    if customers > 1 and confidence < SURE:
        return _("{address} is a contact of {count} customers; it may be any of them.").format(
            address=address, count=customers
        )
    if writer and role == "reply_to":
        return _("{writer} is unknown, but asks to answer to the contact {address}.").format(
            writer=writer, address=address
        )
    if writer:
        return _("{writer} is unknown, but the contact {address} is named beside.").format(
            writer=writer, address=address
        )
    if role == "reply_to":
        return _("Sent by a platform in the name of the contact {address}.").format(address=address)
    return _("{address} is a contact of this customer.").format(address=address)
