"""The secret link to a person's calendar feed: calendar programs can't log in, so the link itself lets them in.

Whoever has it sees what is due and with whom, nothing else; a new one makes the old one worthless.
"""

from __future__ import annotations

import hmac
import re
import secrets

from sqlalchemy.orm import Session

from inboxcrm.model import User

_PATH = re.compile(r"/calendar/(?P<secret>[A-Za-z0-9_-]{1,120})\.ics")


def is_feed(path: str) -> bool:
    """Whether a path is that of a feed: it is open without a log-in."""
    return _PATH.fullmatch(path) is not None


def path_of(user: User) -> str:
    """The path of this person's feed; "" when there is none."""
    return f"/calendar/{user.id}-{user.calendar_key}.ics" if user.calendar_key else ""


def renew(user: User) -> None:
    """Makes a new link; the old one leads nowhere from now on."""
    user.calendar_key = secrets.token_urlsafe(32)


def switch_off(user: User) -> None:
    """There is no feed any more."""
    user.calendar_key = ""


def owner_of(session: Session, secret: str) -> User | None:
    """Whose feed it is; None for a link that leads nowhere. Takes as long for a nearly right secret as for a wrong one."""
    number, _dash, key = secret.partition("-")
    user = session.get(User, int(number)) if number.isascii() and number.isdecimal() and len(number) < 10 else None
    wanted = user.calendar_key if user is not None else ""
    same = hmac.compare_digest(key.encode(), wanted.encode())
    return user if same and wanted else None
