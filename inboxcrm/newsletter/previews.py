"""An issue as a mail before it goes: seen as a contact would see it, and tried on oneself.

Nothing goes out from here but a mail to oneself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm import model
from inboxcrm.followup.composing import wire_address
from inboxcrm.i18n import _, ngettext
from inboxcrm.model import Contact, ContactAddress, Issue
from inboxcrm.newsletter.addressees import Addressee, sample, would_be
from inboxcrm.newsletter.candidates import Selection, one_contact
from inboxcrm.newsletter.composing import Composer, Shown
from inboxcrm.newsletter.issues import IssueError, get
from inboxcrm.newsletter.press import Press
from inboxcrm.reading.addresses import domain_of, normal

Send = Callable[[str, Sequence[str], bytes], object]
"""Hands one mail over: envelope sender, recipients, bytes (`inboxcrm.mailbox.submission.Submission.send`)."""

_LONGEST_NUMBER = 19


class NoSubjectError(IssueError):
    """The text has fewer subjects than the one that was asked for; the message says how many."""


def preview(
    session: Session,
    press: Press,
    issue_id: int,
    now: datetime,
    *,
    contact_id: int | None = None,
    language: str = "",
    subject: int = 0,
) -> Shown:
    """The mail as this contact would see it; None: the invented customer of the language. `language` "": the contact's, else the first.
    `subject`: which of the subjects of that text, from 0 on.

    Raises IssueError, NoSubjectError, IssueTextError, LayoutError, FileError, TextError.
    """
    issue = get(session, issue_id)
    composer, addressee = _looked_at(session, press, issue, contact_id, now=now, language=language, subject=subject)
    return composer.show(addressee, now)


def try_out(
    session: Session,
    press: Press,
    issue_id: int,
    now: datetime,
    *,
    to: str,
    send: Send,
    contact_id: int | None = None,
    language: str = "",
    subject: int = 0,
) -> bytes:
    """Sends the mail of `preview` to oneself, and only there; nothing follows from its way out. Returns its bytes.

    Raises IssueError for an address that isn't ours, what `preview` raises, and what `send` raises.
    """
    if not press.own.is_ours(normal(to)):
        raise IssueError(
            _("{address} isn't an address of yours: an issue is tried on yourself only.").format(address=to)
        )
    issue = get(session, issue_id)
    composer, addressee = _looked_at(session, press, issue, contact_id, now=now, language=language, subject=subject)
    mail = composer.compose(replace(addressee, written=to, address=normal(to)), now)
    send(composer.envelope_from, [wire_address(to)], mail)
    return mail


def contact_of(session: Session, given: str) -> int | None:
    """The number of the contact that a person names by number or address; None for "". Raises IssueError."""
    given = given.strip()
    if not given:
        return None
    if given.isascii() and given.isdecimal() and len(given) < _LONGEST_NUMBER:
        found = session.scalar(select(Contact.id).where(Contact.id == int(given)))
    else:
        of_address = select(ContactAddress.contact_id).where(ContactAddress.address == normal(given))
        found = session.scalars(of_address.order_by(ContactAddress.contact_id).limit(1)).first()
    if found is None:
        raise IssueError(_("There is no contact {given!r}; name one by number or mail address.").format(given=given))
    return found


# --- inside -----------------------------------------------------------------------------------------------------------


def _looked_at(
    session: Session, press: Press, issue: Issue, contact_id: int | None, *, now: datetime, language: str, subject: int
) -> tuple[Composer, Addressee]:
    """The mail's text alone is made: a mistake in another language keeps nobody from looking at this one."""
    written = [one.language for one in issue.texts]
    if not written:
        raise IssueError(_("“{name}” has no text yet.").format(name=issue.name))
    account_address = session.get_one(model.Account, issue.account_id).address
    message_id = press.message_id(domain_of(account_address))
    first = issue.fallback_language if issue.fallback_language in written else written[0]

    def composer(spoken: str) -> Composer:
        _check_subject(issue, spoken, subject)
        return Composer(issue, account_address, press, [spoken])

    if contact_id is None:
        return composer(language or first), sample(language or first, issue.id, message_id, subject)
    choice = one_contact(session, Selection.of(issue, press.own), contact_id, now)
    if choice is None or not choice.address:
        raise IssueError(_("There is no such contact, or he has no mail address."))
    spoken = language or (choice.language if choice.language in written else first)
    (addressee,) = would_be(session, [replace(choice, language=spoken)], issue.id, message_id, subject)
    return composer(spoken), addressee


def _check_subject(issue: Issue, language: str, subject: int) -> None:
    count = next((len(one.subjects) for one in issue.texts if one.language == language), 0)
    if subject and subject >= count:
        message = ngettext(
            "The text in “{language}” has only {count} subject.",
            "The text in “{language}” has only {count} subjects.",
            count,
        )
        raise NoSubjectError(message.format(language=language, count=count))
