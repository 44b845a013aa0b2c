"""Writes drafts: the right text in the customer's language, in the right thread, from the right account. Nothing is sent here: a draft
waits for review.

Where a text can't be filled in, or nobody may get the mail, there is no draft: the follow-up says why, for a person to see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import make_msgid
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm import model, settings
from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import conversation, languages, review
from inboxcrm.followup.conversation import Conversation
from inboxcrm.followup.gathering import gather, greeting, me_of
from inboxcrm.followup.quoting import quoted
from inboxcrm.followup.salutation import closing
from inboxcrm.followup.situations import ANSWER
from inboxcrm.followup.templates import GENERAL, Templates
from inboxcrm.followup.turns import Chosen, choose
from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.i18n import _
from inboxcrm.matching.own import OwnAddresses
from inboxcrm.model import (
    Action,
    Contact,
    Customer,
    Direction,
    Draft,
    DraftState,
    FollowUp,
    FollowUpState,
    LogEntry,
    Message,
    PlanHold,
    Unplanned,
)
from inboxcrm.reading.addresses import domain_of, normal
from inboxcrm.settings import Settings

NOT_DRAFTED = "not_drafted"
"""Kind of a reason on a follow-up: {"kind", "why", "at"}; `why` in words, `at` in ISO 8601."""
_AGAIN_AFTER = timedelta(hours=1)
"""What couldn't be drafted is tried again so late; a person may ask sooner."""
_LAST_MAILS = 3
"""By so many mails it is told in which language somebody writes."""
_LIVING = (DraftState.OPEN, DraftState.SNOOZED, DraftState.APPROVED, DraftState.SENDING)


class DraftingError(InboxcrmError):
    """No draft can be written; the message says why and what to do."""


def new_message_id(domain: str) -> str:
    """A Message-ID of its own, without angle brackets (RFC 5322 3.6.4)."""
    return make_msgid(domain=domain or None).strip("<>")


@dataclass(frozen=True, slots=True)
class Workshop:
    """What drafts are made with. `drafted_ahead`: how long before it is due a draft is written; `message_id` is given the sender's
    domain.
    """

    settings: Settings
    templates: Templates
    drafted_ahead: timedelta = timedelta(hours=24)
    message_id: Callable[[str], str] = new_message_id

    @property
    def zone(self) -> ZoneInfo:
        """The salesperson's."""
        return ZoneInfo(self.settings.person.time_zone)


def due(session: Session, workshop: Workshop, now: datetime, limit: int = 20) -> list[int]:
    """The follow-ups (numbers) whose drafts are to be written now, at most `limit`, the most urgent first.

    Customers whose plan is paused, or waits to be made anew, are left for later; so is what couldn't be written a moment ago.
    """
    rows = session.execute(
        select(FollowUp.id, FollowUp.reasons)
        .outerjoin(PlanHold, PlanHold.customer_id == FollowUp.customer_id)
        .outerjoin(Unplanned, Unplanned.customer_id == FollowUp.customer_id)
        .where(
            FollowUp.state == FollowUpState.PLANNED,
            FollowUp.action == Action.MAIL,
            # An answer is not kept for the day on which it is due.
            (FollowUp.due_at <= now + workshop.drafted_ahead) | (FollowUp.stage == ANSWER),
            PlanHold.customer_id.is_(None) | (PlanHold.until <= now),
            Unplanned.customer_id.is_(None),
        )
        .order_by(FollowUp.due_at, FollowUp.id)
    )
    return [row.id for row in rows if not _tried_lately(row.reasons, now)][:limit]


def draft_due(session: Session, workshop: Workshop, now: datetime, limit: int = 20) -> list[Draft]:
    """Writes the drafts that are `due`; returns them. Where none can be written, the follow-up says why. `now` is aware."""
    made: list[Draft] = []
    for number in due(session, workshop, now, limit):
        follow_up = session.get_one(FollowUp, number)
        try:
            made.append(draft_for(session, follow_up, workshop, now))
        except InboxcrmError as error:
            note_problem(follow_up, str(error), now)
    session.flush()
    return made


def draft_for(session: Session, follow_up: FollowUp, workshop: Workshop, now: datetime) -> Draft:
    """The draft of a follow-up, which becomes DRAFTED; the one that waits already, where there is one.

    Raises DraftingError, or what the template or its facts lack (TextError, NoTemplateError, TextsUsedUpError).
    """
    there = session.scalars(
        select(Draft).where(Draft.follow_up_id == follow_up.id, Draft.state.in_(_LIVING)).limit(1)
    ).first()
    if there is not None:
        return there
    customer = session.get_one(Customer, follow_up.customer_id)
    draft = _write(session, workshop, customer, now, follow_up=follow_up, template=follow_up.template or GENERAL)
    follow_up.reasons = [one for one in follow_up.reasons if one.get("kind") != NOT_DRAFTED]
    draft.reasons = list(follow_up.reasons)
    follow_up.state = FollowUpState.DRAFTED
    session.flush()
    return draft


