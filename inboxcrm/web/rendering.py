"""Templates to pages: the Jinja environment with the words, formats and icons that every page uses.

Templates stand beside this module and get plain values; they ask no database. Everything is escaped, and a name that a
page didn't hand over is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from inboxcrm import __version__, i18n
from inboxcrm.model.database import looking
from inboxcrm.web import flash, formats, navigation, words
from inboxcrm.web.site import site_of, visitor_of

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


def environment(zone: ZoneInfo, clock: Callable[[], datetime]) -> Environment:
    """The environment that all pages are rendered with; times are shown in `zone`."""
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "_": i18n._,
        "ngettext": i18n.ngettext,
        "pgettext": i18n.pgettext,
        "languages": i18n.LANGUAGES,
        "version": __version__,
        "static": static_url,
        "icon": icon,
        "choices": words.choices,
        "words": words,
    }
    made.filters |= {
        "label": words.label,
        "automatic": words.automatic_label,
        "follow_up_stage": words.follow_up_stage,
        "draft_change": words.draft_change,
        "listed": i18n.listed,
        "number": formats.number,
        "size": formats.size,
        "duration": formats.duration,
        "country": formats.country,
        "language_name": formats.language_name,
        "clock": lambda moment: formats.clock(moment, zone),
        "full": lambda moment: formats.full(moment, zone),
        "day": lambda on: formats.day(on, zone),
        "day_heading": lambda on: formats.day_heading(on, clock().astimezone(zone).date()),
        "long_day": formats.long_day,
        "when": lambda moment: _time(moment, formats.when(moment, clock(), zone), zone),
        "ago": lambda moment: _time(moment, formats.ago(moment, clock(), zone), zone),
        "paragraphs": paragraphs,
    }
    return made


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The page of `template`, for whoever asks; `values` are what it shows."""
    site, visitor = site_of(request), visitor_of(request)
    counts = None
    if visitor.user_id is not None:
        # The request's own session where it has one: a second connection each would exhaust the pool under load.
        with nullcontext(session) if (session := _open_session(request)) else looking(site.engine) as reader:
            counts = navigation.counts(reader, site.waiting, site.clock())
    text = site.templates.get_template(template).render(
        request=request,
        path=request.url.path,
        visitor=visitor,
        language=visitor.language,
        today=site.clock().astimezone(site.zone).date(),
        counts=counts,
        notice=flash.take(request),
        **values,
    )
    response = HTMLResponse(text, status_code=status)
    flash.clear(request, response)
    return response


def _open_session(request: Request) -> Session | None:
    session: Session | None = getattr(request.state, "reading", None)
    return session


def paragraphs(text: str) -> Markup:
    """Plain text of a mail as HTML: blank lines part paragraphs, other line ends stay. Nothing in it becomes a tag or a link."""
    blocks = [block.strip("\n") for block in text.replace("\r\n", "\n").replace("\r", "\n").split("\n\n")]
    kept = (Markup("<br>").join(escape(line) for line in block.split("\n")) for block in blocks if block.strip())
    return Markup("").join(Markup('<p dir="auto">{}</p>').format(block) for block in kept)


def icon(name: str, title: str = "") -> Markup:
    """An icon of the sprite in `icons.svg`; with a `title` it speaks for itself, else it is decoration."""
    if title:
        return Markup('<svg class="icon" role="img"><title>{title}</title><use href="#i-{name}"></use></svg>').format(
            title=title, name=name
        )
    return Markup('<svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>').format(name)


@cache
def static_url(name: str) -> str:
    """The address of a static file, which changes with its content, so that browsers may keep it for long."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def _time(moment: date | datetime | None, text: str, zone: ZoneInfo) -> Markup:
    if not isinstance(moment, datetime):
        return escape(text)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(), formats.full(moment, zone), text
    )
