"""Where quoted history begins in a plain text: attribution lines, header blocks, separators, quoted lines.

Each finder looks at a few lines around one place and recognises by structure (dates, addresses, several fields together);
a single word never makes history. What to do with a finding is decided in `inboxcrm.reading.newtext`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from inboxcrm.reading.quote_headers import (
    FORWARDED_MESSAGE,
    HEADER_WORDS,
    ORIGINAL_MESSAGE,
    OTHER_FIELDS,
    STARTS,
    WROTE,
)

# Longer lines are looked at only this far: no introduction of a quotation is longer, and a megabyte line must cost nothing.
LOOK = 400
# An attribution is wrapped over at most so many lines.
WRAPPED_LINES = 5
# A header field whose value is wrapped (long lists of recipients) runs over at most so many lines.
FIELD_LINES = 40


class Introduction(Enum):
    """What stands before a quotation."""

    ATTRIBUTION = "attribution"
    HEADER = "header"
    ORIGINAL = "original"
    FORWARDED = "forwarded"


@dataclass(frozen=True, slots=True)
class Found:
    """Lines `start` (included) to `end` (excluded) introduce a quotation; `subject` is the value of a header's subject field."""

    kind: Introduction
    start: int
    end: int
    subject: str = ""


def _squeeze(words: str) -> str:
    return re.sub(r"\s+", "", words).lower()


def _fields() -> dict[str, str]:
    table = {_squeeze(name): "other" for name in OTHER_FIELDS.split("/")}
    for words in HEADER_WORDS.values():
        for role, names in zip(HeaderRole, words, strict=True):
            for name in names.split("/"):
                table[_squeeze(name)] = role
    return table


HeaderRole = ("sender", "sent", "date", "to", "cc", "subject")
_FIELDS = _fields()
_LONGEST_FIELD = max(map(len, _FIELDS)) * 2


def _either(table: dict[str, str]) -> str:
    words = {word for names in table.values() for word in names.split("|")}
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f"
# A word counts only as a whole, where the script has spaces between words; "a@b.c>wrote" and "10:15schrieb" happen too.
_WROTE = re.compile(rf"(?:(?<![^\W\d_])|(?<=[{_CJK}]))(?:{_either(WROTE)})(?![^\W\d_](?<![{_CJK}]))", re.IGNORECASE)
_START = re.compile(rf"(?:{_either(STARTS)})(?:[\s,،]|(?=\d)|(?=[{_CJK}]))", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:|]{1,64}@[\w-]+(?:\.[\w-]+)*|mailto:|<\S+@\S+>")
_CLOCK = re.compile(
    r"(?<!\d)\d{1,2}\s?[:.h時时点]\s?\d{2}(?!\d)|\d{1,2}\s?(?:am|pm|a\.m|p\.m|uhr)\b|[上下]午\s?\d|오[전후]\s?\d|午[前後]\s?\d",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"(?<!\d)\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}(?!\d)"  # 12.05.2026, 5/12/26
    r"|(?<!\d)\d{4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,2}(?!\d)"  # 2026-05-12
    r"|\d\s?[年년]"
    r"|(?<!\d)\d{1,2}[\s.,-]+(?:de\s)?[^\W\d_]{2,}\.?,?[\s-]+(?:de\s|г\.?\s)?\d{2,4}(?!\d)"  # 12. Mai 2026, 12-May-26
    r"|(?<![^\W\d_])[^\W\d_]{3,}\.?[\s-]+\d{1,2}(?:st|nd|rd|th)?[,\s]\s?\s?(?:\d{4}(?!\d)|at\b)"  # May 12, 2026; June 5 at
    r"|(?<!\d)(?:19|20|25)\d{2}(?!\d)",
    re.IGNORECASE,
)
_BEGINS_WITH_DATE = re.compile(
    r"[\W_]{0,3}(?:[^\W\d_]{1,12}[.,]{0,2}\s?,?\s?){0,2}[\W_]{0,2}(?:\d{1,2}[\s./-]|\d{4}[\s./年년-]|[^\W\d_]{3,10}\.?\s\d{1,2}[,\s])"
)
# Behind "wrote" come at most a name, an address, a date; "he wrote: the driver is too hot" introduces nothing.
_ENDS_SOON = re.compile(r"(?!\s*[:：]\s*\S).{0,160}$")
_ISO_ALONE = re.compile(r"\d{4}-\d{2}-\d{2}\s\d{1,2}:\d{2}(?::\d{2})?\s(?:GMT|UTC)[+-]\d{1,2}:?\d{2}\s[^\d:]{2,60}:?")
_FOREIGN_FIELD = re.compile(r"[^\W\d_][^:：]{0,24}\s?[:：*]+\s*\S")
# The name of a field that stands alone, or before a tab.
LONE_TO = re.compile(
    rf"(?:{'|'.join(sorted(re.escape(one) for words in HEADER_WORDS.values() for one in words.to.split('/')))})\s*(?:\t|$)",
    re.IGNORECASE,
)
_GLUED_TEXT = re.compile(r"^.{30,300}?(?:[^\W\d_]|>)\s?([:：])\s{2,}\S")
_NAME = re.compile(r"[^\W\d_][^\d@:.!?,;]{1,40}")
_POSTED = re.compile(r"Posted by .{2,60} on \d{1,2}[./-]\d{1,2}[./-]\d{4}")
_DASHED = re.compile(r"[\s*>]*[-–—‐_=]{2,}\s*([^\s-].*?)\s*[-–—‐_=]{2,}[\s*:：]*")
_RULE = re.compile(r"[\s*]*(?:[-–—_=‐]\s?){5,}[\s*]*")
COLONS = (":", "：", "︰")


