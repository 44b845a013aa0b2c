"""Why a contact is left out of an issue, and how that is said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from inboxcrm.i18n import _, day
from inboxcrm.model import SuppressionReason


class Why(StrEnum):
    """Why a contact is left out: by choice (`CHOSEN_AWAY`), or to protect people."""

    GRADE = "grade"
    STATUS = "status"
    COUNTRY = "country"
    LANGUAGE = "language"
    PRODUCT = "product"
    TAG = "tag"
    SOURCE = "source"
    LAST_CONTACT = "last_contact"
    NO_ADDRESS = "no_address"
    UNUSABLE = "unusable"
    BOUNCING = "bouncing"
    LEFT_COMPANY = "left_company"
    SUPPRESSED = "suppressed"
    NOBODY_READS = "nobody_reads"
    OURS = "ours"
    REFUSED = "refused"
    WRITTEN = "written"
    ISSUE = "issue"
    QUEUED = "queued"
    CADENCE = "cadence"
    HELD = "held"
    UNANSWERED = "unanswered"
    UNJUDGED = "unjudged"
    NO_TEXT = "no_text"
    SHARED = "shared"
    TWICE = "twice"
    GONE = "gone"


CHOSEN_AWAY = frozenset(
    {
        Why.GRADE,
        Why.STATUS,
        Why.COUNTRY,
        Why.LANGUAGE,
        Why.PRODUCT,
        Why.TAG,
        Why.SOURCE,
        Why.LAST_CONTACT,
        Why.WRITTEN,
        Why.ISSUE,
        Why.NO_TEXT,
    }
)
"""What follows from a person's choice: filters, days, the language for everybody else. Everything else nobody can switch off."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to leave a contact out. `detail`: the grade, the day, the name … that the words need."""

    why: Why
    detail: str = ""


def in_words(reason: Reason) -> str:
    """A reason in the language of this context."""
    detail = reason.detail
    first, _blank, last = detail.rpartition(" ")
    match reason.why:
        case Why.GRADE:
            return _("is of grade {grade}").format(grade=detail)
        case Why.STATUS:
            return _("has another status: {status}").format(status=detail)
        case Why.COUNTRY:
            return _("is in another country: {country}").format(country=detail) if detail else _("country not known")
        case Why.LANGUAGE:
            return _("writes in another language: {code}").format(code=detail) if detail else _("language not known")
        case Why.PRODUCT:
            return _("wants none of these products")
        case Why.TAG:
            return _("has none of these tags")
        case Why.SOURCE:
            return _("came from elsewhere: {source}").format(source=detail) if detail else _("source not known")
        case Why.LAST_CONTACT:
            if not detail:
                return _("no contact so far")
            return _("the last contact, on {day}, lies outside the chosen days").format(day=_day(detail))
        case Why.NO_ADDRESS:
            return _("has no mail address")
        case Why.UNUSABLE:
            return _("{address} is no mail address").format(address=detail)
        case Why.BOUNCING:
            return _("mail to {address} comes back").format(address=detail)
        case Why.LEFT_COMPANY:
            return _("{address} belongs to somebody who has left the company").format(address=detail)
        case Why.SUPPRESSED:
            return _SUPPRESSED[SuppressionReason(last)]().format(address=first)
        case Why.NOBODY_READS:
            return _("nobody reads {address}").format(address=detail)
        case Why.OURS:
            return _("{address} is ours").format(address=detail)
        case Why.REFUSED:
            return _("said no on {day} and hasn't written since").format(day=_day(detail))
        case Why.WRITTEN:
            return _("we wrote personally on {day}").format(day=_day(detail))
        case Why.ISSUE:
            return _("got an issue on {day}").format(day=_day(detail))
        case Why.QUEUED:
            return _("waits for another issue: {issue}").format(issue=detail)
        case Why.CADENCE:
            return _("is being followed up; the next step is due on {day}").format(day=_day(detail))
        case Why.HELD:
            return _("the plan of this customer is paused")
        case Why.UNANSWERED:
            return _("waits for our answer since {day}").format(day=_day(detail))
        case Why.UNJUDGED:
            return _("what they wrote couldn't be judged, so the grade isn't sure")
        case Why.NO_TEXT:
            return _("no text in their language ({code})").format(code=detail or "?")
        case Why.SHARED:
            return _("the address also belongs to {customer}, grade {grade}").format(customer=first, grade=last)
        case Why.TWICE:
            return _("the address stands at {customer} already").format(customer=detail)
        case Why.GONE:
            return _("is no longer in the file with this address")


def _day(written: str) -> str:
    return day(date.fromisoformat(written))


_SUPPRESSED = {
    SuppressionReason.LEFT: lambda: _("{address} has left the newsletter"),
    SuppressionReason.ASKED: lambda: _("{address} asked for no more mail"),
    SuppressionReason.COMPLAINT: lambda: _("{address} reported mail of ours as spam"),
    SuppressionReason.HARD_BOUNCE: lambda: _("{address} doesn't exist"),
    SuppressionReason.SOFT_BOUNCES: lambda: _("mail to {address} came back several times"),
    SuppressionReason.PERSON: lambda: _("{address} is blocked by hand"),
}
