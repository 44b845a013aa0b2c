"""What the buttons below a draft do: one function each, in the session of the request. Each returns what the next page says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from inboxcrm.followup import drafting, review
from inboxcrm.followup.mornings import next_morning
from inboxcrm.followup.review import ReviewError
from inboxcrm.i18n import _
from inboxcrm.reading.addresses import parse
from inboxcrm.web import formats
from inboxcrm.web.flash import Notice
from inboxcrm.web.site import Site

_LATER = {"tomorrow": timedelta(days=1), "days": timedelta(days=3), "week": timedelta(days=7)}
_MORNING = time(8)
"""When what was postponed comes back, on the person's clock."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One click on a draft: the form as it was sent, with the `documents` that are ticked in it."""

    site: Site
    session: Session
    draft_id: int
    form: Mapping[str, str]
    documents: Sequence[str]
    now: datetime
    by: str

    @property
    def delay(self) -> timedelta:
        """How long an approved draft can be taken back."""
        return timedelta(seconds=self.site.settings.sending.undo_seconds)

    def notice(self, text: str, *, undo: str = "") -> Notice:
        """What the next page says; `undo`: the act that takes it back."""
        if not undo:
            return Notice(text)
        kept = {name: self.form[name] for name in ("stage", "grade") if self.form.get(name)}
        return Notice(text, undo_path=f"/drafts/{self.draft_id}", undo_fields={"act": undo, **kept})


def save(decision: Decision) -> Notice:
    """Keeps what was typed."""
    before = review.get(decision.session, decision.draft_id).revision
    _keep(decision)
    changed = review.get(decision.session, decision.draft_id).revision != before
    return decision.notice(_("Saved."), undo="undo" if changed else "")


def approve(decision: Decision) -> Notice:
    """Keeps what was typed and lets it go: at once, at the customer's next morning, or at a chosen time."""
    _keep(decision)
    send_at = None
    if decision.form.get("act") == "morning":
        draft = review.get(decision.session, decision.draft_id)
        send_at = next_morning(decision.session, draft, decision.site.planning.planner().calendar, decision.now)
    elif decision.form.get("act") == "at":
        send_at = _typed_time(decision, decision.form.get("at", ""))
    draft = review.approve(
        decision.session, decision.draft_id, now=decision.now, by=decision.by, delay=decision.delay, send_at=send_at
    )
    when = formats.when(draft.send_at or decision.now, decision.now, decision.site.zone)
    return decision.notice(_("Approved: it goes {when}.").format(when=when), undo="take_back")


def snooze(decision: Decision) -> Notice:
    """Has it come back later."""
    _keep(decision)
    review.snooze(decision.session, decision.draft_id, _wake_at(decision), now=decision.now, by=decision.by)
    return decision.notice(_("Postponed."), undo="undo")


def skip(decision: Decision) -> Notice:
    """Leaves the step out."""
    _keep(decision)
    review.skip(decision.session, decision.draft_id, now=decision.now, by=decision.by)
    return decision.notice(_("Left out; the next step is planned."), undo="undo")


def take_back(decision: Decision) -> Notice:
    """Has what is approved wait for review again."""
    review.take_back(decision.session, decision.draft_id, now=decision.now, by=decision.by)
    return decision.notice(_("Taken back; it waits for review again."))


def undo(decision: Decision) -> Notice:
    """Takes the last thing back."""
    review.undo(decision.session, decision.draft_id, now=decision.now, by=decision.by)
    return decision.notice(_("Taken back."))


def send_again(decision: Decision) -> Notice:
    """Sends once more what failed, or of what nobody knows whether it went. What was edited meanwhile is a mail to be approved."""
    _keep(decision)
    if review.get(decision.session, decision.draft_id).state in review.WAITING:
        return approve(decision)
    review.send_again(decision.session, decision.draft_id, now=decision.now, by=decision.by, delay=decision.delay)
    return decision.notice(_("It goes again."), undo="take_back")


def mark_sent(decision: Decision) -> Notice:
    """Says that it did go out."""
    review.mark_sent(decision.session, decision.draft_id, now=decision.now, by=decision.by)
    return decision.notice(_("Noted as sent."))


def again(decision: Decision) -> Notice:
    """Another text from a template."""
    _keep(decision)
    drafting.again(
        decision.session,
        decision.site.workshop(),
        decision.draft_id,
        decision.now,
        by=decision.by,
        template=decision.form.get("template") or None,
        language=decision.form.get("language") or None,
    )
    return decision.notice(_("Another text."), undo="undo")


ACTS: Mapping[str, Callable[[Decision], Notice]] = {
    "save": save,
    "approve": approve,
    "morning": approve,
    "at": approve,
    "snooze": snooze,
    "tomorrow": snooze,
    "days": snooze,
    "week": snooze,
    "skip": skip,
    "take_back": take_back,
    "undo": undo,
    "send_again": send_again,
    "mark_sent": mark_sent,
    "again": again,
}
"""By the value of the button."""
STAYING = frozenset({"save", "again", "undo", "take_back"})
"""After these the same draft is shown again, after others the next one."""


def _keep(decision: Decision) -> None:
    form = decision.form
    if "body" not in form:
        return
    people: dict[str, Any] = {field: _people(form[field]) for field in ("to", "cc", "bcc") if field in form}
    review.edit(
        decision.session,
        decision.draft_id,
        now=decision.now,
        by=decision.by,
        subject=form.get("subject"),
        body=form["body"],
        attachments=decision.documents if "attachments" in form else None,
        keep_quoted="keep_quoted" in form if "has_quoted" in form else None,
        revision=int(form["revision"]) if form.get("revision", "").isdecimal() else None,
        **people,
    )


def _people(field: str) -> list[dict[str, str]]:
    field = field.replace(";", ",").strip()
    found = [{"name": one.name, "address": one.address} for one in parse([field.encode()])]
    if field and (not found or len(found) < field.count("@")):
        message = _(
            "{text!r} can't be read as addresses; write them like Anna <anna@firm.example>, with commas between."
        )
        raise ReviewError(message.format(text=field))
    return found


def _wake_at(decision: Decision) -> datetime:
    act, zone = decision.form.get("act", ""), decision.site.zone
    if act in _LATER:
        day = decision.now.astimezone(zone).date() + _LATER[act]
    else:
        try:
            day = date.fromisoformat(decision.form.get("until", ""))
        except ValueError:
            raise ReviewError(_("Choose a day.")) from None
    return datetime.combine(day, _MORNING, zone).astimezone(UTC)


def _typed_time(decision: Decision, written: str) -> datetime:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise ReviewError(_("Choose a day and a time.")) from None
    found = (found if found.tzinfo else found.replace(tzinfo=decision.site.zone)).astimezone(UTC)
    if found <= decision.now:
        raise ReviewError(_("Choose a time that lies ahead."))
    return found
