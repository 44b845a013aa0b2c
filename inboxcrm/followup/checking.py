"""Tries templates out: the files themselves, their texts with invented customers and with real ones. It changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.followup import conversation
from inboxcrm.followup.drafting import Workshop, language_of
from inboxcrm.followup.gathering import gather, me_of
from inboxcrm.followup.rendering import TextError
from inboxcrm.followup.samples import samples
from inboxcrm.followup.templates import NoTemplateError, TemplateFileError, Templates, Text, parse
from inboxcrm.followup.variables import Me, Variables
from inboxcrm.matching.own import OwnAddresses
from inboxcrm.model import Customer, FollowUp, FollowUpState
from inboxcrm.model.followup import Action


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a template. `serious`: a mail can't be made that will be wanted; otherwise a text only isn't for everybody.
    `customers`: the real ones whom it concerns, by name; none for what concerns the file or an invented one.
    """

    file: str
    line: int
    name: str
    what: str
    serious: bool
    customers: tuple[str, ...] = ()


def check_files(templates: Templates) -> list[Finding]:
    """Every file as it is now, also where an older version is still in force; and its texts with the invented customers."""
    found: list[Finding] = []
    for name in templates.names():
        for language in templates.languages(name):
            path = templates.path(name, language)
            try:
                texts = parse(path.read_text(encoding="utf-8", errors="replace"), str(path))
            except TemplateFileError as error:
                found += [Finding(error.file, one.line, one.name, one.what, serious=True) for one in error.problems]
                continue
            for who, variables in samples(language).items():
                found += _tried(texts, variables, language, serious=who != "unknown")
    return _merged(found)


def check_customers(session: Session, workshop: Workshop, now: datetime, limit: int) -> list[Finding]:
    """The texts in the language of each of the `limit` customers most lately heard of, with what is known of them."""
    found: list[Finding] = []
    customers = session.scalars(
        select(Customer).order_by(Customer.last_entry_at.desc().nulls_last(), Customer.id).limit(limit)
    ).all()
    for customer in customers:
        for name in workshop.templates.names():
            try:
                variables, language = facts_of(session, workshop, customer, now, name)
                texts = workshop.templates.texts(name, language)
            except (NoTemplateError, TemplateFileError, NobodyError):
                continue  # told by `check_files`, or nobody to write to
            found += _tried(texts, variables, language, serious=False, customer=customer.name)
    return _merged(found)


def check_planned(session: Session, workshop: Workshop, now: datetime, limit: int) -> list[Finding]:
    """The next `limit` follow-ups that are planned: those of which no text can be written."""
    found: list[Finding] = []
    planned = session.scalars(
        select(FollowUp)
        .where(FollowUp.state == FollowUpState.PLANNED, FollowUp.action == Action.MAIL)
        .order_by(FollowUp.due_at, FollowUp.id)
        .limit(limit)
    ).all()
    for follow_up in planned:
        customer = session.get_one(Customer, follow_up.customer_id)
        try:
            variables, language = facts_of(session, workshop, customer, now, follow_up.template, follow_up=follow_up)
            texts = workshop.templates.texts(follow_up.template, language)
        except (NobodyError, TemplateFileError):
            continue  # told elsewhere
        except NoTemplateError as error:
            found.append(Finding(follow_up.template, 0, "", str(error), serious=True, customers=(customer.name,)))
            continue
        fitting = [one for one in texts if one.applies(variables)]
        problems = [list(_tried([one], variables, language, serious=True, customer=customer.name)) for one in fitting]
        if problems and all(problems):
            found += problems[0]
    return _merged(found)


class NobodyError(Exception):
    """The customer has no contact."""


def facts_of(
    session: Session,
    workshop: Workshop,
    customer: Customer,
    now: datetime,
    name: str,
    *,
    follow_up: FollowUp | None = None,
    language: str = "",
) -> tuple[Variables, str]:
    """What a mail by the template `name` would speak of, and in which language it would be written: `language`, or the customer's.
    Raises NobodyError.
    """
    own = OwnAddresses.of(workshop.settings.own_addresses)
    place = conversation.find(session, customer, own, now, follow_up=follow_up)
    if place is None:
        raise NobodyError
    language = language or language_of(session, customer, place.contact, workshop.templates.languages(name))
    account = next(iter(workshop.settings.accounts), None)
    me = me_of(account.name, account.address) if account is not None else Me()
    variables = gather(
        session,
        customer,
        place.contact,
        language=language,
        me=me,
        zone=workshop.zone,
        now=now,
        address=place.to[0].address if place.to else "",
        follow_up=follow_up,
    )
    return variables, language


def _tried(
    texts: Iterable[Text], variables: Variables, language: str, *, serious: bool, customer: str = ""
) -> Iterator[Finding]:
    for text in texts:
        if not text.applies(variables):
            continue
        try:
            text.subject_of(variables, language)
            text.body_of(variables, language)
        except TextError as error:
            customers = (customer,) if customer else ()
            yield Finding(error.file, error.line, error.name, error.what, serious=serious, customers=customers)


def _merged(found: Sequence[Finding]) -> list[Finding]:
    """One of each place, with all the customers; what is serious somewhere is serious."""
    places: dict[tuple[str, int, str], Finding] = {}
    for one in found:
        key = (one.file, one.line, one.what)
        before = places.get(key, one)
        customers = tuple(dict.fromkeys((*before.customers, *one.customers)))
        places[key] = Finding(one.file, one.line, one.name, one.what, before.serious or one.serious, customers)
    return sorted(places.values(), key=lambda one: (not one.serious, one.file, one.line, one.what))
