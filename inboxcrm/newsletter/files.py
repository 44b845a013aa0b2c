"""Pictures and other files that go with an issue: they lie in `newsletter` of the home folder and travel in the mail itself.

No name leads out of that folder, and nothing is ever loaded from a server by who reads the mail.
"""

from __future__ import annotations

import hashlib
import re
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
_MOST_ALIKE = 100
_MARKER = 0xFF
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Segments of a JPEG file that begin a frame."""
_ENDINGS: dict[str, tuple[str, ...]] = {
    ".png": ("image/png",),
    ".jpg": ("image/jpeg",),
    ".jpeg": ("image/jpeg",),
    ".gif": ("image/gif",),
    ".pdf": ("",),
    ".docx": ("",),
    ".xlsx": ("",),
    ".pptx": ("",),
    ".csv": ("",),
    ".txt": ("",),
    ".ics": ("",),
    ".vcf": ("",),
}
"""Ending of a file that may be put here → what its content must be, as far as it is known ("")."""


class FileError(InboxcrmError):
    """A file can't go with an issue; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that is shown in the text. `cid`: its Content-ID (RFC 2392), without angle brackets."""

    name: str
    data: bytes
    type: str
    cid: str

    @property
    def width(self) -> int:
        """In pixels, as the file says; 0 where it doesn't."""
        if self.type == "image/png":
            return int.from_bytes(self.data[16:20], "big")
        if self.type == "image/gif":
            return int.from_bytes(self.data[6:8], "little")
        return _width_of_jpeg(self.data)


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


def keep(home: Path, name: str, data: bytes, kilobytes: int) -> Document:
    """Puts a file that a person gives into the folder and returns it. A file that is there is never changed, for an issue that is being
    sent may carry it: other content under the same name gets a number. Raises FileError.
    """
    if not data:
        raise FileError(_("Choose a file first; an empty one can't go with a mail."))
    check_size([len(data)], kilobytes)
    name = _clean(name)
    if _type_of(data) not in _ENDINGS.get(Path(name).suffix.casefold(), ("",)):
        what = _("{name} isn't what its name says. Save it as PNG or JPEG, and don't just give it another name.")
        raise FileError(what.format(name=name))
    if Path(name).suffix.casefold() not in _ENDINGS:
        known = " ".join(one.removeprefix(".") for one in _ENDINGS)
        raise FileError(_("{name} can't go with a newsletter; these can: {known}.").format(name=name, known=known))
    folder = home / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MOST_ALIKE):
            path = folder / (name if number == 1 else f"{Path(name).stem}-{number}{Path(name).suffix}")
            try:
                with path.open("xb") as file:
                    file.write(data)
            except FileExistsError:
                if path.is_file() and path.read_bytes() == data:
                    break
            else:
                break
        else:
            raise FileError(_("There are too many files called {name}; give it another name.").format(name=name))
    except OSError as error:
        raise FileError(_("{name} can't be kept: {reason}").format(name=name, reason=error)) from error
    return find(home, path.name)


def take_along(home: Path, path: Path, kilobytes: int) -> None:
    """Keeps a picture under the very name that a text writes. Raises FileError, also when another one has the name already."""
    kept = keep(home, path.name, path.read_bytes(), kilobytes)
    if kept.name != path.name:
        what = _("Another picture called {name} is kept already; give yours another name, in the text too.")
        raise FileError(what.format(name=path.name))


def _clean(name: str) -> str:
    """The name without folders and without what has a meaning in Markdown, templates or file systems. Raises FileError."""
    name = re.sub(r"[^\w.-]+", "-", name.replace("\\", "/").rpartition("/")[2].strip()).strip(".-_")
    stem, dot, ending = name.rpartition(".")
    if not stem or not dot:
        raise FileError(_("A file needs a name with an ending, like valve.png."))
    return f"{stem.strip('.-_')[:80] or 'file'}.{ending.lower()}"


def check_size(sizes: Iterable[int], kilobytes: int) -> None:
    """Raises FileError when the files of one mail are larger together than `kilobytes` (settings: `newsletter.kilobytes_of_files`)."""
    size = sum(sizes)
    if size > kilobytes * _KILOBYTE:
        raise FileError(
            _("The files have {size} kB together; an issue may carry {most} kB. Make the pictures smaller.").format(
                size=round(size / _KILOBYTE), most=kilobytes
            )
        )


def _width_of_jpeg(data: bytes) -> int:
    """From the frame header (ITU-T T.81, B.2.2), found by the lengths of the segments before it."""
    at = 2
    while at + 9 <= len(data) and data[at] == _MARKER:
        kind = data[at + 1]
        if kind in _FRAMES:
            return int.from_bytes(data[at + 7 : at + 9], "big")
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0


def _type_of(data: bytes) -> str:
    """By the content: what a file calls itself decides nothing."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/gif" if data[:6] in (b"GIF87a", b"GIF89a") else ""
