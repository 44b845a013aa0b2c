"""Where somebody sits: the time zone and the country, from what the file and the mails tell. Pure; no network.

The surest first: a zone that a person set; the phone number; the country, where it has several zones told apart by the clock of
their mails; that clock alone. Who is nowhere is treated as if he sat with us.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone

_CAPITALS: Mapping[str, str] = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
    "VN": "Asia/Ho_Chi_Minh",
}
"""Countries of several zones, or whose library zone is not where the trade sits: where most buyers are."""

_OTHERS: Mapping[str, tuple[str, ...]] = {
    "AU": ("Australia/Brisbane", "Australia/Adelaide", "Australia/Perth"),
    "BR": ("America/Manaus", "America/Noronha"),
    "CA": ("America/Vancouver", "America/Edmonton", "America/Winnipeg", "America/Halifax", "America/St_Johns"),
    "ID": ("Asia/Makassar", "Asia/Jayapura"),
    "MX": ("America/Tijuana", "America/Hermosillo", "America/Cancun"),
    "RU": (
        "Asia/Yekaterinburg",
        "Asia/Novosibirsk",
        "Asia/Irkutsk",
        "Asia/Vladivostok",
        "Europe/Kaliningrad",
        "Asia/Omsk",
    ),
    "US": (
        "America/Chicago",
        "America/Denver",
        "America/Los_Angeles",
        "America/Phoenix",
        "America/Anchorage",
        "Pacific/Honolulu",
    ),
}
"""The other zones of countries that have several, the fuller ones first."""


@dataclass(frozen=True, slots=True)
class Place:
    """`zone`: an IANA time zone. `country`: ISO 3166-1 alpha-2, "" when unknown (then no holidays are known)."""

    zone: ZoneInfo
    country: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """How far somebody's clock was from UTC at an instant, as the Date header of a mail says."""

    offset: timedelta
    at: datetime


def place_of(
    *,
    home: Place,
    zone: str = "",
    phones: Iterable[str] = (),
    country: str = "",
    clock: Clock | None = None,
) -> Place:
    """Where a contact sits. `zone`: as set by a person; `clock`: that of their last mail. `home`: where we sit, for those who are
    nowhere.
    """
    known = _zone(zone)
    if known is not None:
        return Place(known, country)
    for phone in phones:
        found = _by_phone(phone, country)
        if found:
            return Place(_by_clock(found, clock), country or _region(phone, country))
    if country:
        zones = _of_country(country)
        return Place(_by_clock(zones, clock), country) if zones else Place(home.zone, country)
    if clock is not None:
        return Place(_fixed(clock.offset), "")
    return home


def _by_clock(zones: tuple[ZoneInfo, ...], clock: Clock | None) -> ZoneInfo:
    """The first zone whose clock shows what the mail shows; else the first."""
    if clock is None:
        return zones[0]
    return next((one for one in zones if clock.at.astimezone(one).utcoffset() == clock.offset), zones[0])


@lru_cache(maxsize=256)
def _of_country(country: str) -> tuple[ZoneInfo, ...]:
    names = [_CAPITALS[country]] if country in _CAPITALS else []
    names += _OTHERS.get(country, ())
    if not names:
        number = phonenumbers.example_number(country)
        names += timezone.time_zones_for_number(number) if number is not None else ()
    return tuple(zone for zone in map(_zone, names) if zone is not None)


@lru_cache(maxsize=4096)
def _by_phone(phone: str, country: str) -> tuple[ZoneInfo, ...]:
    """The zones of a number; () when it can't be read, or is a mobile number of a country of several zones (it tells nothing)."""
    number = _number(phone, country)
    if number is None:
        return ()
    names = timezone.time_zones_for_number(number)
    zones = tuple(zone for zone in map(_zone, names) if zone is not None)
    return zones if len(zones) == 1 else _of_country(_region(phone, country))


def _region(phone: str, country: str) -> str:
    number = _number(phone, country)
    return (phonenumbers.region_code_for_number(number) or "") if number is not None else ""


def _number(phone: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(phone, country or None)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


@lru_cache(maxsize=64)
def _fixed(offset: timedelta) -> ZoneInfo:
    """A zone that always shows this clock; to the hour, as the data base of zones has them (its names count westwards)."""
    hours = max(-14, min(12, -round(offset.total_seconds() / 3600)))
    return ZoneInfo(f"Etc/GMT{hours:+d}" if hours else "UTC")


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    if not name or name.startswith("Etc/Unknown"):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
