"""The history below a reply, as mail programs write it in the customer's language: one line that says who wrote when, then the mail
with ">" before each line. Pure. What comes out is recognised as history by mail programs, and by `inboxcrm.reading.quotes`.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from inboxcrm.i18n import locale_of

MOST_LETTERS = 20_000
"""History is cut there: a thread of years need not travel with every reminder."""

# How the time of a mail is written, by the pattern letters of CLDR; and the line around it.
_LINES: dict[str, tuple[str, str]] = {
    "en": ("EEE, d MMM y 'at' HH:mm", "On {when}, {who} wrote:"),
    "zh": ("y年M月d日 HH:mm", "在 {when}，{who} 写道："),
    "es": ("EEE, d MMM y 'a las' HH:mm", "El {when}, {who} escribió:"),
    "fr": ("EEE d MMM y 'à' HH:mm", "Le {when}, {who} a écrit :"),
    "de": ("EEE, d. MMM y 'um' HH:mm 'Uhr'", "Am {when} schrieb {who}:"),
    "pt": ("EEE, d 'de' MMM 'de' y 'às' HH:mm", "Em {when}, {who} escreveu:"),
    "ru": ("EEE, d MMM y 'г'. 'в' HH:mm", "{when}, {who} написал(а):"),
    "ar": ("EEEE، d MMMM y 'في' HH:mm", "في {when} كتب {who}:"),
    "it": ("EEE d MMM y 'alle ore' HH:mm", "Il giorno {when} {who} ha scritto:"),
}


def quoted(text: str, sender: str, at: datetime, language: str, zone: ZoneInfo) -> str:
    """A mail's text as history; "" for an empty one. `sender`: "Anna Schmidt <anna@x.de>"; `at`: aware; `zone`: where its clock time
    is told.
    """
    lines = _shortened(text.replace("\r\n", "\n").strip("\n")).split("\n")
    if not any(line.strip() for line in lines):
        return ""
    below = "\n".join(
        (">" if line.startswith(">") else "> ") + line.rstrip() if line.strip() else ">" for line in lines
    )
    return f"{attribution(sender, at, language, zone)}\n{below}"


def attribution(sender: str, at: datetime, language: str, zone: ZoneInfo) -> str:
    """The line above the history: who wrote when."""
    pattern, line = _LINES.get(language, _LINES["en"])
    locale = locale_of(language if language in _LINES else "en")
    when = format_datetime(at.astimezone(zone), pattern, locale=locale)
    return line.format(when=when, who=" ".join(sender.split()))


def _shortened(text: str) -> str:
    if len(text) <= MOST_LETTERS:
        return text
    return text[:MOST_LETTERS].rpartition("\n")[0] or text[:MOST_LETTERS]
