"""The templates of series: templates/newsletter/series/<name>/<language>.md, a person's own files first, then what is shipped.

A file begins with "Subject:" lines (several for a test) and perhaps "Needs: products, fairs" (one of them is enough), an empty line,
the text. What is filled in when the issue is drafted stands in [[ ]] and [% %]; what is filled in for each recipient, in {{ }}, {% %}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_interval
from jinja2 import StrictUndefined
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from inboxcrm import shipped
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _, locale_of
from inboxcrm.newsletter.layouts import FOLDER as NEWSLETTER
from inboxcrm.newsletter.occasions import Closure, NewProduct
from inboxcrm.newsletter.phrases import in_language
from inboxcrm.sections import TradeFair

FOLDER = f"{NEWSLETTER}/series"
NEEDS = ("products", "fairs", "closures")
_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,60}$")
_LANGUAGE = re.compile(r"^[a-z]{2,3}$")
_HEADER = re.compile(r"^(Subject|Needs)\s*:\s*(.*)$", re.IGNORECASE)
_MARKS = re.compile(r"([\\`*_\[\]<>#|~!])")
_BRACE = re.compile(r"\{(?=[{%#])")


class SeriesTextError(InboxcrmError):
    """A template of a series can't be used; the message names file, line and what is wrong."""


@dataclass(frozen=True, slots=True)
class SeriesText:
    """A template in one language. `needs`: one of these must be there to tell of; none: it always has something to say."""

    file: str
    subjects: tuple[str, ...]
    needs: tuple[str, ...]
    body: str
    first_line: int


@dataclass(frozen=True, slots=True)
class Occasions:
    """All that the next issue can tell of."""

    products: tuple[NewProduct, ...] = ()
    fairs: tuple[TradeFair, ...] = ()
    closures: tuple[Closure, ...] = ()

    def has(self, needs: Sequence[str]) -> bool:
        """Whether there is one of these."""
        return not needs or any(getattr(self, one) for one in needs)


def templates(home: Path) -> list[str]:
    """Every template, shipped or the person's own."""
    roots = [shipped.shipped_folder("templates") / FOLDER, home / "templates" / FOLDER]
    return sorted({one.name for root in roots if root.is_dir() for one in root.iterdir() if _NAME.match(one.name)})


def languages(home: Path, name: str) -> list[str]:
    """The languages that a template is there in."""
    if not _NAME.match(name):
        return []
    roots = [shipped.shipped_folder("templates") / FOLDER / name, home / "templates" / FOLDER / name]
    return sorted({one.stem for root in roots for one in root.glob("*.md") if _LANGUAGE.match(one.stem)})


def load(home: Path, name: str, language: str) -> SeriesText:
    """The template in a language. Raises SeriesTextError."""
    try:
        if not _NAME.match(name) or not _LANGUAGE.match(language):
            raise FileNotFoundError(name)
        path = shipped.find(home, "templates", f"{FOLDER}/{name}/{language}.md")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        message = _("There is no template templates/{folder}/{name}/{language}.md.")
        raise SeriesTextError(message.format(folder=FOLDER, name=name, language=language)) from error
    except UnicodeDecodeError as error:
        raise SeriesTextError(_("{file}: save the file as UTF-8").format(file=path)) from error
    return parse(text, str(path))


def parse(text: str, file: str) -> SeriesText:
    """The template that a file holds. Raises SeriesTextError."""
    lines = text.removeprefix("\ufeff").splitlines()
    subjects: list[str] = []
    needs: tuple[str, ...] = ()
    at = 0
    while at < len(lines) and lines[at].strip():
        header = _HEADER.match(lines[at])
        if header is None:
            raise _wrong(file, at + 1, _("a template begins with 'Subject:', perhaps 'Needs:', then an empty line"))
        if header[1].casefold() == "subject":
            subjects.append(header[2].strip())
        else:
            needs = tuple(re.split(r"[\s,]+", header[2].strip()))
            if unknown := [one for one in needs if one not in NEEDS]:
                raise _wrong(
                    file, at + 1, _("{unknown}: it can need {known}").format(unknown=unknown[0], known=", ".join(NEEDS))
                )
        at += 1
    body = "\n".join(lines[at:])
    if not all(subjects) or not subjects:
        raise _wrong(file, 1, _("a template needs a subject"))
    if not body.strip():
        raise _wrong(file, at + 1, _("the text is empty"))
    return SeriesText(file, tuple(subjects), needs, body.strip("\n") + "\n", at + 2)


def fill(text: SeriesText, occasions: Occasions, language: str, company: str, today: date) -> tuple[list[str], str]:
    """(subjects, body) of the issue. What comes from lists is text and nothing else, whatever it looks like. Raises SeriesTextError."""
    values = _values(occasions, language, company, today)
    try:
        subjects = [" ".join(_plain.from_string(one).render(values).split()) for one in text.subjects]
        body = _markdown.from_string("\n" * (text.first_line - 1) + text.body).render(values)
    except TemplateError as error:
        line = getattr(error, "lineno", 0) or 0
        raise _wrong(text.file, line, str(error)) from error
    return subjects, re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"


def days(first: date, last: date, language: str) -> str:
    """Some days in words: "15–19 October 2026"."""
    locale = locale_of(language)
    if first == last:
        return str(format_date(first, "long", locale=locale))
    return str(format_interval(first, last, "yMMMMd", locale=locale)).translate({0x2009: " ", 0x202F: " ", 0xA0: " "})


def _values(occasions: Occasions, language: str, company: str, today: date) -> Mapping[str, Any]:
    return {
        "company": company,
        "month": str(format_date(today, "LLLL", locale=locale_of(language))),
        "year": str(today.year),
        "products": [
            {"name": in_language(one.name, language), "text": in_language(one.text, language), "link": one.link}
            for one in occasions.products
        ],
        "fairs": [
            {
                "name": one.name,
                "days": days(one.starts, one.ends, language),
                "city": one.city,
                "stand": one.stand,
                "link": one.link,
            }
            for one in occasions.fairs
        ],
        "closures": [{"days": days(one.first, one.last, language)} for one in occasions.closures],
    }


def _literal(value: Any) -> Any:
    """A value as text that is no template."""
    return _BRACE.sub('{{ "{" }}', value) if isinstance(value, str) else value


def _unmarked(value: Any) -> Any:
    """A value as text that is neither a template nor Markdown."""
    return _literal(_MARKS.sub(r"\\\1", value)) if isinstance(value, str) else value


def _environment(finalize: Any) -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
        undefined=StrictUndefined,
        autoescape=False,  # Markdown and plain subjects; the composer makes safe HTML of it
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )
    made.globals = {}
    return made


_plain = _environment(_literal)
_markdown = _environment(_unmarked)


def _wrong(file: str, line: int, what: str) -> SeriesTextError:
    return SeriesTextError(_("{file}, line {line}: {what}").format(file=file, line=line, what=what))
