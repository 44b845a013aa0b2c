"""The list of customers: filtered, searched and sorted, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy import select

from inboxcrm.customers.listing import Filter, Sort, count, countries, customers
from inboxcrm.i18n import _, mark
from inboxcrm.model import Grade, Status, User
from inboxcrm.web import formats, words
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking

router = APIRouter(include_in_schema=False)

PAGE = 50
"""Customers on one page."""
_LAST_PAGE = 4000

SORTS: Mapping[str, str] = {
    Sort.LAST_ENTRY: mark("Last contact"),
    Sort.LAST_IN: mark("They wrote last"),
    Sort.LAST_OUT: mark("We wrote last"),
    Sort.NAME: mark("Name"),
    Sort.GRADE: mark("Grade"),
    Sort.CREATED: mark("Newest"),
}
"""What the list can be sorted by."""


@router.get("/customers")
def show_customers(
    request: Request,
    *,
    session: Looking,
    q: Annotated[str, Query(max_length=200)] = "",
    grade: Annotated[Sequence[str], Query()] = (),
    status: str = "",
    country: str = "",
    tag: Annotated[str, Query(max_length=100)] = "",
    owner: str = "",
    sort: str = "",
    number: Annotated[int, Query(alias="page", ge=1, le=_LAST_PAGE)] = 1,
) -> Response:
    """One page; an unknown value of a filter counts as none, so that an old bookmark still opens."""
    chosen = Filter(
        text=q,
        grades=[Grade(one) for one in grade if one in set(Grade)],
        statuses=[Status(status)] if status in set(Status) else [],
        countries=[country] if country else [],
        tag=tag,
        owner_id=int(owner) if owner.isascii() and owner.isdigit() and len(owner) < 19 else None,
    )
    order = Sort(sort) if sort in set(Sort) else Sort.LAST_ENTRY
    total = count(session, chosen)
    rows = customers(session, chosen, sort=order, limit=PAGE, offset=(number - 1) * PAGE)
    owners = {user.id: user.name for user in session.scalars(select(User).order_by(User.name))}
    asked: dict[str, Any] = {
        "q": q, "grade": list(grade), "status": status, "country": country, "tag": tag, "owner": owner, "sort": sort,
    }  # fmt: skip

    def address(**changed: Any) -> str:
        """This list with other parameters."""
        kept = {name: value for name, value in (asked | changed).items() if value not in ("", [], None)}
        return f"/customers?{urlencode(kept, doseq=True)}" if kept else "/customers"

    return page(
        request,
        "customers.html",
        rows=rows,
        total=total,
        first=(number - 1) * PAGE + 1,
        number=number,
        pages=-(-total // PAGE),
        address=address,
        asked=asked,
        is_filtered=any(value for name, value in asked.items() if name != "sort"),
        grade_now=grade[0] if len(grade) == 1 else "",
        owners=owners,
        owner_choices=[("0", _("Pool (nobody)")), *((str(key), name) for key, name in owners.items())],
        country_choices=[(code, f"{formats.country(code)} ({found})") for code, found in countries(session)],
        grade_choices=words.choices(words.GRADES),
        status_choices=words.choices(words.STATUSES),
        sort_choices=words.choices(SORTS),
    )
