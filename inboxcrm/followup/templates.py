"""The templates of follow-ups: templates/followup/<name>/<language>.txt, each with one or more texts to be used in turn.

A file holds its texts one below the other, parted by a line of "=====". Each begins with "Subject:" and, where it is not for everybody,
"Steps: 1-2", "Needs: order.shipped" or "Unless: sample.received"; an empty line; the body. Lines with "#" above the body are notes. A
file with a mistake is refused as a whole, with line and name; the last good version stays in force meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inboxcrm import shipped
from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.rendering import Problem, fill, problems
from inboxcrm.followup.variables import LANGUAGES, Variables, names
from inboxcrm.i18n import _

FOLDER = "followup"
GENERAL = "general"
"""The template for what has no stage, used by hand."""

_PARTING = re.compile(r"^={5,}\s*$")
_HEADER = re.compile(r"^(?P<key>[A-Za-z]+)\s*:\s*(?P<value>.*)$")
_KEYS = ("subject", "steps", "needs", "unless")
_STEPS = re.compile(r"^(\d+)(?:\s*(-)\s*(\d+)?)?$")
_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,60}$")
_CODE = re.compile(r"^[a-z]{2,3}$")


class TemplateFileError(InboxcrmError):
    """A template can't be used; the message names file, line, variable and what is wrong, a line a problem."""

    def __init__(self, file: str, found: Sequence[Problem]) -> None:
        """`found`: at least one."""
        self.file, self.problems = file, tuple(found)
        super().__init__("\n".join(said(file, one) for one in found))


class NoTemplateError(InboxcrmError):
    """There is no such template, or not in this language."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a file. `variant`: "1", "2" … in the order of the file; `first` to `last` (None: all later ones) are the steps that
    it is for; it is for customers of whom all that it `needs` is known, and nothing of `unless`; `line` is where it begins.
    """

    file: str
    variant: str
    subject: str
    body: str
    first: int
    last: int | None
    line: int
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def fits(self, step: int) -> bool:
        """Whether it is for this step of a cadence."""
        return self.first <= step and (self.last is None or step <= self.last)

    def applies(self, variables: Variables) -> bool:
        """Whether it is for a customer of whom this is known."""
        return all(_is_known(variables, one) for one in self.needs) and not any(
            _is_known(variables, one) for one in self.unless
        )

    def subject_of(self, variables: Variables, language: str) -> str:
        """The subject, filled in, on one line that begins with a capital. Raises TextError."""
        line = " ".join(fill(self.subject, variables, language, self.file).split())
        return re.sub(r"^\W*[^\W\d_]", lambda start: start[0].upper(), line)

    def body_of(self, variables: Variables, language: str) -> str:
        """The body, filled in. Raises TextError."""
        return fill(self.body, variables, language, self.file)


def parse(text: str, file: str) -> tuple[Text, ...]:
    """The texts of a file; `file` names it. Raises TemplateFileError."""
    texts, found = _read(text, file)
    if found:
        raise TemplateFileError(file, found)
    return texts


def check(text: str, file: str = "") -> list[Problem]:
    """What is wrong with a file, to be told before it is saved; an empty list for a good one."""
    return _read(text, file)[1]


def said(file: str, problem: Problem) -> str:
    """A problem on one line: file, line, variable, what."""
    what = f"{problem.name}: {problem.what}" if problem.name else problem.what
    return _("{file}, line {line}: {what}").format(file=file, line=problem.line, what=what)


def save(home: Path, name: str, language: str, text: str) -> Path:
    """Writes a person's own version into the home folder, complete or not at all; returns where.

    Raises TemplateFileError for a text with problems, NoTemplateError for a name or language that can't be one.
    """
    if not _NAME.match(name) or not _CODE.match(language):
        raise NoTemplateError(_("{name}/{language} can't be a template's name.").format(name=name, language=language))
    path = home / "templates" / _path(name, language)
    parse(text, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)
    return path


