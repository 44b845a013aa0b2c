"""`config/cadence.toml`, typed and checked: who is written to how often, with file, line and key in every error."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.calendar import Calendar, Hours
from inboxcrm.followup.places import Place
from inboxcrm.i18n import _
from inboxcrm.toml_lines import line_of

GradeName = Literal["A", "B", "C", "watch"]
Stage = Literal[
    "first_answer",
    "order_running",
    "after_delivery",
    "sample_judged",
    "sample_sent",
    "quoted",
    "new_inquiry",
    "fair_contact",
    "dormant",
    "silent",
    "yearly_check",
    "personal",
]
_LONGEST_BLOCK = 366


class CadenceFileError(InboxcrmError):
    """The cadence file can't be used; the message names file, line and key, and what was expected."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Table):
    """One step: so many days after the one before."""

    after: Annotated[int, Field(ge=0, le=3650)]
    working: bool = False
    action: Literal["mail", "call", "visit"]
    template: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,60}$")] = ""
    goal: str = ""

    @model_validator(mode="after")
    def _complete(self) -> Step:
        if self.action == "mail" and not self.template:
            msg = "a step that writes a mail needs a template"
            raise ValueError(msg)
        return self


class StageSteps(_Table):
    """The steps of a stage for some grades; `repeats`: how many times they are gone through."""

    stage: Stage
    grades: Annotated[tuple[GradeName, ...], Field(min_length=1)]
    paced: bool = False
    repeats: Annotated[int, Field(ge=1, le=100)] = 1
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _fits(self) -> StageSteps:
        if self.repeats > 1 and not sum(step.after for step in self.steps):
            msg = "steps that repeat must take at least a day"
            raise ValueError(msg)
        if self.stage == "first_answer" and (len(self.steps) > 1 or self.repeats > 1):
            msg = "an inquiry is answered once: give one step"
            raise ValueError(msg)
        return self

    @property
    def length(self) -> int:
        """How many steps there are, with the repeated ones."""
        return len(self.steps) * self.repeats

    def step(self, number: int) -> Step:
        """The step with this number, counted from 1 to `length`."""
        return self.steps[(number - 1) % len(self.steps)]


class AnswerWithin(_Table):
    """Our working hours within which a customer's mail is to be answered; left out: no limit."""

    A: Annotated[float, Field(gt=0, le=1000)] | None = None
    B: Annotated[float, Field(gt=0, le=1000)] | None = None
    C: Annotated[float, Field(gt=0, le=1000)] | None = None
    watch: Annotated[float, Field(gt=0, le=1000)] | None = None

    def of(self, grade: str) -> float | None:
        """The limit for a grade; None for none."""
        limit: float | None = getattr(self, grade)
        return limit


def _in_order(span: tuple[time, time]) -> tuple[time, time]:
    if span[0] >= span[1]:
        msg = "the first time must be the earlier one"
        raise ValueError(msg)
    return span


_Span = Annotated[tuple[time, time], AfterValidator(_in_order)]


def _days(text: str) -> str:
    list(_each_day(text))
    return text


def _each_day(text: str) -> list[date]:
    first, _slash, last = text.partition("/")
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        msg = f"{text!r} is no day; write it like '2027-01-29', or '2027-02-03/2027-02-12' for several"
        raise ValueError(msg) from None
    if not 0 <= (end - start).days <= _LONGEST_BLOCK:
        msg = f"{text!r}: the last day must lie behind the first, within a year"
        raise ValueError(msg)
    return [start + timedelta(days=count) for count in range((end - start).days + 1)]


class WorkingHours(_Table):
    """Working time, on the customer's clock."""

    morning: _Span = (time(9), time(11))
    office: _Span = (time(9), time(18))
    our_country: Annotated[str, Field(pattern="^([A-Z]{2})?$")] = "CN"
    our_holidays: bool = True
    blocked: tuple[Annotated[str, AfterValidator(_days)], ...] = ()


class AutomaticApproval(_Table):
    """Drafts of this stage and grade go out unread, at most so many a day."""

    stage: Stage
    grade: GradeName
    daily_limit: Annotated[int, Field(ge=1, le=1000)]


class Cadence(_Table):
    """The whole file. `version` tells two versions apart."""

    minimum_gap_days: Annotated[int, Field(ge=0, le=365)]
    one_contact_a_day: bool
    drafted_ahead_hours: Annotated[float, Field(ge=0, le=168)]
    look_back_days: Annotated[int, Field(ge=0, le=36500)]
    wake_within_days: Annotated[int, Field(ge=0, le=36500)]
    answer_patience_days: Annotated[float, Field(ge=0, le=365)]
    paced_a_day: Annotated[int, Field(ge=0, le=10_000)]
    answer_within_hours: AnswerWithin
    hours: WorkingHours
    stages: Annotated[tuple[StageSteps, ...], Field(min_length=1)]
    approve: tuple[AutomaticApproval, ...] = ()
    version: str = ""

    @model_validator(mode="after")
    def _once(self) -> Cadence:
        seen: set[tuple[str, str]] = set()
        for one in self.stages:
            for grade in one.grades:
                if (one.stage, grade) in seen:
                    msg = f"stage {one.stage!r} has two blocks for grade {grade}; keep one of the two"
                    raise ValueError(msg)
                seen.add((one.stage, grade))
        return self

    def steps(self, stage: str, grade: str) -> StageSteps | None:
        """The steps of a stage for a grade; None when nobody is written to there."""
        return next((one for one in self.stages if one.stage == stage and grade in one.grades), None)

    @property
    def order(self) -> tuple[str, ...]:
        """The stages in the order in which they are tried."""
        return tuple(dict.fromkeys(one.stage for one in self.stages))

    def calendar(self, our_zone: ZoneInfo) -> Calendar:
        """Working time as this file says it; `our_zone`: where we sit."""
        hours = self.hours
        return Calendar(
            home=Place(our_zone, hours.our_country),
            office=Hours(*hours.office),
            morning=Hours(*hours.morning),
            blocked=frozenset(day for text in hours.blocked for day in _each_day(text)),
            our_holidays=hours.our_holidays,
        )


def load(path: Path) -> Cadence:
    """Reads and checks the file. Raises CadenceFileError."""
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CadenceFileError(f"{path}: {error}") from error
    version = hashlib.sha256(text.encode()).hexdigest()[:16]
    try:
        return Cadence(**{**values, "version": version})
    except (ValidationError, TypeError) as error:
        problems = error.errors() if isinstance(error, ValidationError) else []
        told = "\n".join(_explain(path, text, problem["loc"], problem["msg"]) for problem in problems)
        raise CadenceFileError(told or f"{path}: {error}") from error


def _explain(path: Path, text: str, loc: tuple[str | int, ...], message: str) -> str:
    line = line_of(text, loc)
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in loc)
    place = _("{path}, line {line}").format(path=path, line=line) if line else str(path)
    return f"{place}: {key}: {message.removeprefix('Value error, ')}"
