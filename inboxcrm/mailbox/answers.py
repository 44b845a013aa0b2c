"""What servers say when they refuse: sorted into "wrong password", "busy" and the rest, by response code first (RFC
5530), else by words.

The tables are what was seen of real servers. In doubt about a log-in it counts as refused: hammering locks accounts.
"""

from __future__ import annotations

import re
from enum import Enum, auto


class Refusal(Enum):
    """BUSY: try later. LOGIN: name or password. MISSING: no such folder. UNSAFE: 163.com's "Unsafe Login". EXPUNGED:
    some of the mails asked for have just been deleted. OTHER: anything else.
    """

    BUSY = auto()
    LOGIN = auto()
    MISSING = auto()
    UNSAFE = auto()
    EXPUNGED = auto()
    OTHER = auto()


CODES = {
    "UNAVAILABLE": Refusal.BUSY,
    "INUSE": Refusal.BUSY,
    "LIMIT": Refusal.BUSY,
    "OVERQUOTA": Refusal.BUSY,  # Gmail: "Account exceeded command or bandwidth limits"
    "THROTTLED": Refusal.BUSY,
    "SERVERBUG": Refusal.OTHER,
    "AUTHENTICATIONFAILED": Refusal.LOGIN,
    "AUTHORIZATIONFAILED": Refusal.LOGIN,
    "EXPIRED": Refusal.LOGIN,
    "PRIVACYREQUIRED": Refusal.LOGIN,
    "CONTACTADMIN": Refusal.LOGIN,
    "WEBALERT": Refusal.LOGIN,  # Gmail: log in with a browser first
    "NONEXISTENT": Refusal.MISSING,
    "TRYCREATE": Refusal.MISSING,
    "NOPERM": Refusal.MISSING,
    "EXPUNGEISSUED": Refusal.EXPUNGED,
}
"""Response codes that decide alone."""

WORDS = (
    (Refusal.UNSAFE, r"unsafe login"),
    # QQ and exmail name every possible reason in one sentence ("… password is incorrect, login frequency limited, or
    # system is busy"): that counts as a refused log-in, so it stands before the busy words.
    (Refusal.LOGIN, r"password is incorrect|password error|wrong password|invalid (?:credentials|login|password|user)"),
    (
        Refusal.LOGIN,
        r"application[- ]specific password|app(?:lication)? password|authori[sz]ation code|授权码|密码错误",
    ),
    (Refusal.BUSY, r"too many|throttl|rate limit|try again|temporar|busy|maintenance|overload|not connected"),
    (Refusal.BUSY, r"server unavailable|service (?:not |un)available|系统繁忙|频繁|请稍后"),
    (
        Refusal.LOGIN,
        r"auth\w* fail|login fail|fail\w* login|not authenticated|login denied|access denied|disabled|suspended",
    ),
    (Refusal.MISSING, r"does ?n[o']t exist|not exist|no such|not found|unknown (?:mailbox|folder)|nonexistent"),
)
"""Else the first line whose pattern is found in the answer decides; matched without regard to case."""

_WORDS = tuple((refusal, re.compile(pattern, re.IGNORECASE)) for refusal, pattern in WORDS)
_CODE = re.compile(r"\[([A-Z][A-Z-]*)")


def refusal(words: str) -> Refusal:
    """What kind of refusal an answer such as "[AUTHENTICATIONFAILED] Invalid credentials" is."""
    for code in _CODE.findall(words.upper()):
        if code in CODES and CODES[code] is not Refusal.OTHER:
            return CODES[code]
    for kind, pattern in _WORDS:
        if pattern.search(words):
            return kind
    return Refusal.OTHER


_PREFIX = re.compile(r"^(?:[a-z]+ failed: |[A-Z]+ command error: (?:NO|BAD) )")
_BYTES = re.compile(r"""^\[?b(['"])(.*)\1\]?$""", re.DOTALL)


def words_of(error: BaseException) -> str:
    """The server's own words inside an exception of imaplib or imapclient, without what the libraries put around
    them.
    """
    first = error.args[0] if error.args else ""
    if isinstance(first, bytes):
        return _decoded(first).strip()
    text = _PREFIX.sub("", str(first))
    if match := _BYTES.match(text):
        text = _decoded(match[2].encode("latin-1", "replace").decode("unicode_escape").encode("latin-1", "replace"))
    return text.strip()


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")
