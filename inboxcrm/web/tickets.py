"""The session cookie: a signed ticket that says who the browser belongs to, and the token that every change must bring.

Signing and reading only; whether the user still exists is asked elsewhere (`inboxcrm.web.gate`). A ticket carries the
user's session key, so that a new password makes all older tickets worthless.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

RENEWED_AFTER = timedelta(minutes=5)
"""A ticket in use is written anew when it is older than this: sessions end by lack of use, not in its midst."""
VISIT_ENDS_AFTER = timedelta(minutes=30)
"""After such a pause the next page begins a new visit, and "since your last visit" means before it."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a cookie says. `user_id` is None before the log-in; `nonce` makes its CSRF token. `last_visit` is when the visit
    before this one ended, `issued_at` when the ticket was written, both UTC; `language` is chosen before the log-in.
    """

    nonce: str
    issued_at: datetime
    user_id: int | None = None
    session_key: str = ""
    last_visit: datetime | None = None
    language: str = ""


def fresh(now: datetime, language: str = "") -> Ticket:
    """The ticket of somebody unknown."""
    return Ticket(nonce=secrets.token_urlsafe(18), issued_at=now, language=language)


def for_user(user_id: int, session_key: str, now: datetime, last_visit: datetime | None = None) -> Ticket:
    """The ticket after a log-in: a new nonce, so that nothing from before the log-in is worth anything after it."""
    return replace(fresh(now), user_id=user_id, session_key=session_key, last_visit=last_visit)


def renewed(ticket: Ticket, now: datetime) -> Ticket | None:
    """The ticket to send back, or None while this one is young enough."""
    age = now - ticket.issued_at
    if age < RENEWED_AFTER:
        return None
    last_visit = ticket.issued_at if age >= VISIT_ENDS_AFTER else ticket.last_visit
    return replace(ticket, issued_at=now, last_visit=last_visit)


class TicketBooth:
    """Signs tickets and reads them back, with the key of this installation."""

    def __init__(self, key: bytes, *, lifetime: timedelta, secure: bool) -> None:
        self.key = key
        self._serializer = URLSafeTimedSerializer(
            key, salt="inboxcrm.ticket", signer_kwargs={"digest_method": hashlib.sha256}
        )
        self.lifetime = lifetime
        self.secure = secure
        # Cookies don't know ports: two installations on one machine must not overwrite each other's.
        mark = hashlib.sha256(b"cookie name" + key).hexdigest()[:8]
        self.cookie_name = f"__Host-inboxcrm-{mark}" if secure else f"inboxcrm-{mark}"

    def sign(self, ticket: Ticket) -> str:
        """The cookie's value."""
        values: dict[str, Any] = {"n": ticket.nonce, "i": int(ticket.issued_at.timestamp())}
        if ticket.user_id is not None:
            values |= {"u": ticket.user_id, "k": ticket.session_key}
        if ticket.last_visit is not None:
            values["v"] = int(ticket.last_visit.timestamp())
        if ticket.language:
            values["l"] = ticket.language
        return str(self._serializer.dumps(values))

    def read(self, value: str, now: datetime) -> Ticket | None:
        """The ticket of a cookie; None when it is forged, broken or too old."""
        try:
            values = self._serializer.loads(value)
            ticket = Ticket(
                nonce=values["n"],
                issued_at=datetime.fromtimestamp(values["i"], UTC),
                user_id=values.get("u"),
                session_key=values.get("k", ""),
                last_visit=datetime.fromtimestamp(values["v"], UTC) if "v" in values else None,
                language=values.get("l", ""),
            )
        except (BadData, KeyError, TypeError, ValueError):
            return None
        return ticket if now - ticket.issued_at < self.lifetime else None

    def csrf_token(self, ticket: Ticket) -> str:
        """What a form must bring along to be believed."""
        return hmac.new(self.key, b"csrf " + ticket.nonce.encode(), hashlib.sha256).hexdigest()

    def cookie(self, ticket: Ticket) -> str:
        """The Set-Cookie header's value (RFC 6265)."""
        return self._header(self.sign(ticket), int(self.lifetime.total_seconds()))

    def no_cookie(self) -> str:
        """The Set-Cookie header's value that removes the cookie."""
        return self._header("", 0)

    def _header(self, value: str, max_age: int) -> str:
        secure = "; Secure" if self.secure else ""
        return f"{self.cookie_name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}"