def new_draft(
    session: Session,
    workshop: Workshop,
    customer_id: int,
    now: datetime,
    *,
    contact_id: int | None = None,
    template: str = GENERAL,
    language: str = "",
) -> Draft:
    """A draft that a person asks for. `contact_id`: to whom, None for the likeliest; `template` "": only the first and the last lines;
    `language` "": the customer's.

    Raises DraftingError, and what `draft_for` raises.
    """
    customer = session.get(Customer, customer_id)
    contact = session.get(Contact, contact_id) if contact_id is not None else None
    if customer is None or (contact_id is not None and (contact is None or contact.customer_id != customer_id)):
        raise DraftingError(_("There is no such customer, or the contact belongs to another one."))
    return _write(session, workshop, customer, now, contact=contact, template=template, language=language)


def again(
    session: Session,
    workshop: Workshop,
    draft_id: int,
    now: datetime,
    *,
    by: str,
    template: str | None = None,
    language: str | None = None,
) -> Draft:
    """Another text in the place of the old one: of that template, in that language, or else the next one in turn. Thread, people and
    Message-ID stay; `inboxcrm.followup.review.undo` brings the old text back.

    Raises what `draft_for` raises, and ReviewError for a draft that no longer waits.
    """
    draft = review.get(session, draft_id)
    customer = session.get_one(Customer, draft.customer_id)
    contact = session.get(Contact, draft.contact_id) if draft.contact_id is not None else None
    if contact is None:
        raise DraftingError(_("The contact of this draft is gone; write the text by hand."))
    follow_up = session.get(FollowUp, draft.follow_up_id) if draft.follow_up_id is not None else None
    account = _configured(session, workshop.settings, draft.account_id)
    name = draft.template if template is None else template
    code = draft.language if language is None else language
    wanted = _Wanted(customer, contact, account, follow_up, name, code)
    next_one = (name, code) == (draft.template, draft.language)
    chosen = _text(session, workshop, wanted, now, replacing=draft, next_one=next_one)
    answers = session.get(Message, draft.answers_id) if draft.answers_id is not None else None
    changes = {
        "body": _signed(chosen.body, account),
        "subject": draft.subject if answers is not None else chosen.subject,
        "language": code,
        "template": name,
        "variant": chosen.variant,
        "polished_by": "",
        "quoted": _history(answers, code, workshop.zone) if draft.quoted and answers is not None else draft.quoted,
    }
    return review.redraft(session, draft_id, now=now, by=by, **changes)


def signature_below(account: settings.Account) -> str:
    """What a draft's text ends with: the account's signature, else the name; "" without either."""
    if account.signature.strip():
        return f"\n\n{account.signature.strip()}"
    return f"\n{account.name.strip()}" if account.name.strip() else ""


def note_problem(follow_up: FollowUp, why: str, now: datetime) -> None:
    """Writes on a follow-up why there is no draft for it. `problem_of` tells it."""
    others = [one for one in follow_up.reasons if one.get("kind") != NOT_DRAFTED]
    follow_up.reasons = [*others, {"kind": NOT_DRAFTED, "why": why, "at": now.isoformat()}]


def problem_of(follow_up: FollowUp) -> str:
    """Why there is no draft for this follow-up, in words; "" when nothing is wrong."""
    return next((str(one.get("why", "")) for one in follow_up.reasons if one.get("kind") == NOT_DRAFTED), "")


# --- inside -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which text, to whom, from whom."""

    customer: Customer
    contact: Contact
    account: settings.Account
    follow_up: FollowUp | None
    template: str
    language: str


def _write(
    session: Session,
    workshop: Workshop,
    customer: Customer,
    now: datetime,
    *,
    template: str,
    follow_up: FollowUp | None = None,
    contact: Contact | None = None,
    language: str = "",
) -> Draft:
    own = OwnAddresses.of(workshop.settings.own_addresses)
    found = conversation.find(session, customer, own, now, follow_up=follow_up, contact=contact)
    if found is None:
        raise DraftingError(_("{customer} has no contact to write to.").format(customer=customer.name))
    if not found.to:
        raise DraftingError(
            _("No address of {contact} may get mail: it comes back, or is blocked. Find another address.").format(
                contact=found.contact.name or customer.name
            )
        )
    account_id, account = _account(session, workshop.settings, customer, found)
    found = _without_me(found, workshop.settings, account)
    code = language or language_of(session, customer, found.contact, workshop.templates.languages(template or GENERAL))
    chosen = _text(session, workshop, _Wanted(customer, found.contact, account, follow_up, template, code), now)
    draft = Draft(
        customer_id=customer.id,
        contact_id=found.contact.id,
        follow_up_id=follow_up.id if follow_up is not None else None,
        account_id=account_id,
        thread_id=found.answers.thread_id if found.answers is not None else None,
        answers_id=found.answers.id if found.answers is not None else None,
        message_id=workshop.message_id(domain_of(normal(account.address))),
        in_reply_to=found.in_reply_to,
        references=list(found.references),
        to=[one.as_json() for one in found.to],
        cc=[one.as_json() for one in found.cc],
        bcc=[],
        subject=found.subject or chosen.subject,
        body=_signed(chosen.body, account),
        quoted=_history(found.answers, code, workshop.zone) if found.answers is not None else "",
        attachments=[],
        language=code,
        template=template,
        variant=chosen.variant,
        reasons=[],
        created_at=now,
    )
    session.add(draft)
    session.flush()
    return draft