def _phrases(words: str) -> frozenset[str]:
    return frozenset(_squeeze(word) for word in words.split("/"))


_ORIGINAL = _phrases(ORIGINAL_MESSAGE)
_FORWARDED = _phrases(FORWARDED_MESSAGE)


def field(line: str) -> tuple[str, str] | None:
    """Role and value when `line` is a field of a quoted header ("*From:* Anna", "| 主题 | Re: PO |"), else None."""
    head = line[: 2 * LOOK].lstrip(" \t*|>")
    cut = -1
    for colon in COLONS:
        place = head.find(colon, 0, _LONGEST_FIELD)
        if place > 0 and (cut < 0 or place < cut):
            cut = place
    if cut < 0:
        if line[:1] != "|":
            return None
        name, bar, value = head.partition("|")
        if not bar:
            return None
    else:
        name, value = head[:cut], head[cut + 1 :]
    role = _FIELDS.get("".join(name.replace("*", "").replace("_", "").replace("|", "").split()).lower())
    return None if role is None else (role, value.strip(" \t*|"))


def header_at(lines: list[str], at: int) -> Found | None:
    """The quoted header block that begins with line `at`, or None.

    A block holds three different fields or more, the sender among them (two will do when address and time of day prove it), and
    mail-like values: shipping details ("From: Shanghai", "To: Rotterdam", "Date: 12 May") are none.
    """
    roles: dict[str, str] = {}
    end = at
    place = at
    gap = 0
    loose = 0
    while place < len(lines):
        line = lines[place].strip()
        if not line:
            gap += 1
            if gap > 1:
                break
            place += 1
            continue
        found = field(line)
        if found is not None:
            role, value = found
            if role != "other":
                if role in roles and role != "cc":
                    break
                roles[role] = value
                if role == "sender" and ": " in value:
                    roles |= _flattened(value)
            place += 1
            end = place
            gap = loose = 0
            continue
        if gap or loose >= FIELD_LINES:
            break
        # A wrapped value: counts only when another field follows, or when it can't be anything but addresses.
        loose += 1
        place += 1
        if "@" in line and roles and line[-1:] in ">;,":
            end = place
        elif loose > 2 and "@" not in line and ";" not in line:
            break
    return Found(Introduction.HEADER, at, end, roles.get("subject", "")) if _is_mail_header(roles) else None


def _flattened(value: str) -> dict[str, str]:
    """The fields that a careless conversion has put behind the sender: "Anna <a@b.c> Sent: … To: … Subject: …"."""
    found: dict[str, str] = {}
    role = ""
    for word in value.split(" "):
        name = word.removesuffix(":")
        if name != word and name.lower() in _FIELDS and _FIELDS[name.lower()] not in found:
            role = _FIELDS[name.lower()]
            found[role] = ""
        elif role:
            found[role] += f" {word}"
    return found


