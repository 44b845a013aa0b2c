"""The library of documents: files in `documents` of the home folder that may go with mails. No name leads out of that folder."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _

FOLDER = "documents"
_MEGABYTE = 1_000_000


class DocumentError(InboxcrmError):
    """A document can't go with a mail; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file of the library. `size` in bytes; `type`: its MIME type, by its name."""

    name: str
    path: Path
    size: int
    type: str

    def read(self) -> bytes:
        """Its content. Raises DocumentError when it is gone."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise _none(self.name) from error


def documents(home: Path, kept_in: str = FOLDER) -> list[Document]:
    """Every document, by name. Hidden files, folders and links that lead elsewhere are none."""
    folder = home / kept_in
    if not folder.is_dir():
        return []
    return sorted(
        (_document(path) for path in folder.iterdir() if _is_document(folder, path)),
        key=lambda one: one.name.casefold(),
    )


def find(home: Path, name: str, kept_in: str = FOLDER) -> Document:
    """The document of this name. Raises DocumentError for one that isn't there, or a name that leads out of the folder `kept_in`."""
    folder = home / kept_in
    path = folder / name
    if not name or Path(name).name != name or not _is_document(folder, path):
        raise _none(name, kept_in)
    return _document(path)


def chosen(home: Path, names: Iterable[str], megabytes: float) -> list[Document]:
    """The documents of one mail, each once. Raises DocumentError for one that isn't there, and when together they are larger than
    `megabytes` (settings: `documents.megabytes_per_mail`).
    """
    found = [find(home, name) for name in dict.fromkeys(names)]
    size = sum(one.size for one in found)
    if size > megabytes * _MEGABYTE:
        raise DocumentError(
            _("The documents have {size} MB together; a mail may carry {most} MB. Leave one out.").format(
                size=round(size / _MEGABYTE, 1), most=megabytes
            )
        )
    return found


def _is_document(folder: Path, path: Path) -> bool:
    return (
        not path.name.startswith(".")
        and "\\" not in path.name
        and path.name.isprintable()
        and path.is_file()
        and path.resolve().parent == folder.resolve()
    )


def _document(path: Path) -> Document:
    kind, encoding = mimetypes.guess_type(path.name)
    return Document(
        path.name, path, path.stat().st_size, "application/octet-stream" if kind is None or encoding else kind
    )


def _none(name: str, kept_in: str = FOLDER) -> DocumentError:
    return DocumentError(
        _("There is no document {name!r} in the folder “{folder}”; put it there or choose another.").format(
            name=name, folder=kept_in
        )
    )
