"""Exchange rates out of `config/rates.toml`: dated, kept by a person, never fetched. Pure but for reading the file."""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from inboxcrm.engagement.signals import Money
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.toml_lines import line_of

_Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class RatesFileError(InboxcrmError):
    """The file of rates can't be used; the message names file, line and key, and what was expected."""


class _Block(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[_Currency, Annotated[Decimal, Field(gt=0)]]

    since: date = Field(alias="from")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    base: _Currency
    rates: tuple[_Block, ...] = Field(min_length=1)

    @field_validator("rates")
    @classmethod
    def _in_order(cls, blocks: tuple[_Block, ...]) -> tuple[_Block, ...]:
        days = [block.since for block in blocks]
        if days != sorted(set(days)):
            msg = "the blocks must stand in the order of their days, each day once"
            raise ValueError(msg)
        return blocks


@dataclass(frozen=True, slots=True)
class Rates:
    """What one unit of a currency is worth in `base`, from each of `days` on."""

    base: str
    days: Sequence[date]
    tables: Sequence[Mapping[str, Decimal]]

    def rate(self, currency: str, on: date) -> Decimal | None:
        """The rate in force on that day, before the first block that of the first; None for a currency that nobody gave a rate."""
        if currency == self.base:
            return Decimal(1)
        return self.tables[max(bisect_right(self.days, on) - 1, 0)].get(currency)

    def in_base(self, money: Money, on: date) -> Decimal | None:
        """The amount in the base currency, to the cent, at the rate of that day; None when there is no rate."""
        rate = self.rate(money.currency, on)
        return None if rate is None else (money.amount * rate).quantize(Decimal("0.01"))


def load(path: Path) -> Rates:
    """The rates file `path`.

    Raises RatesFileError naming file, line, key and what was expected.
    """
    return parse(path.read_text(encoding="utf-8"), str(path))


def parse(text: str, source: str) -> Rates:
    """The rates file `text`; `source` names it in errors. Raises RatesFileError."""
    try:
        file = _File(**tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise RatesFileError(_("{file}: {error}").format(file=source, error=error)) from error
    except ValidationError as error:
        raise RatesFileError("\n".join(_told(source, text, problem) for problem in error.errors())) from error
    tables: list[dict[str, Decimal]] = []
    for block in file.rates:
        before = tables[-1] if tables else {}
        tables.append({**before, **block.__pydantic_extra__})
    return Rates(file.base, tuple(block.since for block in file.rates), tuple(tables))


def _told(source: str, text: str, problem: Mapping[str, Any]) -> str:
    loc, what = problem["loc"], problem["msg"]
    return _("{file}, line {line}: {key}: {what}").format(
        file=source,
        line=line_of(text, loc),
        key=".".join(str(part + 1) if isinstance(part, int) else part for part in loc),
        what=what.removeprefix("Value error, "),
    )
