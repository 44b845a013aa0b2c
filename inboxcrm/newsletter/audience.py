"""Whom an issue is meant for, as a person chooses it: grades, countries, tags and so on. Pure; who is left out, and why, is found in
`inboxcrm.newsletter.choosing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import Grade, Status

LONGEST_DAYS = 3650


class AudienceError(InboxcrmError):
    """An audience can't be so; the message names the field and what was expected."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a person wants to reach. An empty filter lets everybody through. `countries`: ISO 3166-1 alpha-2, "" for unknown;
    `languages`: codes; `products`, `tags`, `sources`: one of them is enough, capitals don't matter. `heard_after`, `heard_before`: days
    between which the last contact of any kind lies. `not_written_days`: nobody whom we have personally written to within so many days;
    `min_gap_days`: nobody who has got an issue within so many days.
    """

    grades: tuple[Grade, ...] = (Grade.C,)
    statuses: tuple[Status, ...] = ()
    countries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    heard_after: date | None = None
    heard_before: date | None = None
    not_written_days: int = 14
    min_gap_days: int = 20

    def __post_init__(self) -> None:
        if not self.grades:
            raise AudienceError(_("An audience needs at least one grade."))
        for name in ("not_written_days", "min_gap_days"):
            if not 0 <= getattr(self, name) <= LONGEST_DAYS:
                raise AudienceError(
                    _("{field}: a number of days from 0 to {most}.").format(field=name, most=LONGEST_DAYS)
                )

    def packed(self) -> dict[str, Any]:
        """As it is kept in the database and given to programs: plain values, lists and ISO days."""
        return {name: _packed(value) for name, value in asdict(self).items()}

    @classmethod
    def unpacked(cls, values: Mapping[str, Any]) -> Audience:
        """From `packed`, or from what a person or a program gives; what is left out is as by default. Raises AudienceError."""
        known = {one.name for one in fields(cls)}
        for name in values:
            if name not in known:
                raise AudienceError(
                    _("An audience has no field {field!r}; it has {known}.").format(
                        field=name, known=", ".join(sorted(known))
                    )
                )
        return cls(**{name: _unpacked(name, value) for name, value in values.items() if value is not None})


_ENUMS: Mapping[str, type[StrEnum]] = {"grades": Grade, "statuses": Status}
_LISTS = ("countries", "languages", "products", "tags", "sources")
_DAYS = ("heard_after", "heard_before")


def _packed(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _unpacked(name: str, value: Any) -> Any:
    try:
        if name in _ENUMS:
            return tuple(dict.fromkeys(_ENUMS[name](one) for one in _list(value)))
        if name in _LISTS:
            texts = [str(one).strip() for one in _list(value)]
            return tuple(dict.fromkeys(one.upper() if name == "countries" else one for one in texts))
        if name in _DAYS:
            return value if isinstance(value, date) or value is None else date.fromisoformat(str(value))
        if isinstance(value, bool) or int(value) != float(value):
            raise ValueError(value)
        return int(value)
    except (TypeError, ValueError) as error:
        expected = ", ".join(_ENUMS[name]) if name in _ENUMS else _("a day like 2026-05-01 or a number of days")
        raise AudienceError(
            _("{field}: {value!r} is not understood; expected: {expected}.").format(
                field=name, value=value, expected=expected
            )
        ) from error


def _list(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [value]
    return list(value)
