"""`config/grading.toml`, typed and checked: every number that a person may change, with file, line and key in every error."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.toml_lines import line_of

Points = Annotated[float, Field(ge=0, le=100)]
Days = Annotated[float, Field(gt=0, le=36500)]
Steps = tuple[tuple[float, Points], ...]
"""(from this value on, so many points), ascending."""
GradeName = Literal["A", "B", "C", "watch"]


class GradingFileError(InboxcrmError):
    """The grading file can't be used; the message names file, line and key, and what was expected."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fading(_Table):
    """So many points, half of them after `half_life_days`."""

    points: Points
    half_life_days: Days


class Score(_Table):
    """The weight of each dimension."""

    current_value: float = Field(ge=0, le=1)
    potential_value: float = Field(ge=0, le=1)
    willingness: float = Field(ge=0, le=1)
    risk: float = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _add_up(self) -> Score:
        total = self.current_value + self.potential_value + self.willingness
        if abs(total - 1) > 0.001:
            msg = f"current_value, potential_value and willingness must add up to 1; they make {total:g}"
            raise ValueError(msg)
        return self


class Grades(_Table):
    """The marks of the grades, and what keeps them from flapping."""

    A: Points
    B: Points
    hysteresis: Points
    minimum_stay_days: float = Field(ge=0, le=3650)
    known_at_least: Points

    @model_validator(mode="after")
    def _ordered(self) -> Grades:
        if self.A <= self.B:
            msg = f"A ({self.A:g}) must lie above B ({self.B:g})"
            raise ValueError(msg)
        return self


class Known(_Table):
    """How much each piece of knowledge counts towards knowing a customer."""

    country: Points
    products: Points
    size: Points
    website: Points
    decision_role: Points
    inbound: Points
    signal: Points
    order: Points


class CurrentValue(_Table):
    """What orders bring."""

    months: float = Field(gt=0, le=240)
    half_life_days: Days
    first_order: Points
    each_further_order: Points
    amounts: Steps
    margin_point: Points
    margin_most: Points


class PotentialValue(_Table):
    """What the profile and the quantities asked for bring."""

    size: tuple[tuple[str, Points], ...]
    employees: Steps
    markets: tuple[str, ...]
    market: Points
    other_market: Points
    quantities: Steps
    amounts: Steps
    decision_maker: Points
    influencer: Points
    product_fit: Points


class ExchangePoints(_Table):
    """What the way of corresponding brings."""

    days: int = Field(gt=0, le=3650)
    answer_rate: Points
    quick_answer: Points
    wrote_first: Points
    half_life_days: Days


class Willingness(_Table):
    """Signals and exchange."""

    signals: dict[str, Fading]
    exchange: ExchangePoints


class Risk(_Table):
    """What speaks against a customer."""

    complaint: Fading
    not_interested: Fading
    unsubscribe: Fading
    overdue: Fading
    unverified: Fading
    look_alike: Fading
    mark: Fading
    unreachable: Points


class Floor(_Table):
    """Not under this grade for so many days after the event."""

    days: Days
    floor: GradeName


class Ceiling(_Table):
    """Not above this grade, for `days` days after the event, or for as long as the state lasts."""

    days: Days | None = None
    ceiling: GradeName


class Bounds(_Table):
    """What acts at once, above the numbers."""

    order_within_days: Floor
    sample_within_days: Floor
    all_addresses_bounce: Ceiling
    asked_to_stop: Ceiling
    not_interested_within_days: Ceiling


class GradingRules(_Table):
    """The whole file. `version` changes with any change of it."""

    score: Score
    grades: Grades
    known: Known
    current_value: CurrentValue
    potential_value: PotentialValue
    willingness: Willingness
    risk: Risk
    bounds: Bounds
    version: str = ""

    def __hash__(self) -> int:
        """By the version: the tables in it have no hash of their own."""
        return hash(self.version)


def load(path: Path) -> GradingRules:
    """The grading file `path`.

    Raises GradingFileError naming file, line, key and what was expected.
    """
    return parse(path.read_text(encoding="utf-8"), str(path))


def parse(text: str, source: str) -> GradingRules:
    """The grading file `text`; `source` names it in errors. Raises GradingFileError."""
    try:
        values = tomllib.loads(text)
        rules = GradingRules(**values)
    except tomllib.TOMLDecodeError as error:
        raise GradingFileError(_("{file}: {error}").format(file=source, error=error)) from error
    except ValidationError as error:
        lines = [
            _("{file}, line {line}: {key}: {what}").format(
                file=source,
                line=line_of(text, problem["loc"]),
                key=".".join(map(str, problem["loc"])),
                what=problem["msg"].removeprefix("Value error, "),
            )
            for problem in error.errors()
        ]
        raise GradingFileError("\n".join(lines)) from error
    return rules.model_copy(update={"version": hashlib.sha256(text.encode()).hexdigest()[:12]})
