"""The calendar feed (RFC 5545) of what is due: follow-ups, tasks and promises, for the calendar program of a salesperson.

It names customers and what is to be done, never what mails say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from sqlalchemy.orm import Session

from inboxcrm import __version__
from inboxcrm.followup.by_hand import open_follow_ups
from inboxcrm.followup.promises import open_promises
from inboxcrm.followup.words import goal, said
from inboxcrm.i18n import _
from inboxcrm.model import Action, FollowUp, Promise

_AHEAD = timedelta(days=60)
_LONG = timedelta(minutes=15)
_MOST = 1000
_WORDS: dict[Action, Callable[[str], str]] = {
    Action.MAIL: lambda customer: _("Write to {customer}").format(customer=customer),
    Action.CALL: lambda customer: _("Call {customer}").format(customer=customer),
    Action.VISIT: lambda customer: _("Visit {customer}").format(customer=customer),
    Action.TASK: lambda customer: _("See to {customer}").format(customer=customer),
}


def feed(session: Session, zone: ZoneInfo, address: Callable[[int], str], now: datetime) -> bytes:
    """The feed at `now`, in the language of the context. `zone`: the person's; `address`: the web address of a customer's page."""
    calendar = Calendar()
    calendar.add("prodid", f"-//inboxcrm//{__version__}//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Follow-ups"))
    calendar.add("refresh-interval", timedelta(minutes=30), parameters={"VALUE": "DURATION"})
    for event in (*_follow_ups(session, zone, address, now), *_promises(session, address, now)):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _follow_ups(session: Session, zone: ZoneInfo, address: Callable[[int], str], now: datetime) -> Iterator[Event]:
    for row, customer in open_follow_ups(session, until=now + _AHEAD, limit=_MOST):
        event = _event(f"follow-up-{row.id}", _WORDS[row.action](customer), address(row.customer_id), now)
        event.add("dtstart", row.due_at)
        event.add("dtend", row.due_at + _LONG)
        event.add("description", _why(row, zone))
        yield event


def _promises(session: Session, address: Callable[[int], str], now: datetime) -> Iterator[Event]:
    for promise, customer in open_promises(session, limit=_MOST):
        if promise.due_on is None:
            continue
        yield _promise(promise, customer, address(promise.customer_id), now)


def _promise(promise: Promise, customer: str, url: str, now: datetime) -> Event:
    words = _("Promised to {customer}").format(customer=customer)
    event = _event(f"promise-{promise.id}", words, url, now)
    event.add("dtstart", promise.due_on)
    event.add("description", promise.text)
    event.add("transp", "TRANSPARENT")
    return event


def _event(uid: str, summary: str, url: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@inboxcrm")
    event.add("dtstamp", now)
    event.add("summary", summary)
    event.add("url", url)
    return event


def _why(row: FollowUp, zone: ZoneInfo) -> str:
    return "\n".join([*([goal(row.goal)] if row.goal else []), *said(row.reasons, zone)])
