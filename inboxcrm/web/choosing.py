"""Which customer somebody means by what they typed: its number ("#12"), its name, or words that are looked for.

Where several fit, a page asks; it works without JavaScript.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inboxcrm.customers.listing import Filter, customers
from inboxcrm.model import Customer
from inboxcrm.web.rendering import page

_NUMBER = re.compile(r"#(\d{1,18})(?:\s|$)")
_MOST = 30


def named(session: Session, text: str) -> Customer | Sequence[Customer]:
    """The customer that `text` names for certain, else those that it may mean (perhaps none)."""
    text = " ".join(text.split())
    if number := _NUMBER.match(text):
        customer = session.get(Customer, int(number[1]))
        return customer if customer is not None else []
    if not text:
        return []
    same = session.scalars(
        select(Customer).where(or_(Customer.name == text, Customer.local_name == text)).limit(2)
    ).all()
    return same[0] if len(same) == 1 else customers(session, Filter(text=text), limit=_MOST)


def ask(
    request: Request, candidates: Sequence[Customer], text: str, *, fields: Mapping[str, str], back: str
) -> Response:
    """The page that asks which customer is meant; the choice sends the same form again, with `fields` and the number."""
    return page(request, "choose.html", candidates=candidates, text=text, fields=fields, back=back)
