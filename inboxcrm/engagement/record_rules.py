"""`config/records.toml`, typed and checked: which mails belong to one business, what counts as paid, and when a status holds."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.toml_lines import line_of

_Days = Annotated[int, Field(ge=0, le=36500)]


class RecordFileError(InboxcrmError):
    """The file can't be used; the message names file, line and key, and what was expected."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DaysTogether(_Table):
    """How long a record waits for a mail of another conversation."""

    inquiry: _Days
    quote: _Days
    sample: _Days
    order: _Days

    def __getitem__(self, kind: str) -> int:
        days: int = getattr(self, kind)
        return days


class Payment(_Table):
    """Rule ids (patterns with "*") that say that the money is on its way."""

    paid: tuple[str, ...]

    def says_paid(self, rule: str) -> bool:
        """Whether a finding of `rule` means that money was paid. "" is a person's word, and counts."""
        return not rule or any(fnmatchcase(rule, one) for one in self.paid)


class StatusRules(_Table):
    """When a customer is followed, won or dormant."""

    following_days: _Days
    won_months: Annotated[int, Field(ge=1, le=1200)]
    dormant_days: _Days
    dormant_won_days: _Days


class RecordRules(_Table):
    """The whole file."""

    days_together: DaysTogether
    payment: Payment
    status: StatusRules


def load(path: Path) -> RecordRules:
    """The file `path`.

    Raises RecordFileError naming file, line, key and what was expected.
    """
    return parse(path.read_text(encoding="utf-8"), str(path))


def parse(text: str, source: str) -> RecordRules:
    """The file `text`; `source` names it in errors. Raises RecordFileError."""
    try:
        return RecordRules(**tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RecordFileError(_("{file}: {error}").format(file=source, error=error)) from error
    except ValidationError as error:
        lines = [
            _("{file}, line {line}: {key}: {what}").format(
                file=source,
                line=line_of(text, problem["loc"]),
                key=".".join(str(part + 1) if isinstance(part, int) else part for part in problem["loc"]),
                what=problem["msg"],
            )
            for problem in error.errors()
        ]
        raise RecordFileError("\n".join(lines)) from error
