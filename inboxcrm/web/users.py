"""The people who may log in: made, listed, given a new password, and recognised by it.

Passwords are kept as argon2id hashes only. A new password ends every session of that person. It knows no cookies and
no requests.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import User

SHORTEST_PASSWORD = 8
_LONGEST_PASSWORD = 1024  # hashing takes as long as the password; nobody types more

_hasher = PasswordHasher()  # argon2id with the library's parameters, which follow RFC 9106


class UserError(InboxcrmError):
    """A user can't be made or changed; the message says why and what to do."""


def create_user(session: Session, name: str, password: str, now: datetime) -> User:
    """A new person who may log in as `name`. Raises UserError for an empty or taken name or a weak password."""
    name = name.strip()
    if not name:
        raise UserError(_("A user needs a name."))
    if len(name) > 200:
        raise UserError(_("A user's name has at most 200 letters."))
    if find_user(session, name) is not None:
        raise UserError(
            _("There is a user {name} already; 'inboxcrm users password' gives a new password.").format(name=name)
        )
    user = User(
        name=name, password_hash=_hashed(password), language="", session_key=secrets.token_urlsafe(24), created_at=now
    )
    session.add(user)
    session.flush()
    return user


def change_password(session: Session, name: str, password: str) -> User:
    """Gives `name` a new password and ends all their sessions. Raises UserError when there is nobody of that name."""
    user = find_user(session, name)
    if user is None:
        raise UserError(
            _("There is no user {name}; 'inboxcrm users list' shows who there is.").format(name=name.strip())
        )
    user.password_hash = _hashed(password)
    user.session_key = secrets.token_urlsafe(24)
    session.flush()
    return user


def verify(session: Session, name: str, password: str) -> User | None:
    """The user whom this name and password belong to, else None. An unknown name takes as long as a wrong password."""
    user = find_user(session, name)
    stored = user.password_hash if user is not None else _nobodys_hash()
    try:
        _hasher.verify(stored, password[: _LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return None
    return user


def find_user(session: Session, name: str) -> User | None:
    """The user of this name, written exactly so but for white space around it."""
    return session.scalar(select(User).where(User.name == name.strip()))


def all_users(session: Session) -> list[User]:
    """Everybody who may log in, by name."""
    return list(session.scalars(select(User).order_by(User.name)))


def anybody(session: Session) -> bool:
    """Whether there is any user at all."""
    return session.scalar(select(User.id).limit(1)) is not None


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise UserError(_("A password has at least {count} letters.").format(count=SHORTEST_PASSWORD))
    if len(password) > _LONGEST_PASSWORD:
        raise UserError(_("A password has at most {count} letters.").format(count=_LONGEST_PASSWORD))
    return _hasher.hash(password)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))