def lotus_header_at(lines: list[str], at: int) -> Found | None:
    """The header that Lotus Notes wrote without colons, when line `at` is its "To": name and time above, "Subject" below.

    Anna Smith <anna@example.com>
    10/03/2026 09:14

    To
    Peter Miller
    cc

    Subject
    RE: Price
    """
    if _lone_field(lines[at]) != "to":
        return None
    below = [place for place in range(at + 1, min(at + 16, len(lines))) if _lone_field(lines[place]) == "subject"]
    above = [place for place in range(max(0, at - 6), at) if lines[place].strip()]
    if (
        not below
        or not above
        or not any(_DAY.search(lines[place][:LOOK]) and _CLOCK.search(lines[place][:LOOK]) for place in above[-2:])
    ):
        return None
    dated = max(place for place in above if _CLOCK.search(lines[place][:LOOK]))
    start = dated - 1 if dated - 1 in above and len(lines[dated - 1]) < 100 else dated
    end = below[0] + 1
    while end < len(lines) and not lines[end - 1].strip():
        end += 1
    return Found(Introduction.HEADER, start, end)


def _lone_field(line: str) -> str:
    name = line.strip().partition("\t")[0].strip()
    return _FIELDS.get(name.lower(), "") if 0 < len(name) <= 20 else ""


def _is_mail_header(roles: dict[str, str]) -> bool:
    if "sender" not in roles or len(roles) < 2:
        return False
    time = roles.get("sent") or roles.get("date") or ""
    address = bool(_ADDRESS.search(roles["sender"]) or _ADDRESS.search(roles.get("to", "")))
    clock = bool(_CLOCK.search(time))
    day = bool(_DAY.search(time))
    if len(roles) == 2:
        return address and bool(time) and (clock or "sent" in roles or day)
    if "subject" in roles:
        # Who lists a schedule begins with its date; a program without addresses begins with the sender.
        return address or (clock and ("sent" in roles or next(iter(roles)) != "date")) or ("sent" in roles and day)
    return (address and bool(time)) or (clock and day) or ("sent" in roles and clock)


def separator_at(lines: list[str], at: int) -> Found | None:
    """A line such as "-----Original Message-----", "------ 原始邮件 ------" or "Begin forwarded message:", or None."""
    line = lines[at][:LOOK].strip().replace("&nbsp;", " ")  # QQ writes it into plain text
    if len(line) > 120:
        return None
    dashed = _DASHED.fullmatch(line)
    if dashed:
        inner = dashed[1].strip(" *:")
        words = _squeeze(inner)
        if words in _ORIGINAL:
            return Found(Introduction.ORIGINAL, at, at + 1)
        if words in _FORWARDED or any(
            words.startswith(start) for start in ("forwardedby", "weitergeleitetvon", "reenviadopor")
        ):
            return Found(Introduction.FORWARDED, at, at + 1)
        # Zoho writes "---- On Fri, 02 Jan 2026 … Anna <a@b.c> wrote ----", iNotes "-----Anna/ABC wrote: -----".
        if _WROTE.search(inner) and (
            _CLOCK.search(inner) or _ADDRESS.search(inner) or inner.rstrip(" :").endswith("wrote")
        ):
            return Found(Introduction.ATTRIBUTION, at, at + 1)
        return None
    if len(line) < 60:
        words = _squeeze(line.strip(" *:：.-"))
        if words in _FORWARDED:
            return Found(Introduction.FORWARDED, at, at + 1)
        if words in _ORIGINAL and _header_follows(lines, at + 1):
            return Found(Introduction.ORIGINAL, at, at + 1)
        if words.startswith("originalmessageprocessedby"):  # Tobit David
            return Found(Introduction.ORIGINAL, at, at + 1)
    return None


def _header_follows(lines: list[str], at: int) -> bool:
    place = next((place for place in range(at, min(at + 4, len(lines))) if lines[place].strip()), len(lines))
    return place < len(lines) and header_at(lines, place) is not None


def is_rule(line: str) -> bool:
    """True for a line of dashes, underscores or equals signs."""
    return len(line) < 200 and _RULE.fullmatch(line) is not None


def is_quoted(line: str) -> bool:
    """True for a line that begins with ">"."""
    return line.lstrip(" \t")[:1] == ">"


