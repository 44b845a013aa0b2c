"""The layouts of newsletters: templates/newsletter/<name>.html, a person's own files first, then what is shipped.

A layout is a sandboxed template that is filled once a language; its styles are written into the tags, because many mail programs read
them nowhere else; what only newer ones know (dark mode, small screens) stays in the head.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from inboxcrm import shipped
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _

FOLDER = "newsletter"
_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,60}$")
_PART = re.compile(r"^_?[a-z0-9][a-z0-9_-]{0,60}\.html$")


class LayoutError(InboxcrmError):
    """A layout can't be used; the message names the file, the line and what is wrong."""


class Layouts:
    """The layouts in force of one installation; a changed file counts at once."""

    def __init__(self, home: Path | None) -> None:
        """Reads nothing yet."""
        self._home = home
        self._environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(self._source),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals = {}

    def names(self) -> list[str]:
        """Every layout, shipped or the person's own. Files that begin with "_" are parts of others."""
        roots = [shipped.shipped_folder("templates") / FOLDER]
        if self._home is not None:
            roots.append(self._home / "templates" / FOLDER)
        return sorted({one.stem for root in roots for one in root.glob("*.html") if _NAME.match(one.stem)})

    def fill(self, name: str, values: Mapping[str, Any]) -> str:
        """The page with its styles in the tags. `values`: what the shipped layouts are given (see `templates/newsletter`).

        Raises LayoutError.
        """
        if not _NAME.match(name):
            raise LayoutError(_("There is no layout {name!r}.").format(name=name))
        page = self.part(name, values)
        try:
            return _inliner().inline(page)
        except css_inline.InlineError as error:
            raise LayoutError(_("The styles of the layout {name!r}: {what}").format(name=name, what=error)) from error

    def part(self, name: str, values: Mapping[str, Any]) -> str:
        """A part of a page, such as "_cards", filled in; its styles are those of the page that it is put into. Raises LayoutError."""
        try:
            return self._environment.get_template(f"{name}.html").render(values)
        except TemplateNotFound as error:
            raise LayoutError(_("There is no layout {name!r}.").format(name=str(error))) from error
        except (TemplateError, TypeError, ValueError) as error:
            line = getattr(error, "lineno", 0) or _line_of(error)
            file = f"templates/{FOLDER}/{getattr(error, 'name', None) or f'{name}.html'}"
            raise LayoutError(_("{file}, line {line}: {what}").format(file=file, line=line, what=error)) from error

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        if not _PART.match(name):
            return None
        try:
            path = shipped.find(self._home, "templates", f"{FOLDER}/{name}")
            stamp = path.stat().st_mtime_ns
            return path.read_text(encoding="utf-8"), "<template>", lambda: self._is_current(name, path, stamp)
        except (OSError, UnicodeDecodeError):
            return None

    def _is_current(self, name: str, path: Path, stamp: int) -> bool:
        try:
            return shipped.find(self._home, "templates", f"{FOLDER}/{name}") == path and (
                path.stat().st_mtime_ns == stamp
            )
        except OSError:
            return False


@cache
def _inliner() -> css_inline.CSSInliner:
    """At-rules stay in the head; nothing is fetched."""
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _line_of(error: Exception) -> int:
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
