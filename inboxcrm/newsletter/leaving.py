"""The ways out of newsletters: the signed token of each mail, the header fields with them (RFC 2369, RFC 8058), and leaving itself.

A token needs no database to be believed, and says no more than whom its mail went to. Whoever holds it may only stop mail, never start
it; nothing here writes to anybody.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_encode
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import suppress
from inboxcrm.model import Recipient, Suppression, SuppressionReason
from inboxcrm.reading.addresses import normal

ONE_CLICK = "List-Unsubscribe=One-Click"
"""The field that mail programs add, and the body that they send (RFC 8058, 3.1 and 3.2)."""
SUBJECT = "unsubscribe"
"""How the subject of a mail that leaves begins; the token follows."""
_IN_SUBJECT = re.compile(r"[A-Za-z0-9_.-]{60,}")
_NOTHING_ELSE = re.compile(rf"{SUBJECT}[.!]?(?:\s+[A-Za-z0-9_.-]{{30,}})*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Leave:
    """What a token says: the mail to `address` (comparison form) of this recipient and issue, in this language. `recipient_id` 0: a
    mail to try an issue, from whose token nothing follows.
    """

    issue_id: int
    recipient_id: int
    language: str
    address: str


@dataclass(frozen=True, slots=True)
class Click:
    """A link of a mail whose clicks are counted."""

    recipient_id: int
    url: str


@dataclass(frozen=True, slots=True)
class Links:
    """The ways out of one mail. `headers`: the fields to add, unfolded, in order; `leave`: where the visible link leads (https, else
    mailto).
    """

    headers: tuple[tuple[str, str], ...]
    leave: str
    token: str
    _counting: tuple[Signing, int] | None = None
    _base_url: str = ""

    def counted(self, url: str) -> str:
        """The address to put in place of a link of the text: one that counts the click and leads there, where an issue counts clicks
        and there is a public address; else the link itself.
        """
        if self._counting is None or not url.startswith(("https://", "http://")):
            return url
        signing, recipient_id = self._counting
        return f"{self._base_url}/c/{signing.click(Click(recipient_id, url))}"


class _Short(URLSafeSerializer):
    """Tokens are short: whether they can be made shorter is not tried. Those that once were are read all the same."""

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(json.dumps(obj, separators=(",", ":")))


class Signing:
    """Makes and reads tokens with the key of one installation (`inboxcrm.newsletter.keys.leaving_key`)."""

    def __init__(self, key: bytes) -> None:
        """`key`: at least 32 secret bytes."""
        self._key = key
        kwargs = {"digest_method": hashlib.sha256}
        self._leaves = _Short(key, salt="inboxcrm.leave", signer_kwargs=kwargs)
        self._clicks = URLSafeSerializer(key, salt="inboxcrm.click", signer_kwargs=kwargs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Signing) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def token(self, leave: Leave) -> str:
        """The token: letters, digits, "-", "_" and "." only."""
        return str(self._leaves.dumps([leave.issue_id, leave.recipient_id, leave.language, leave.address]))

    def read_token(self, token: str) -> Leave | None:
        """What a token says; None for one that we haven't signed."""
        try:
            issue_id, recipient_id, language, address = self._leaves.loads(token)
        except (BadData, TypeError, ValueError):
            return None
        return Leave(issue_id, recipient_id, language, address)

    def find_token(self, subject: str) -> Leave | None:
        """What a mail's subject says, whatever a mail program has put around or (folding it) into the token; None without one."""
        for text in (subject, unquote(subject), _unfolded(subject)):
            for found in _IN_SUBJECT.finditer(text):
                if (leave := self.read_token(found[0].rstrip("."))) is not None:
                    return leave
        return None

    def click(self, click: Click) -> str:
        """The token of a counted link."""
        return str(self._clicks.dumps([click.recipient_id, click.url]))

    def read_click(self, token: str) -> Click | None:
        """What the token of a counted link says; None for one that we haven't signed."""
        try:
            recipient_id, url = self._clicks.loads(token)
        except (BadData, TypeError, ValueError):
            return None
        return Click(recipient_id, url)


def asks_to_leave(subject: str) -> bool:
    """Whether a subject is nothing but the word that our links write, alone or with what was a token once: its key may be lost, a mail
    program may have cut it. What it asks is plain all the same, for its writer.
    """
    return _NOTHING_ELSE.fullmatch(unquote(subject).strip()) is not None


def _unfolded(subject: str) -> str:
    """What follows upon the word in a subject, in one piece."""
    whole = "".join(subject.split())
    place = whole.casefold().find(SUBJECT)
    return whole[place + len(SUBJECT) :] if place >= 0 else ""


def links(signing: Signing, leave: Leave, sender: str, base_url: str = "", *, count_clicks: bool = False) -> Links:
    """The ways out of one mail. `sender`: the account's address, to which the mail that leaves goes; `base_url`: of the public pages,
    "" without them. The mailto way is always there; with public pages the https way stands before it, and one click is enough.
    """
    token = signing.token(leave)
    mailto = f"mailto:{_quoted(sender)}?subject={SUBJECT}%20{token}"  # nothing in a token needs quoting
    base_url = base_url.rstrip("/")
    if not base_url:
        return Links((("List-Unsubscribe", f"<{mailto}>"),), mailto, token)
    page = f"{base_url}/u/{token}"
    return Links(
        (("List-Unsubscribe", f"<{page}>, <{mailto}>"), ("List-Unsubscribe-Post", ONE_CLICK)),
        page,
        token,
        (signing, leave.recipient_id) if count_clicks and leave.recipient_id else None,
        base_url,
    )


@lru_cache(maxsize=64)
def _quoted(address: str) -> str:
    return quote(address, safe="@+")


def leave_of(recipient: Recipient) -> Leave:
    """What the token of a recipient's mail says."""
    return Leave(recipient.issue_id, recipient.id, recipient.language, recipient.address)


def has_left(session: Session, left: Leave) -> bool:
    """Whether the person behind a token has left already, or may be left alone as if: a mail that only tried an issue. That his mail
    came back, or that somebody blocked him, is something else: it may be taken off some day.
    """
    if not left.recipient_id:
        return True
    found = select(Suppression.id).where(
        Suppression.value == normal(left.address),
        Suppression.reason == SuppressionReason.LEFT,
        Suppression.lifted_at.is_(None),
    )
    if session.scalar(found.limit(1)) is None:
        return False
    recipient = session.get(Recipient, left.recipient_id)
    return recipient is None or recipient.left_at is not None


def leave(session: Session, left: Leave, proof: Mapping[str, Any], now: datetime) -> Suppression | None:
    """The person behind a token gets no bulk mail from now on. The token alone is enough: the recipient's row and the contact may be
    gone. `proof`: the mail or the request. None for a mail that only tried an issue. Once or ten times is the same.
    """
    if not left.recipient_id:
        return None
    made = suppress(
        session,
        left.address,
        reason=SuppressionReason.LEFT,
        now=now,
        proof={**proof, "issue_id": left.issue_id, "recipient_id": left.recipient_id},
    )
    session.execute(
        update(Recipient)
        .where(
            Recipient.id == left.recipient_id,
            Recipient.address == normal(left.address),
            Recipient.left_at.is_(None),
        )
        .values(left_at=now)
    )
    return made
