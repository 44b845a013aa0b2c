"""Choosing an audience in a form, for an issue or a series: what is offered, and what was ticked and typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from inboxcrm.i18n import _, language
from inboxcrm.newsletter.audience import LONGEST_DAYS, Audience
from inboxcrm.newsletter.issues import IssueError
from inboxcrm.web import formats
from inboxcrm.web.issue_steps import typed_number
from inboxcrm.web.queries import newsletters as queries

_MANY = ("grades", "statuses", "countries", "languages", "products", "tags", "sources")
_TYPED = ("products", "tags", "sources")
"""Of these further values may be typed."""
_DAYS = ("heard_after", "heard_before")
_MOST_OFFERED = 40


async def _fields(request: Request) -> FormData:
    return await request.form()


Fields = Annotated[FormData, Depends(_fields)]
"""The form with all its values: of a filter several may be ticked."""


def audience_of(form: FormData) -> Audience:
    """The audience as it stands in the form. Raises IssueError, AudienceError."""
    values: dict[str, Any] = {name: [str(one) for one in form.getlist(name)] for name in _MANY}
    for name in _TYPED:
        typed = str(form.get(f"{name}_typed", "")).replace("，", ",").replace("、", ",")
        values[name] += [one.strip() for one in typed.split(",") if one.strip()]
    if not values["grades"]:
        raise IssueError(_("Choose at least one grade."))
    values |= {name: str(form.get(name, "")) or None for name in _DAYS}
    if values["heard_after"] and values["heard_before"] and values["heard_after"] > values["heard_before"]:
        raise IssueError(_("Last contact: the first day must not lie behind the second."))
    for name, what in (
        ("not_written_days", _("Days since a personal mail")),
        ("min_gap_days", _("Days since the last newsletter")),
    ):
        values[name] = typed_number(str(form.get(name, "")), what, 0, LONGEST_DAYS)
    return Audience.unpacked(values)


def offered(
    session: Session, audience: Audience
) -> Sequence[tuple[str, str, Sequence[tuple[str, str, int]], Sequence[str]]]:
    """The filters: (field, what it is called, what can be ticked, what is ticked). What is ticked but no longer there stays."""
    there = queries.filters(session)
    names = dict(formats.countries(language()))
    return [
        ("countries", _("Country"), _options(there.countries, audience.countries, names.get), audience.countries),
        (
            "languages",
            _("Language"),
            _options(there.languages, audience.languages, formats.language_name),
            audience.languages,
        ),
        ("products", _("Wants one of these products"), _options(there.products, audience.products), audience.products),
        ("tags", _("Has one of these tags"), _options(there.tags, audience.tags), audience.tags),
        ("sources", _("Source"), _options(there.sources, audience.sources), audience.sources),
    ]


def _options(
    there: Sequence[tuple[str, int]], ticked: Sequence[str], name_of: Any = None
) -> list[tuple[str, str, int]]:
    """(value, text, count): the ticked ones first, then the most frequent."""
    counts = dict(there)
    order = [*ticked, *[one for one, _count in there[:_MOST_OFFERED] if one not in ticked]]
    return [(one, (name_of(one) if name_of is not None else None) or one, counts.get(one, 0)) for one in order]
