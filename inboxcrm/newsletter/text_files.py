"""The texts of an issue as files that a person writes in an editor: "Subject:" lines, an empty line, the text. One file a language.

    Subject: New ball valves
    Language: de

    {{ salutation }}
    …

Several subjects are the variants of a test. It reads files; `inboxcrm.newsletter.issues` keeps what they say.
"""

from __future__ import annotations

import re
from pathlib import Path

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.i18n import _
from inboxcrm.newsletter.editions import Text
from inboxcrm.newsletter.markup import HTML, MARKDOWN

_HEADER = re.compile(r"^(Subject|Language)\s*:\s*(.*)$", re.IGNORECASE)
_PICTURE = re.compile(r"!\[[^\]\n]*\]\(\s*<?([^)\s>]+)|<img\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_FORMATS = {".md": MARKDOWN, ".markdown": MARKDOWN, ".txt": MARKDOWN, ".html": HTML, ".htm": HTML}


class TextFileError(InboxcrmError):
    """A file can't be the text of an issue; the message names file and line and says what was expected."""


def read(path: Path, language: str = "") -> Text:
    """The text that a file holds. Its language is the one that it says, else `language`, else that of its name (spring.de.md, de.md).

    Raises TextFileError.
    """
    written_in = _FORMATS.get(path.suffix.casefold())
    if written_in is None:
        message = _("{file}: a text is a file that ends in {endings}.")
        raise TextFileError(message.format(file=path, endings=", ".join(_FORMATS)))
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextFileError(_("{file}: save the file as UTF-8").format(file=path)) from error
    except OSError as error:
        message = _("{file} can't be read: {reason}")
        raise TextFileError(message.format(file=path, reason=error.strerror)) from error
    named = re.split(r"[._-]", path.stem)[-1]
    in_name = named if named in LANGUAGES else ""
    return parse(text, file=str(path), language=language or in_name, written_in=written_in)


def parse(text: str, *, file: str = "", language: str = "", written_in: str = MARKDOWN) -> Text:
    """The text that such a file holds; what it says of its language counts before `language`. Raises TextFileError."""
    lines = text.replace("\r\n", "\n").split("\n")
    subjects: list[str] = []
    at = 0
    while at < len(lines) and lines[at].strip():
        header = _HEADER.match(lines[at])
        if header is None:
            message = _("{file}, line {line}: the text begins with “Subject: …”, then comes an empty line.")
            raise TextFileError(message.format(file=file, line=at + 1))
        if header[1].casefold() == "subject":
            subjects.append(header[2].strip())
        else:
            language = header[2].strip()
        at += 1
    if not language:
        message = _("{file}: the language is missing; add a line “Language: en”, or call the file like news.en.md.")
        raise TextFileError(message.format(file=file))
    body = "\n".join(lines[at:]).strip("\n")
    return Text(language, tuple(subjects), f"{body}\n" if body.strip() else "", written_in)


def pictures_beside(file: Path, body: str) -> list[Path]:
    """The pictures that a text shows and that lie in the folder of its file, each once."""
    names = dict.fromkeys(markdown or html for markdown, html in _PICTURE.findall(body))
    beside = [file.parent / name for name in names if name == Path(name).name]
    return [one for one in beside if one.is_file()]


def written(text: Text) -> str:
    """The file of a text, for an editor; `parse` gives the text back."""
    head = [f"Subject: {one}" for one in text.subjects or ("",)]
    return "\n".join([*head, f"Language: {text.language}", "", text.body])
