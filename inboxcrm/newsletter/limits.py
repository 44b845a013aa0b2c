"""What a server's refusal of one mail means for the whole issue: nothing, or that this account must stop for a while. Pure.

Hundreds of mails of an issue are alike: what is said against the account would be said against the next one too, and every further try
makes it worse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Meaning(StrEnum):
    """RECIPIENT: it is about this address alone. RATE: too many in too short a time. DAY: as many as the account may send a day.
    BLOCKED: the account, or this text, isn't let through until a person has done something.
    """

    RECIPIENT = "recipient"
    RATE = "rate"
    DAY = "day"
    BLOCKED = "blocked"


PAUSES: dict[Meaning, timedelta | None] = {
    Meaning.RATE: timedelta(hours=1),
    Meaning.DAY: timedelta(hours=24),
    Meaning.BLOCKED: None,
}
"""How long an issue rests after each; None: until a person resumes it."""

IN_A_ROW = 5
"""So many mails refused for good one after the other are no accident: the issue rests, and a person looks. After so many that a server
put off, or broke off at, without a word about an address, the issue rests for a while.
"""
OUT_OF_ORDER = timedelta(hours=1)
"""How long an issue rests when the server seems out of order."""


@dataclass(frozen=True, slots=True)
class _Sign:
    """`status`: pattern of the enhanced status code (RFC 3463), `words`: pattern of the server's words, "" for any; `of_mail`: only as
    the answer to the sender or the mail, not to an address. `example`: an answer that it is meant for.
    """

    meaning: Meaning
    status: str
    words: str
    example: str
    of_mail: bool = False


_ABOUT_THE_ADDRESS = (
    _Sign(
        Meaning.RECIPIENT,
        "",
        r"gr[ae]y.?list|postgrey|try again (later )?in \d+ (seconds|minutes)",
        "450 4.7.1 <anna@nordlicht.de>: Recipient address rejected: Greylisted",
    ),
    _Sign(
        Meaning.RECIPIENT,
        "",
        r"user you are trying to contact|recipient.{0,30}(receiv|gets|getting).{0,30}(rate|too many)",
        "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents more",
    ),
    _Sign(
        Meaning.RECIPIENT,
        r"[45]\.[12]\.(?!8$|90$)\d+",
        r"(mailbox|(?<!submission)quota|storage).{0,40}(full|exceeded|over)|over ?quota|no such|unknown|does(n.t| not) exist",
        "552 5.2.2 Mailbox full, quota exceeded",
    ),
)
_AS_MANY_AS_A_DAY_TAKES = (
    _Sign(Meaning.DAY, r"5\.4\.5", "", "550 5.4.5 Daily user sending limit exceeded"),
    _Sign(Meaning.DAY, r"5\.1\.90", "", "554 5.1.90 You've reached your limit for message recipients"),
    _Sign(
        Meaning.DAY, "", r"\b(daily|today|per day|a day|24 hours)\b|当天|当日|每日", "550 Daily message quota exceeded"
    ),
    _Sign(Meaning.DAY, "", r"\b(MI:STC|RP:QRC)\b", "554 MI:STC 65,smtp1"),
)
_NOT_LET_THROUGH = (
    _Sign(Meaning.BLOCKED, r"5\.7\.(50|51|70)\d", "", "550 5.7.501 Access denied, spam abuse detected"),
    _Sign(Meaning.BLOCKED, r"5\.1\.8", "", "550 5.1.8 Access denied, bad outbound sender"),
    _Sign(Meaning.BLOCKED, "", r"\bDT:SPM\b|outbound spam", "554 DT:SPM 163 smtp8"),
    _Sign(
        Meaning.BLOCKED,
        r"|5\.3\.4",
        r"size.{0,30}(exceed|limit|max)|too (large|big)",
        "552 5.3.4 Message size exceeds fixed limit",
        of_mail=True,
    ),
    _Sign(
        Meaning.BLOCKED,
        r"|[45]\.(?![12]\.)\d+\.\d+",
        r"suspended|(account|user|sender).{0,30}(blocked|disabled|locked|banned)",
        "550 The account was disabled for sending",
        of_mail=True,
    ),
)
_TOO_MANY_TOO_FAST = (
    _Sign(Meaning.RATE, r"4\.7\.\d+", "", "451 4.7.500 Server busy"),
    _Sign(Meaning.RATE, r"5\.7\.\d+", r"limit|quota|throttl", "550 5.7.1 Sender limit reached"),
    _Sign(Meaning.RATE, "", r"submission ?quota", "554 5.2.0 STOREDRV.Submission; SubmissionQuotaExceededException"),
    _Sign(Meaning.RATE, r"[45]\.5\.3", "", "452 4.5.3 Too many recipients"),
    _Sign(Meaning.RATE, r"4\.3\.2", r"limit|busy|throttl", "432 4.3.2 STOREDRV.ClientSubmit; thread limit exceeded"),
    _Sign(
        Meaning.RATE,
        "",
        r"rate.?limit|too (many|fast|frequent)|frequency limited|throttl|too much mail",
        "421 Too many messages",
    ),
    _Sign(
        Meaning.RATE,
        "",
        r"\b(send(ing)?|messages?|recipients?|emails?|hour(ly)?|outgoing|relay|connections?)\b.{0,40}(limit|quota|rate|max)",
        "550 5.7.1 Outgoing mail quota is used up",
    ),
    _Sign(
        Meaning.RATE,
        "",
        r"(exceed|reach|over)\w*.{0,40}(limit|quota|rate|max(imum)?)\b|max\w*.{0,20}per hour",
        "550 Domain has exceeded the max emails per hour (100/100) allowed",
    ),
    _Sign(
        Meaning.RATE,
        "",
        r"\b(MI:(NRC|DMC|SFQ|IMF)|RP:(TRC|RCL))\b|超过限制|频率|过于频繁",
        "451 RP:TRC 发件人短期内累计邮件数量超过限制",
    ),
)
_SIGNS = (*_ABOUT_THE_ADDRESS, *_AS_MANY_AS_A_DAY_TAKES, *_NOT_LET_THROUGH, *_TOO_MANY_TOO_FAST)
"""In this order; the first that fits decides."""

_SPAM = re.compile(r"spam|junk|unsolicited|blocked|blacklist|blocklist|policy|reputation|abus|content", re.IGNORECASE)
_STATUS = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b")


def meaning_of(code: int, words: str, *, at_recipient: bool) -> Meaning:
    """What a refusal means. `code`: of SMTP; `words`: as the server says them, without the code; `at_recipient`: whether it was the
    answer to the address (RCPT), not to the sender or to the mail.
    """
    found = _STATUS.search(words)
    status = found[0] if found else ""
    for sign in _SIGNS:
        if sign.of_mail and at_recipient:
            continue
        if sign.status and not re.fullmatch(sign.status, status):
            continue
        if sign.words and not re.search(sign.words, words, re.IGNORECASE):
            continue
        return sign.meaning
    if code == 421:
        return Meaning.RECIPIENT
    if code >= 500 and not at_recipient and _SPAM.search(words):
        return Meaning.BLOCKED
    return Meaning.RECIPIENT


def examples() -> list[tuple[Meaning, str]]:
    """The answers that the signs are meant for, for tests and docs."""
    return [(sign.meaning, sign.example) for sign in _SIGNS]
