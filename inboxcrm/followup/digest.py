"""The daily digest: what the Today page says, as a short mail to the salesperson. It gathers and writes; it sends nothing.

Its text is templates/digest/<language>.txt: "Subject:" and the subject, an empty line, the body. A person's own text that can't be
filled in is told of and the shipped one taken instead: a digest is not worth a morning without one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from babel.dates import format_date, format_datetime
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inboxcrm import shipped
from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.desk import Desk, Task, desk
from inboxcrm.followup.planning import Planner
from inboxcrm.followup.queries import BY_HAND
from inboxcrm.followup.words import goal, said
from inboxcrm.i18n import LOCALES, _, speaking
from inboxcrm.model import Account, AccountState, ChangedBy, Customer, Grade, GradeChange, Signal, SignalState

log = structlog.get_logger(__name__)

_GRADES: Mapping[Grade, str] = {Grade.A: "A", Grade.B: "B", Grade.C: "C", Grade.WATCH: "–"}
_SANDBOX = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_LONGEST = 90


class DigestError(InboxcrmError):
    """A text of the digest can't be used; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line. `what`: in words; `when`: as the reader writes it, "" for none."""

    customer: str
    what: str = ""
    grade: str = ""
    when: str = ""
    late: bool = False
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """A day in short: the variables of the template. `day`: as the reader writes it; `suggestions`: how many wait."""

    day: str
    name: str
    clear: bool
    unanswered: Sequence[Item]
    promises: Sequence[Item]
    tasks: Sequence[Item]
    drafts: Sequence[Item]
    inquiries: Sequence[Item]
    moves: Sequence[Item]
    failing: Sequence[Item]
    suggestions: int


def message_id(address: str, day: date) -> str:
    """The Message-ID of the digest of a day for a mailbox, without brackets: always the same."""
    token = hashlib.sha256(f"{address} {day}".encode()).hexdigest()[:20]
    return f"digest.{day:%Y%m%d}.{token}@{address.rpartition('@')[2]}"


def digest_of(session: Session, planner: Planner, name: str, language: str, now: datetime) -> Digest:
    """What is to be told at `now`. `name`: of the person; `language`: "en" or "zh"."""
    zone = planner.calendar.home.zone
    with speaking(language):
        waiting = desk(session, planner, now)
        return Digest(
            day=format_date(
                now.astimezone(zone).date(),
                "EEEE d MMMM" if language == "en" else "M月d日 EEEE",
                locale=LOCALES[language],
            ),
            name=name,
            clear=waiting.is_clear,
            **_items(waiting, zone, language, now),
            moves=_moves(session, now),
            failing=_failing(session),
            suggestions=session.scalar(select(func.count()).where(Signal.state == SignalState.SUGGESTED)) or 0,
        )


def written(digest: Digest, home: Path, language: str) -> tuple[str, str]:
    """The subject and the body, by the person's own text where there is one that can be used."""
    name = f"{language}.txt"
    own = shipped.find(home, "templates", f"digest/{name}")
    try:
        return _filled(own, digest)
    except DigestError as error:
        log.warning("the text of the digest can't be used", error=str(error), action="the shipped one is taken")
        return _filled(shipped.shipped_folder("templates") / "digest" / name, digest)


def _filled(path: Path, digest: Digest) -> tuple[str, str]:
    try:
        text = _SANDBOX.from_string(path.read_text(encoding="utf-8")).render(asdict(digest))
    except (TemplateError, OSError, UnicodeDecodeError, TypeError, ValueError) as error:
        raise DigestError(f"{path}: {error}") from error
    head, _gap, body = text.partition("\n")
    if not head.startswith("Subject:") or not body.strip():
        raise DigestError(_("{path}: the first line must be 'Subject: …', the text below it.").format(path=path))
    lines = "\n".join(line.rstrip() for line in body.strip().splitlines())
    while "\n\n\n" in lines:
        lines = lines.replace("\n\n\n", "\n\n")
    return " ".join(head.removeprefix("Subject:").split()), lines + "\n"


def _items(waiting: Desk, zone: ZoneInfo, language: str, now: datetime) -> dict[str, Sequence[Item]]:
    def moment(at: datetime) -> str:
        local = at.astimezone(zone)
        shape = (
            ("HH:mm" if local.date() == now.astimezone(zone).date() else "d MMM, HH:mm")
            if language == "en"
            else "M月d日 HH:mm"
        )
        return format_datetime(local, shape, locale=LOCALES[language])

    def day(on: date | None) -> str:
        return format_date(on, "EEE d MMM" if language == "en" else "M月d日", locale=LOCALES[language]) if on else ""

    return {
        "unanswered": [
            Item(
                one.customer,
                _short(one.subject or one.content),
                _GRADES[one.grade],
                moment(one.due_at) if one.due_at else "",
                late=one.is_over(now),
            )
            for one in waiting.unanswered
        ],
        "promises": [
            Item(one.customer, _short(one.promise.text), when=day(one.promise.due_on), late=one.late)
            for one in waiting.promises
        ],
        "tasks": [Item(one.customer, _short(_task(one, zone)), _GRADES[one.grade]) for one in waiting.tasks],
        "drafts": [Item(one.customer, _short(one.subject), _GRADES[one.grade]) for one in waiting.drafts],
        "inquiries": [
            Item(one.customer, _short(", ".join(one.record.products)), _GRADES[one.grade]) for one in waiting.inquiries
        ],
    }


def _task(one: Task, zone: ZoneInfo) -> str:
    row = one.follow_up
    if row.goal and row.anchor.startswith(BY_HAND):
        return row.goal
    return one.problem or " ".join([*([goal(row.goal)] if row.goal else []), *said(row.reasons, zone)])


def _moves(session: Session, now: datetime) -> list[Item]:
    rows = session.execute(
        select(Customer.name, GradeChange.from_grade, GradeChange.to_grade)
        .join(Customer, Customer.id == GradeChange.customer_id)
        .where(GradeChange.at > now - timedelta(days=1), GradeChange.changed_by != ChangedBy.IMPORT)
        .order_by(GradeChange.at.desc(), GradeChange.id.desc())
        .limit(50)
    )
    return [Item(name, before=_GRADES[before], after=_GRADES[after]) for name, before, after in rows]


def _failing(session: Session) -> list[Item]:
    rows = session.scalars(
        select(Account)
        .where(Account.state.in_((AccountState.RETRYING, AccountState.STOPPED)))
        .order_by(Account.address)
    )
    return [Item(row.address, _short(row.error)) for row in rows]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1].rstrip()}…"