def language_of(session: Session, customer: Customer, contact: Contact, available: list[str]) -> str:
    """The language to write to this contact in, of those that are available."""
    mails = (
        select(Message.language)
        .join(LogEntry, LogEntry.message_id == Message.id)
        .where(LogEntry.customer_id == customer.id, Message.language != "", Message.automatic == "")
        .order_by(Message.at.desc())
        .limit(_LAST_MAILS)
    )
    heard = session.scalars(mails.where(LogEntry.contact_id == contact.id, LogEntry.direction == Direction.IN)).all()
    others = session.scalars(mails.where(LogEntry.direction == Direction.IN)).all()
    ours = session.scalars(mails.where(LogEntry.direction == Direction.OUT)).all()
    return languages.choose(contact.language, (*heard, *others, *ours), customer.country, available or LANGUAGES)


def _text(
    session: Session,
    workshop: Workshop,
    wanted: _Wanted,
    now: datetime,
    *,
    replacing: Draft | None = None,
    next_one: bool = False,
) -> Chosen:
    """The text for this customer; without a template only what begins and ends a mail."""
    language = wanted.language
    contact = wanted.contact
    if not wanted.template:
        first = greeting(session, wanted.customer, contact, language)
        return Chosen("", "", f"{first}\n\n\n\n{closing(language)}")
    variables = gather(
        session,
        wanted.customer,
        contact,
        language=language,
        me=me_of(wanted.account.name, wanted.account.address),
        zone=workshop.zone,
        now=now,
        address=contact.addresses[0].written if contact.addresses else "",
        follow_up=wanted.follow_up,
    )
    return choose(
        session,
        workshop.templates.texts(wanted.template, language),
        variables,
        language,
        customer_id=wanted.customer.id,
        template=wanted.template,
        follow_up=wanted.follow_up,
        replacing=replacing,
        next_one=next_one,
    )


def _account(
    session: Session, configured: Settings, customer: Customer, found: Conversation
) -> tuple[int, settings.Account]:
    """The account that the mail goes from: the one that holds the thread, else the customer's last mail, else the first."""
    by_address = {normal(one.address): one for one in configured.accounts}
    rows = session.execute(select(model.Account.id, model.Account.address).where(model.Account.address.in_(by_address)))
    known = {row.id: by_address[row.address] for row in rows}
    if not known:
        raise DraftingError(_("There is no mailbox to write from; set one up with 'inboxcrm init'."))
    chosen = conversation.account_of(session, customer.id, found.answers, known)
    if chosen is None:
        order = [normal(one.address) for one in configured.accounts]
        chosen = min(known, key=lambda account: order.index(normal(known[account].address)))
    return chosen, known[chosen]


def _configured(session: Session, configured: Settings, account_id: int) -> settings.Account:
    address = session.get_one(model.Account, account_id).address
    found = next((one for one in configured.accounts if normal(one.address) == address), None)
    if found is None:
        raise DraftingError(_("The account {address} is no longer in the settings.").format(address=address))
    return found


def _without_me(found: Conversation, configured: Settings, account: settings.Account) -> Conversation:
    """Without the sender's own addresses: those of this account, and of others in the same name. Colleagues go on reading along."""
    mine = {
        normal(address)
        for one in configured.accounts
        if one is account or one.name.casefold() == account.name.casefold()
        for address in one.own_addresses
    }
    return replace(found, cc=tuple(one for one in found.cc if normal(one.address) not in mine))


def _signed(text: str, account: settings.Account) -> str:
    return text + signature_below(account)


def _history(answered: Message, language: str, zone: ZoneInfo) -> str:
    name, address = answered.sender_name, answered.sender_address
    sender = f"{name} <{address}>" if name else address
    text = "\n\n".join(part for part in (answered.new_text, answered.signature, answered.quoted_text) if part.strip())
    return quoted(text, sender, answered.at, language, zone)


def _tried_lately(reasons: list[dict[str, Any]], now: datetime) -> bool:
    at = next((one.get("at") for one in reasons if one.get("kind") == NOT_DRAFTED), None)
    return at is not None and now - datetime.fromisoformat(str(at)) < _AGAIN_AFTER