class Templates:
    """The templates in force of one installation: a person's own files first, then what is shipped; read again when they change."""

    def __init__(self, home: Path | None) -> None:
        """Reads nothing yet."""
        self._home = home
        self._in_force: dict[tuple[str, str], shipped.InForce[tuple[Text, ...]]] = {}

    def texts(self, name: str, language: str) -> tuple[Text, ...]:
        """The texts of a template in a language.

        Raises NoTemplateError when there is none, TemplateFileError when the file can't be used and never could.
        """
        key = (name, language)
        if key not in self._in_force:
            if not _NAME.match(name) or not _CODE.match(language):
                raise _none(name, language)
            self._in_force[key] = shipped.InForce(
                lambda: [self.path(name, language)],
                lambda: _load(self.path(name, language)),
                mistakes=TemplateFileError,
                instead=lambda: self._shipped(name, language),
            )
        return self._in_force[key].get()

    def path(self, name: str, language: str) -> Path:
        """The file in force. Raises NoTemplateError."""
        try:
            return shipped.find(self._home, "templates", _path(name, language))
        except FileNotFoundError as error:
            raise _none(name, language) from error

    def names(self) -> list[str]:
        """Every template, shipped or the person's own."""
        return sorted({folder.name for root in self._roots() for folder in root.iterdir() if _NAME.match(folder.name)})

    def languages(self, name: str) -> list[str]:
        """The languages that a template is there in: those of the shipped ones first, in their order."""
        found = {path.stem for root in self._roots() for path in (root / name).glob("*.txt") if _CODE.match(path.stem)}
        return [one for one in LANGUAGES if one in found] + sorted(found - set(LANGUAGES))

    def problems(self) -> list[str]:
        """What is wrong with the person's own files as they are now, in words. Where there was a good version, it stays in force; else
        the shipped one.
        """
        found = []
        for path in self._own_files():
            try:
                _load(path)
            except TemplateFileError as error:
                found.append(str(error))
        return found

    def _own_files(self) -> list[Path]:
        return sorted((self._home / "templates" / FOLDER).glob("*/*.txt")) if self._home is not None else []

    def _roots(self) -> list[Path]:
        roots = [shipped.shipped_folder("templates") / FOLDER]
        if self._home is not None:
            roots.append(self._home / "templates" / FOLDER)
        return [root for root in roots if root.is_dir()]

    def _shipped(self, name: str, language: str) -> tuple[Text, ...]:
        """Instead of a person's file that can't be used. Raises the error of that file where nothing is shipped."""
        path = shipped.shipped_folder("templates") / _path(name, language)
        return _load(path if path.is_file() else self.path(name, language))


def _load(path: Path) -> tuple[Text, ...]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise TemplateFileError(str(path), [Problem(line, "", _("save the file as UTF-8"))]) from error
    return parse(text, str(path))


def _path(name: str, language: str) -> str:
    return f"{FOLDER}/{name}/{language}.txt"


def _none(name: str, language: str) -> NoTemplateError:
    return NoTemplateError(
        _("There is no template templates/{path}; write it, or choose another language.").format(
            path=_path(name, language)
        )
    )


def _read(text: str, file: str) -> tuple[tuple[Text, ...], list[Problem]]:
    texts: list[Text] = []
    found: list[Problem] = []
    lines = text.removeprefix("\ufeff").splitlines()
    for start, end in _parts(lines):
        if not any(line.strip() and not line.startswith("#") for line in lines[start:end]):
            found.append(Problem(start + 1, "", _("there is no text here")))
            continue
        one, wrong = _text(lines, start, end, file, str(len(texts) + 1))
        found += wrong
        if one is not None:
            texts.append(one)
    return tuple(texts), found


def _parts(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for number, line in enumerate(lines):
        if _PARTING.match(line):
            yield start, number
            start = number + 1
    yield start, len(lines)


def _text(lines: Sequence[str], start: int, end: int, file: str, variant: str) -> tuple[Text | None, list[Problem]]:
    """Reads one text. Its parts keep their place by empty lines above them, so that every error names the line of the file."""
    found: list[Problem] = []
    head: dict[str, tuple[int, str]] = {}
    at = start
    while at < end and (lines[at].strip() or not head):
        line, header = lines[at], _HEADER.match(lines[at])
        if header is not None and header["key"].casefold() in _KEYS:
            head[header["key"].casefold()] = (at, header["value"].strip())
        elif line.strip() and not line.startswith("#"):
            what = _("a text begins with 'Subject:', perhaps 'Steps:', 'Needs:' or 'Unless:', then an empty line")
            return None, [Problem(at + 1, "", what)]
        at += 1
    if "subject" not in head or not head["subject"][1]:
        return None, [Problem(start + 1, "Subject", _("a text needs a subject"))]
    steps = _steps(head["steps"][1]) if "steps" in head else (1, None)
    if steps is None:
        found.append(Problem(head["steps"][0] + 1, "Steps", _("write it like 'Steps: 2', 'Steps: 1-3' or 'Steps: 4-'")))
        steps = (1, None)
    body = "\n".join(lines[at:end])
    if not body.strip():
        found.append(Problem(at, "", _("the text is empty")))
    subject_at, subject = head["subject"]
    needs, unless = _asked(head, "needs", found), _asked(head, "unless", found)
    above = "\n" * subject_at, "\n" * at
    one = Text(file, variant, above[0] + subject, above[1] + body, *steps, line=start + 1, needs=needs, unless=unless)
    return one, found + problems(one.subject) + problems(one.body)


def _asked(head: Mapping[str, tuple[int, str]], key: str, found: list[Problem]) -> tuple[str, ...]:
    """The variables that a header names; what is none of them is a problem."""
    if key not in head:
        return ()
    at, written = head[key]
    asked = tuple(re.split(r"[\s,]+", written))
    found += [
        Problem(at + 1, one or key.title(), _("there is no such variable")) for one in asked if one not in names()
    ]
    return asked


def _is_known(variables: Variables, dotted: str) -> bool:
    found: Any = variables
    for part in dotted.split("."):
        found = getattr(found, part, None)
    return found not in (None, "", ())


def _steps(written: str) -> tuple[int, int | None] | None:
    found = _STEPS.match(written)
    if found is None:
        return None
    first = int(found[1])
    last = (int(found[3]) if found[3] else None) if found[2] else first
    return (first, last) if first >= 1 and (last is None or last >= first) else None
