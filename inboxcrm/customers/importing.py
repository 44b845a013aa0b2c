"""Imports a customer list: all of it, or nothing. Importing the same or a newer list again updates and doubles nothing.

What a person wrote in a file is kept; where each field came from is noted. Older mails of the new addresses enter the log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from inboxcrm.customers.columns import Person, Problem, Row, is_known, read_rows
from inboxcrm.customers.health import check
from inboxcrm.customers.index import index_customers
from inboxcrm.customers.provenance import Origin, person_wrote, plain
from inboxcrm.customers.recognising import recognise
from inboxcrm.customers.table import read_table
from inboxcrm.i18n import _
from inboxcrm.journal.record import Recorded
from inboxcrm.journal.rematch import rematch
from inboxcrm.journal.unjudged import mark
from inboxcrm.matching.lookup import chunks, customers_of_domains
from inboxcrm.model import (
    Contact,
    ContactAddress,
    Customer,
    CustomerDomain,
    FieldChange,
    FieldSource,
    User,
)
from inboxcrm.model.customer import CREATED
from inboxcrm.reading.addresses import normal


@dataclass(slots=True)
class Report:
    """What an import did, or would do (`dry_run`). With `problems` nothing was imported, unless bad lines were to be skipped."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    contacts: int = 0
    """New contacts."""
    addresses: int = 0
    """New addresses."""
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    """What was left out or read in another way than written."""
    kept: list[Problem] = field(default_factory=list)
    """Fields that keep what a person wrote."""
    is_done: bool = False
    recorded: Recorded = field(default_factory=Recorded)
    """What became of older mails."""


def import_customers(
    session: Session, path: Path, origin: Origin, *, skip_bad: bool = False, dry_run: bool = False
) -> Report:
    """Imports a CSV or spreadsheet file. Raises TableError when the file can't be read at all.

    1. Read the rows and collect everything wrong. 2. Find the customers that they are already. 3. Write, unless something is
    wrong. 4. Make the customers findable. 5. Let older mails of new addresses and domains enter the log.
    """
    table = read_table(path, is_known)
    rows = read_rows(table)
    target = recognise(session, rows)
    order = {header: place for place, header in enumerate(table.headers)}
    problems = sorted(rows.problems, key=lambda one: (one.line, order.get(one.column, len(order))))
    report = Report(problems=problems, notes=rows.notes)
    if report.problems and not skip_bad:
        return report
    good = [row for row in rows.rows if row.line in target]
    writer = _Writer(session, Origin(origin.now, f"{origin.by} ({path.name})".strip(), FieldSource.IMPORT), report)
    writer.write([(row, target[row.line]) for row in good], dry_run=dry_run)
    report.is_done = not dry_run
    if not dry_run:
        index_customers(session, writer.touched)
        mark(session, writer.touched)
        check(session, writer.addresses, origin.now)
        report.recorded = rematch(session, writer.addresses, writer.domains, origin.now)
    return report


