"""The language of what people read: gettext over catalogues that are read from their .po files.

Texts are written in English in the code and wrapped in `_`; `inboxcrm/locale/<language>/inboxcrm.po` translates them.
The language is chosen per context (a web request, a command), never for the whole process, so that two people can
use the same service in two languages.
"""

from __future__ import annotations

import gettext
import io
import os
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

LANGUAGES = {"en": "English", "zh": "简体中文"}
"""Every language of the pages and commands: code → its own name."""

LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
"""Language → locale of dates and numbers. 25 Nov 2026, 14:05: no buyer or seller misreads it."""

_current: ContextVar[str] = ContextVar("language", default="en")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    with (files("inboxcrm") / "locale" / language / "inboxcrm.po").open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _(message: str) -> str:
    """`message` in the language of this context."""
    return _catalogue(_current.get()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The form for `count`, in the language of this context; the caller fills in the number."""
    return _catalogue(_current.get()).ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """`message` as it is said in `context` (the same English word may have two translations)."""
    return _catalogue(_current.get()).pgettext(context, message)


def mark(message: str) -> str:
    """Marks a text for the catalogue where it is declared; `_` translates it where it is shown."""
    return message


def language() -> str:
    """The language of this context, a key of `LANGUAGES`."""
    return _current.get()


def locale() -> Locale:
    """The locale of dates and numbers in this context."""
    return locale_of(_current.get())


@cache
def locale_of(code: str) -> Locale:
    """The locale in which dates and numbers of any language are written, by its ISO 639-1 code."""
    return Locale.parse(LOCALES.get(code, code))


def day(on: date) -> str:
    """A date as the reader of this context writes it: 25 Nov 2026."""
    return format_date(on, "medium", locale=locale())


def listed(texts: Iterable[str]) -> str:
    """Several texts in a row, parted as the reader of this context parts them: a, b, c."""
    between: str = locale().list_patterns["standard"]["middle"].format("", "")
    return between.join(texts)


def choose(code: str) -> str:
    """The nearest of `LANGUAGES` to a tag such as "zh-CN", "zh_CN.UTF-8" or "fr": itself, or "en" where we have none."""
    short = code.replace("_", "-").split("-")[0].split(".")[0].lower()
    return short if short in LANGUAGES else "en"


def from_environment() -> str:
    """The language that the shell asks for, by LC_ALL, LC_MESSAGES and LANG in this order."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return choose(value)
    return "en"


def use(code: str) -> None:
    """Speak this language from here on in this context."""
    _current.set(choose(code))


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak this language inside the block."""
    token = _current.set(choose(code))
    try:
        yield
    finally:
        _current.reset(token)
