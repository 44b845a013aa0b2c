"""Search over customers and logs, from one field."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from markupsafe import Markup, escape

from inboxcrm.journal.search import Hits, search
from inboxcrm.web.pages.customer import partner
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking

router = APIRouter(include_in_schema=False)

_MOST = 50
_FEW = 8  # customers shown before the entries; the list of customers shows all


@router.get("/search")
def show_search(request: Request, session: Looking, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The field, and what was found: customers, then log entries, newest first."""
    hits = search(session, q, _MOST) if q.strip() else Hits((), ())
    return page(
        request,
        "search.html",
        q=q,
        hits=hits,
        most=_MOST,
        few=_FEW,
        partner=partner,
        marked=lambda text: marked(text, q),
    )


def marked(text: str, asked: str) -> Markup:
    """`text` with the words of `asked` marked where they stand as they are written; folded hits stay unmarked. Pure."""
    words = sorted({word.casefold() for word in asked.split() if word}, key=len, reverse=True)
    folded = text.casefold()
    if len(folded) != len(text):  # ß and its like change the length; better no marks than wrong ones
        return escape(text)
    parts: list[Markup] = []
    place = 0
    while place < len(text):
        hit = next((word for word in words if folded.startswith(word, place)), "")
        if hit:
            parts.append(Markup("<mark>{}</mark>").format(text[place : place + len(hit)]))
        else:
            parts.append(escape(text[place]))
        place += len(hit) or 1
    return Markup("").join(parts)