def attribution_ending_at(lines: list[str], at: int, first: int) -> Found | None:
    """The attribution ("On … wrote:") whose last line is `at`, or None; it begins no earlier than line `first`."""
    last = lines[at][:LOOK].strip().rstrip("*_ ")
    if not last:
        return None
    if last[-1] not in COLONS:
        alone = not "".join(lines[max(0, at - 1) : at] + lines[at + 1 : at + 2]).strip()
        if alone and _ISO_ALONE.fullmatch(last):
            return Found(Introduction.ATTRIBUTION, at, at + 1)
        if ("wrote in message" in last.lower() and "@" in last) or _POSTED.fullmatch(last):
            return Found(Introduction.ATTRIBUTION, at, at + 1)
        return None
    quoted_follows = _quoted_follows(lines, at + 1)
    joined = ""
    named = -1
    complete = False
    for size in range(1, WRAPPED_LINES + 1):
        start = at - size + 1
        if start < first:
            break
        line = lines[start].strip()
        if not line or len(joined) + len(line) > LOOK or is_quoted(line):
            break
        name_above = joined[:1] == "<" and _NAME.fullmatch(line) is not None
        joined = line[:-1] + joined if line[-1] == "=" and size > 1 else f"{line} {joined}".strip()
        if named >= 0 and complete and not (name_above or line[-1] in "<," or _CLOCK.search(line) or _DAY.search(line)):
            break  # the line above has no part in it
        complete = complete or bool(_ADDRESS.search(line))
        shape = _attribution_shape(joined, quoted_follows)
        if shape is _Shape.WHOLE:
            return Found(Introduction.ATTRIBUTION, start, at + 1)
        if shape is _Shape.NAMED and (named < 0 or name_above or line[-1] == "<"):
            named = start
    if named >= 0:
        return Found(Introduction.ATTRIBUTION, named, at + 1)
    return None


class _Shape(Enum):
    NONE = 0
    NAMED = 1  # complete without a date at its beginning: more may stand in the line above
    WHOLE = 2


def _attribution_shape(text: str, quoted_follows: bool) -> _Shape:
    address = _ADDRESS.search(text)
    clock = _CLOCK.search(text)
    day = _DAY.search(text)
    wrote = _WROTE.search(text)
    if wrote and not _ENDS_SOON.match(text, wrote.end()):
        return _Shape.NONE
    begins = bool(_BEGINS_WITH_DATE.match(text)) or bool(_START.match(text))
    if wrote and (clock or day) and (address or quoted_follows or (clock and day)):
        return _Shape.WHOLE if begins else _Shape.NAMED
    if address and clock and day:
        return _Shape.WHOLE if begins else _Shape.NAMED
    if address and wrote:
        return _Shape.WHOLE if _START.match(text) else _Shape.NAMED
    if wrote and " via " in text and len(text) < 120:  # forums: "Anna via Traders Forum wrote:"
        return _Shape.NAMED
    if quoted_follows and (wrote or address) and len(text) < 200:
        return _Shape.NAMED
    if quoted_follows and begins and (clock or day):
        return _Shape.WHOLE
    return _Shape.NONE


def attribution_before_text(lines: list[str], at: int) -> Found | None:
    """The attribution behind which the quoted text follows in the same line, as Yahoo's app writes it ("… wrote:   Dear Tom")."""
    glued = _GLUED_TEXT.search(lines[at][:LOOK])
    if glued is None:
        return None
    text = lines[at][: glued.end(1)].strip()
    named = _ADDRESS.search(text) and _CLOCK.search(text) and _DAY.search(text)
    if named and _attribution_shape(text, quoted_follows=False) is _Shape.WHOLE:
        return Found(Introduction.ATTRIBUTION, at, at + 1)
    return None


def _quoted_follows(lines: list[str], at: int) -> bool:
    line = next((line.strip() for line in lines[at : at + 4] if line.strip()), "")
    return line[:1] in (">", "|")


def without_mark(line: str) -> str:
    """`line` without its first level of quotation."""
    bare = line.lstrip(" \t")
    if bare[:1] != ">":
        return line
    return bare[2:] if bare[1:2] == " " else bare[1:]


def foreign_header_below(lines: list[str], at: int) -> Found | None:
    """The header block below the rule at line `at`, in a language that has no row in the tables.

    Only what Outlook draws: a long rule, right below it three fields or more, with an address and a time of day.
    """
    if lines[at].count("_") < 20:
        return None
    place = at + 1
    while place < len(lines) and place < at + 10 and _FOREIGN_FIELD.match(lines[place][:LOOK].strip(" *")):
        place += 1
    block = " ".join(line[:LOOK] for line in lines[at + 1 : place])
    if place - at > 3 and _ADDRESS.search(block) and _CLOCK.search(block) and _DAY.search(block):
        return Found(Introduction.HEADER, at, place)
    return None