class _Writer:
    """Writes rows in bulk and counts what it does."""

    def __init__(self, session: Session, origin: Origin, report: Report) -> None:
        self.session, self.origin, self.report = session, origin, report
        self.touched: set[int] = set()
        self.addresses: set[str] = set()
        self.domains: set[str] = set()
        self._changes: list[dict[str, Any]] = []

    def write(self, rows: Sequence[tuple[Row, int | None]], *, dry_run: bool) -> None:
        """All rows, each with the customer it is already."""
        self._owners({row.owner for row, _target in rows if row.owner}, [row for row, _target in rows])
        fresh = [row for row, target in rows if target is None]
        known = {target: row for row, target in rows if target is not None}
        self.report.created = len(fresh)
        self._update(known, dry_run=dry_run)
        ids = list(range(-len(fresh), 0)) if dry_run else self._create(fresh)
        pairs = [*zip(ids, fresh, strict=True), *known.items()]
        self._domains(pairs, dry_run=dry_run)
        self._people(pairs, dry_run=dry_run)
        self.report.updated = sum(customer in self.touched for customer in known)
        self.report.unchanged = len(known) - self.report.updated
        if not dry_run:
            self._insert(FieldChange, self._changes)
            self.session.expire_all()

    def _insert(self, table: type[Any], rows: Sequence[dict[str, Any]], *returned: Any) -> list[Any]:
        """Inserts rows; returns these columns of each, in any order."""
        if not rows:
            return []
        statement = insert(table.__table__)
        if returned:
            return list(self.session.connection().execute(statement.returning(*returned), list(rows)))
        self.session.connection().execute(statement, list(rows))
        return []

    def _owners(self, written: set[str], rows: Iterable[Row]) -> None:
        """Owners by the name of their log-in; a name that nobody has is kept as a custom field."""
        users = (
            {name.casefold(): user for user, name in self.session.execute(select(User.id, User.name))}
            if written
            else {}
        )
        for row in rows:
            if not row.owner:
                continue
            user = users.get(row.owner.casefold())
            if user is not None:
                row.values["owner_id"] = user
            else:
                row.values["custom"] = {**row.values.get("custom", {}), "owner": row.owner}
                note = _("no user is called so; the customer goes to the pool")
                self.report.notes.append(Problem(row.line, "owner", row.owner, note))

    def _create(self, rows: Sequence[Row]) -> list[int]:
        """New customers; their names differ, so that each gets its id back by name."""
        empty = _defaults(Customer) | {
            "markets": [],
            "phones": [],
            "social": {},
            "tags": [],
            "custom": {},
            "products": [],
        }
        found = self._insert(
            Customer,
            [{**empty, **row.values, "name": row.name, "created_at": self.origin.now} for row in rows],
            Customer.id,
            Customer.name,
        )
        id_of = {name: customer for customer, name in found}
        ids = [id_of[row.name] for row in rows]
        self.touched.update(ids)
        for customer, row in zip(ids, rows, strict=True):
            self._note("customer", customer, CREATED, None, {"name": row.name, **row.values})
        return ids

    def _update(self, known: dict[int, Row], *, dry_run: bool) -> None:
        kept = person_wrote(self.session, "customer", list(known))
        for some in chunks(known):
            for customer in self.session.scalars(select(Customer).where(Customer.id.in_(some))):
                row = known[customer.id]
                # By an address or domain found under another name: the name is the list's, too.
                for name, value in {"name": row.name, **row.values}.items():
                    self._set(customer, name, value, row, kept=(customer.id, name) in kept, dry_run=dry_run)
        if not dry_run:
            self.session.flush()

    def _set(self, customer: Customer, name: str, value: Any, row: Row, *, kept: bool, dry_run: bool) -> None:
        old = getattr(customer, name)
        if isinstance(value, list):
            value = list(dict.fromkeys([*old, *value]))
        elif isinstance(value, dict):
            value = {**old, **value}
        if value == old or value in ("", None):
            return
        if name == "name" and old.casefold() == value.casefold():
            return
        if name == "name" and customer.local_name.casefold() == value.casefold():
            return
        if kept:
            note = _("keeps what a person wrote: {old}").format(old=plain(old))
            self.report.kept.append(Problem(row.line, name, str(plain(value)), note))
            return
        self.touched.add(customer.id)
        self._note("customer", customer.id, name, old, value)
        if not dry_run:
            setattr(customer, name, value)

    def _domains(self, pairs: Sequence[tuple[int, Row]], *, dry_run: bool) -> None:
        there = {
            (domain, customer)
            for domain, several in customers_of_domains(
                self.session, {domain for _id, row in pairs for domain in row.domains}
            ).items()
            for customer in several
        }
        rows = []
        for customer, row in pairs:
            for domain in dict.fromkeys(row.domains):
                if (domain, customer) not in there:
                    rows.append({"domain": domain, "customer_id": customer})
                    self.touched.add(customer)
                    self.domains.add(domain)
                    self._note("customer", customer, "domain", None, domain)
        if not dry_run:
            self._insert(CustomerDomain, rows)

    def _people(self, pairs: Sequence[tuple[int, Row]], *, dry_run: bool) -> None:
        """New contacts and addresses; a person who is there by name gets the address, an address that is there stays where it is."""
        ids = [customer for customer, row in pairs if row.people and customer > 0]
        by_name: dict[tuple[int, str], Contact] = {}
        by_address: dict[tuple[int, str], Contact] = {}
        for some in chunks(ids):
            for one in self.session.scalars(
                select(Contact).where(Contact.customer_id.in_(some), Contact.name != "").order_by(Contact.id.desc())
            ):
                by_name[one.customer_id, one.name.casefold()] = one
            for one, address in self.session.execute(
                select(Contact, ContactAddress.address)
                .join(ContactAddress, ContactAddress.contact_id == Contact.id)
                .where(Contact.customer_id.in_(some))
            ):
                by_address[one.customer_id, address] = one
        new: list[tuple[int, Person, list[str]]] = []
        added: list[tuple[int, int, str]] = []
        for customer, row in pairs:
            for person in row.people:
                fresh = [one for one in person.addresses if (customer, normal(one)) not in by_address]
                old = [by_address[customer, normal(one)] for one in person.addresses if one not in fresh]
                contact = old[0] if old else by_name.get((customer, person.name.casefold()))
                if contact is None:
                    new.append((customer, person, fresh))
                    continue
                added += [(customer, contact.id, one) for one in fresh]
                self._complete(contact, person, dry_run=dry_run)
        self.report.contacts = len(new)
        self.report.addresses = len(added) + sum(len(fresh) for _customer, _person, fresh in new)
        self.touched |= {customer for customer, *_rest in [*new, *added]}
        self.addresses |= {normal(one) for _customer, _contact, one in added}
        self.addresses |= {normal(one) for _customer, _person, fresh in new for one in fresh}
        if not dry_run:
            self._insert_people(new, added)

    def _complete(self, contact: Contact, person: Person, *, dry_run: bool) -> None:
        for name, value in {"name": person.name, **person.values}.items():
            if value and not getattr(contact, name):
                self.touched.add(contact.customer_id)
                self._note("contact", contact.id, name, getattr(contact, name), value)
                if not dry_run:
                    setattr(contact, name, value)

    def _insert_people(self, new: Sequence[tuple[int, Person, list[str]]], added: list[tuple[int, int, str]]) -> None:
        empty = _defaults(Contact) | {"phones": [], "social": {}}
        rows = [
            {**empty, **person.values, "customer_id": customer, "name": person.name, "created_at": self.origin.now}
            for customer, person, _fresh in new
        ]
        of_new: list[tuple[int, str]] = []
        ids: dict[tuple[int, str, str], list[int]] = defaultdict(list)
        found = self._insert(Contact, rows, Contact.id, Contact.customer_id, Contact.name, Contact.title)
        for contact, customer, name, title in found:
            ids[customer, name, title].append(contact)
        for customer, person, fresh in new:
            contact = ids[customer, person.name, person.values.get("title", "")].pop()
            self._note("contact", contact, CREATED, None, {"name": person.name, **person.values, "addresses": fresh})
            of_new += [(contact, one) for one in fresh]
        for _customer, contact, one in added:
            self._note("contact", contact, "address", None, one)
        self._insert(
            ContactAddress,
            [
                {
                    "contact_id": contact,
                    "address": normal(one),
                    "written": one,
                    "health": "ok",
                    "health_at": None,
                    "health_reason": "",
                }
                for contact, one in [*of_new, *((contact, one) for _customer, contact, one in added)]
            ],
        )

    def _note(self, entity: str, entity_id: int, field_name: str, old: Any, new: Any) -> None:
        self._changes.append(
            {
                "entity": entity,
                "entity_id": entity_id,
                "field": field_name,
                "old": plain(old),
                "new": plain(new),
                "source": FieldSource.IMPORT,
                "by": self.origin.by,
                "message_id": None,
                "at": self.origin.now,
            }
        )


def _defaults(table: type[Any]) -> dict[str, Any]:
    """What each column of a table is when nothing is said about it."""
    return {
        column.name: column.default.arg if column.default is not None and column.default.is_scalar else None
        for column in table.__table__.columns
        if column.name != "id"
    }
