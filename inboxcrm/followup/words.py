"""Why a follow-up is planned, and why then, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from inboxcrm.i18n import _, day, mark, ngettext

_STAGES: Mapping[str, str] = {
    "first_answer": mark("They asked on {day}, and nobody has answered yet."),
    "order_running": mark("An order is running since {day}."),
    "after_delivery": mark("The goods were sent on {day}."),
    "sample_judged": mark("They have judged the samples, {day}."),
    "sample_sent": mark("Samples are with them since {day}."),
    "quoted": mark("They have our quotation since {day}."),
    "new_inquiry": mark("Their inquiry is open; last heard on {day}."),
    "fair_contact": mark("We met at a fair on {day}."),
    "dormant": mark("Asleep: nothing heard since {day}."),
    "silent": mark("No business is under way; last heard on {day}."),
    "personal": mark("Last spoken to on {day}."),
    "yearly_check": mark("Grade C: asked once a year whether anything has changed; last heard on {day}."),
}
_GOALS = (
    mark("answer the inquiry"),
    mark("report the state of production"),
    mark("arrange the inspection"),
    mark("check marks and papers before packing"),
    mark("ask whether everything arrived well"),
    mark("ask how it sells"),
    mark("turn the result into an order"),
    mark("clear what stands in the way"),
    mark("ask for a decision"),
    mark("tell that the samples are on their way"),
    mark("offer the papers for their test"),
    mark("ask whether the samples arrived"),
    mark("ask for a first impression"),
    mark("ask for the test result"),
    mark("help with courier and customs"),
    mark("ask what they think of the offer"),
    mark("talk about the offer"),
    mark("find out what stands in the way"),
    mark("get what an offer needs"),
    mark("find out whether it is still wanted"),
    mark("remind of the talk at the stand"),
    mark("offer prices or a sample"),
    mark("ask for the next step"),
    mark("wake up"),
    mark("wake up, for the last time"),
    mark("stay in touch"),
    mark("the quarterly call, or a visit"),
    mark("find out whether anything has changed"),
)
"""The goals of the shipped cadence, so that they are translated; a person's own ones are shown as they are written."""


def said(reasons: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> list[str]:
    """The reasons of a follow-up or draft, a sentence each; unknown kinds are left out. `zone`: the reader's, for days."""
    return [sentence for reason in reasons if (sentence := _sentence(reason, zone))]


def goal(text: str) -> str:
    """What a step is for, in the reader's language."""
    return _(text) if text in _GOALS else text


def _sentence(reason: Mapping[str, Any], zone: ZoneInfo) -> str:
    found = _KINDS.get(str(reason.get("kind", "")))
    return found(reason, zone) if found is not None else ""


def _stage(reason: Mapping[str, Any], zone: ZoneInfo) -> str:
    text = _STAGES.get(str(reason.get("stage")))
    return _(text).format(day=_day(reason["since"], zone)) if text else ""


def _step(reason: Mapping[str, Any], zone: ZoneInfo) -> str:
    days = float(reason["days"])
    count = round(days)
    gap = (
        ngettext("{count} working day", "{count} working days", count)
        if reason.get("working")
        else ngettext("{count} day", "{count} days", count)
    ).format(count=f"{days:g}")
    text = _("Step {step} of {of}: {gap} after the contact of {day}.").format(
        step=reason["step"], of=reason["of"], gap=gap, day=_day(reason["last"], zone)
    )
    return _aimed(text, reason)


def _aimed(text: str, reason: Mapping[str, Any]) -> str:
    aim = goal(str(reason.get("goal", "")))
    return f"{text} {_('Aim: {goal}.').format(goal=aim)}" if aim else text


def _answer(reason: Mapping[str, Any], _zone: ZoneInfo) -> str:
    hours = float(reason["hours"])
    text = ngettext(
        "To be answered within {hours} working hour of ours.",
        "To be answered within {hours} working hours of ours.",
        round(hours),
    )
    return _aimed(text.format(hours=f"{hours:g}"), reason)


def _personal(reason: Mapping[str, Any], _zone: ZoneInfo) -> str:
    days = int(reason["days"])
    text = ngettext("A personal word after {days} day.", "A personal word after {days} days.", days)
    return _aimed(text.format(days=days), reason)


def _day(instant: str, zone: ZoneInfo) -> str:
    return day(datetime.fromisoformat(instant).astimezone(zone).date())


_KINDS: Mapping[str, Callable[[Mapping[str, Any], ZoneInfo], str]] = {
    "stage": _stage,
    "step": _step,
    "answer": _answer,
    "personal": _personal,
    "gap": lambda reason, _zone: _("Put off: not within {days} days of our last contact.").format(
        days=f"{float(reason['days']):g}"
    ),
    "away": lambda reason, _zone: _("Put off: away until {day}, says their automatic reply.").format(
        day=reason["until"]
    ),
    "held": lambda reason, zone: _("Put off: the plan is paused until {day}.").format(day=_day(reason["until"], zone)),
    "noted": lambda reason, _zone: _("You noted this day for the next follow-up: {day}.").format(day=reason["on"]),
    "complaint": lambda _reason, _zone: _("The customer complains. Answer in person; nothing else is sent until then."),
    "not_interested": lambda _reason, _zone: _(
        "The customer is not interested. Nothing more is sent; write once more in person, or leave it."
    ),
    "unsubscribe": lambda _reason, _zone: _("The customer asks for no more mail. Nothing more is sent."),
    "left": lambda _reason, _zone: _("This contact has left the company. Find out who took over."),
    "bounced": lambda _reason, _zone: _("Mail to this contact comes back. Find another address."),
    "by_hand": lambda reason, _zone: _("Planned by {person}.").format(person=reason.get("by") or "–"),
    "not_polished": lambda reason, _zone: _("The writer {writer} didn't polish it: {why}.").format(
        writer=reason.get("writer", ""), why=reason.get("why", "")
    ),
    "not_drafted": lambda reason, _zone: _("No draft could be written: {why}").format(why=reason.get("why", "")),
}
