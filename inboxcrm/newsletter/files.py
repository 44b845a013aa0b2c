"""Pictures and other files that go with an issue: they lie in `newsletter` of the home folder and travel in the mail itself.

No name leads out of that folder, and nothing is ever loaded from a server by who reads the mail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup import library
from inboxcrm.followup.library import Document
from inboxcrm.i18n import _

FOLDER = "newsletter"
SHOWN = ("image/png", "image/jpeg", "image/gif")
"""What every mail program shows; not WebP or SVG."""
_KILOBYTE = 1000


class FileError(InboxcrmError):
    """A file can't go with an issue; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that is shown in the text. `cid`: its Content-ID (RFC 2392), without angle brackets."""

    name: str
    data: bytes
    type: str
    cid: str


def all_of(home: Path) -> list[Document]:
    """Every file of the folder, by name."""
    return library.documents(home, FOLDER)


def find(home: Path, name: str) -> Document:
    """The file of this name. Raises FileError."""
    try:
        return library.find(home, name, FOLDER)
    except library.DocumentError as error:
        raise FileError(str(error)) from error


def picture(home: Path, name: str) -> Shown:
    """A picture to be shown in the text. Raises FileError for a file that isn't there, or that mail programs don't show."""
    found = find(home, name)
    data = found.read()
    kind = _type_of(data)
    if kind not in SHOWN:
        raise FileError(_("{name} is no PNG, JPEG or GIF picture; mail programs show no others.").format(name=name))
    return Shown(name, data, kind, f"{hashlib.sha256(data).hexdigest()[:24]}@inboxcrm")


def check_size(sizes: Iterable[int], kilobytes: int) -> None:
    """Raises FileError when the files of one mail are larger together than `kilobytes` (settings: `newsletter.kilobytes_of_files`)."""
    size = sum(sizes)
    if size > kilobytes * _KILOBYTE:
        raise FileError(
            _("The files have {size} kB together; an issue may carry {most} kB. Make the pictures smaller.").format(
                size=round(size / _KILOBYTE), most=kilobytes
            )
        )


def _type_of(data: bytes) -> str:
    """By the content: what a file calls itself decides nothing."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/gif" if data[:6] in (b"GIF87a", b"GIF89a") else ""
