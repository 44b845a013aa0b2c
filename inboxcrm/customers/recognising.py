"""Which customers the rows of a list are already: so that importing a list again updates, and doubles nothing."""

from __future__ import annotations

from collections import defaultdict

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.customers.columns import Problem, Row, Rows
from inboxcrm.i18n import _
from inboxcrm.matching.lookup import contacts_of, customers_of_domains
from inboxcrm.model import Customer
from inboxcrm.reading.addresses import normal

_SAME_COMPANY = 80.0
"""Names at least this alike (rapidfuzz, of 100) are one company when their domain is the same."""


def recognise(session: Session, rows: Rows) -> dict[int, int | None]:
    """Line → the customer that its row is already, or None for a new one; what can't be told becomes a problem.

    A customer of the same name; else the one that has one of the addresses; else the one of the domain, when the names are alike.
    """
    by_name: dict[str, list[int]] = defaultdict(list)
    names: dict[int, str] = {}
    # All names once: no database folds the case of every script as Python does.
    for customer, name, local_name in session.execute(select(Customer.id, Customer.name, Customer.local_name)):
        names[customer] = name
        for one in {name.casefold(), local_name.casefold()} - {""}:
            by_name[one].append(customer)
    contacts = contacts_of(session, {normal(address) for row in rows.rows for address in row.addresses})
    domains = customers_of_domains(session, {domain for row in rows.rows for domain in row.domains})
    found: dict[int, int | None] = {}
    taken: dict[int, Row] = {}
    for row in rows.rows:
        of_addresses = {
            customer for address in row.addresses for customer, _contact in contacts.get(normal(address), ())
        }
        of_domains = {customer for domain in row.domains for customer in domains.get(domain, ())}
        candidates = set(by_name.get(row.name.casefold(), ()))
        if not candidates:
            candidates = of_addresses or {
                customer
                for customer in of_domains
                if fuzz.ratio(row.name.casefold(), names[customer].casefold()) >= _SAME_COMPANY
            }
        if len(candidates) > 1:
            candidates = candidates & (of_addresses or of_domains) or candidates
        target = next(iter(candidates)) if len(candidates) == 1 else None
        if len(candidates) > 1:
            expected = _("fits several customers ({names}); give the exact name of one").format(
                names=", ".join(sorted(f"{names[one]} #{one}" for one in candidates)[:4])
            )
            rows.problems.append(Problem(row.line, _("company"), row.name, expected))
        elif target is not None and target in taken:
            expected = _("is the same customer as line {line}; join the two lines").format(line=taken[target].line)
            rows.problems.append(Problem(row.line, _("company"), row.name, expected))
        else:
            found[row.line] = target
            if target is not None:
                taken[target] = row
    return found
