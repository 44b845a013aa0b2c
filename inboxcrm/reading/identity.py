"""Which mail a mail is: the key under which it is logged once, and whether two mails with one Message-ID are one mail.

The digest of the body is taken before any rule cuts it, so that a better rule for quotes never makes a known mail new.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inboxcrm.reading import addresses

if TYPE_CHECKING:
    from datetime import datetime

    from inboxcrm.reading.reading import Reading

LETTERS = 500
"""So many letters and digits of a body tell it from others; what lists and servers append at the end doesn't count."""

_LETTERS_AND_DIGITS = re.compile(r"[^\W_]{1,100}")
_LIST_PREFIX = re.compile(
    r"^\s*(?:(?:re|fwd?|aw|wg|sv|antw|res|rif|回复|答复|转发)\s*[:：]\s*)*\[[^\]]{1,40}\]\s*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What two copies of one mail share. `sender` and `recipients` (To and Cc) in the form of `addresses.normal`,
    `date` as the Date header says (aware UTC, None if it says nothing), `body_digest` None where the body isn't known."""

    sender: str
    recipients: frozenset[str]
    subject: str
    date: datetime | None
    body_digest: str | None


def body_digest(text: str) -> str:
    """SHA-256 (hex) over the first 500 letters and digits, case folded, of the visible body as decoded."""
    kept, length = [], 0
    for run in _LETTERS_AND_DIGITS.finditer(text):
        kept.append(run[0])
        length += len(run[0])
        if length >= LETTERS:
            break
    return hashlib.sha256("".join(kept)[:LETTERS].casefold().encode("utf-8", "replace")).hexdigest()


def message_key(reading: Reading) -> str:
    """The key of a mail: its Message-ID where that is usable, else "sha256:" and a digest of date, people, subject and text."""
    if usable(reading.message_id):
        return reading.message_id
    facts = (
        reading.date_header.isoformat(timespec="seconds") if reading.date_header else "",
        addresses.normal(reading.sender.address),
        " ".join(sorted(addresses.normal(one.address) for one in reading.to)),
        folded_subject(reading.subject),
        reading.body_digest,
    )
    return "sha256:" + hashlib.sha256("\x1f".join(facts).encode("utf-8", "replace")).hexdigest()


def usable(message_id: str) -> bool:
    """Whether a Message-ID can name a mail: long enough, in one piece, and more than the name of a host."""
    if (
        len(message_id) < 6
        or len(message_id) > 900
        or not message_id.isprintable()
        or any(map(str.isspace, message_id))
    ):
        return False
    local, at, _ = message_id.partition("@")
    # Without "@" it may be the bare name of a host, the same for each mail from there.
    return any(map(str.isalnum, local)) if at else any(map(str.isdigit, local))


def same_mail(a: Identity, b: Identity) -> bool:
    """Whether two mails with the same Message-ID are the same mail: what either knows, both agree on."""
    if a.sender != b.sender or a.recipients != b.recipients or a.date != b.date:
        return False
    if folded_subject(a.subject) != folded_subject(b.subject):
        return False
    return a.body_digest is None or b.body_digest is None or a.body_digest == b.body_digest


def folded_subject(subject: str) -> str:
    """A subject for comparing: case and white space folded, without the "[list]" that a list puts before it."""
    return " ".join(_LIST_PREFIX.sub("", subject).casefold().split())
