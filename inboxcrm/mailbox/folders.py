"""Folders of a mailbox: which is INBOX, which is Sent, which are drafts, and how a folder stands.

The server's own word (SPECIAL-USE, RFC 6154) goes before the name; names are looked up in providers.toml. Between two
candidates nothing is guessed: the person is asked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from imapclient import imap_utf7  # type: ignore[import-untyped]  # it has no py.typed

from inboxcrm.i18n import _
from inboxcrm.mailbox.errors import FolderUnclear
from inboxcrm.model import FolderRole


@dataclass(frozen=True, slots=True)
class ListedFolder:
    """One folder as the server lists it: `name` decoded and whole, with its hierarchy; only `selectable` ones hold
    mails.
    """

    name: str
    role: FolderRole
    selectable: bool


@dataclass(frozen=True, slots=True)
class FolderState:
    """How a folder stood when it was opened or asked for (RFC 3501 2.3.1, RFC 7162).

    `uid_next`: every mail that arrives later has this UID or a higher one. `exists`: number of mails.
    `highest_modseq`: changes with every change in the folder; 0 where the server has no CONDSTORE.
    """

    uidvalidity: int
    uid_next: int
    exists: int
    highest_modseq: int = 0


@dataclass(frozen=True, slots=True)
class RawFolder:
    """A line of the LIST answer: `attributes` in lower case with the backslash, `delimiter` "" for flat servers."""

    attributes: frozenset[str]
    delimiter: str
    name: str


def raw_folder(flags: Iterable[bytes], delimiter: bytes | None, name: bytes | str) -> RawFolder:
    """The folder of one line of a LIST answer. A name that isn't valid modified UTF-7 is shown as it is, but the
    folder can't be selected: its name would not survive the way back.
    """
    attributes = {flag.decode("ascii", "replace").lower() for flag in flags}
    raw = name.encode("utf-8") if isinstance(name, str) else name
    try:
        decoded = imap_utf7.decode(raw)
        faithful = raw_name(decoded) == raw
    except (UnicodeError, ValueError):
        decoded, faithful = raw.decode("utf-8", "replace"), False
    if not faithful:
        attributes.add("\\noselect")
    return RawFolder(frozenset(attributes), (delimiter or b"").decode("ascii", "replace"), decoded)


def raw_name(name: str) -> bytes:
    """The name of a folder as it travels: modified UTF-7 (RFC 3501 5.1.3)."""
    encoded: bytes = imap_utf7.encode(name)
    return encoded


_SPECIAL_USE = {"\\sent": FolderRole.SENT, "\\drafts": FolderRole.DRAFTS}
_UNSELECTABLE = frozenset({"\\noselect", "\\nonexistent"})


def with_roles(listed: Iterable[RawFolder], names: Mapping[FolderRole, Iterable[str]]) -> list[ListedFolder]:
    """The folders with their roles, INBOX first, then by name.

    A role that the server itself gives to any folder is given to no other by name. `names` are the usual names of a
    role (providers.toml); they are compared without regard to case, as the whole name or as the last part of it below
    INBOX or a name in brackets ("[Gmail]/Sent Mail"). Several folders may come out with one role: `the_one` tells
    what to do then.
    """
    raw = list(listed)
    told = {role for folder in raw for role in _told(folder)}
    known = {role: frozenset(_comparable(name) for name in of_role) for role, of_role in names.items()}
    folders = []
    for folder in raw:
        role = FolderRole.OTHER
        if folder.name.upper() == "INBOX":
            role = FolderRole.INBOX
        elif by_server := _told(folder):
            role = by_server[0]
        elif _is_private(folder):
            role = next(
                (role for role in known if role not in told and _short(folder) & known[role]),
                FolderRole.OTHER,
            )
        folders.append(ListedFolder(folder.name, role, not folder.attributes & _UNSELECTABLE))
    return sorted(folders, key=lambda one: (one.role is not FolderRole.INBOX, one.name))


def settled(folders: Sequence[ListedFolder], sent_folder: str) -> list[ListedFolder]:
    """The folders after the person's own word on which one is Sent ("" when there is none): that one and no other has
    the role.

    Raises FolderUnclear when the named folder isn't there.
    """
    if not sent_folder:
        return list(folders)
    if sent_folder not in {folder.name for folder in folders if folder.selectable}:
        message = _("There is no folder {name} to use as the Sent folder; the server has {folders}.").format(
            name=sent_folder, folders=_list(folder.name for folder in folders if folder.selectable)
        )
        raise FolderUnclear(message, tuple(folder.name for folder in folders if folder.selectable))
    return [
        replace(folder, role=FolderRole.SENT)
        if folder.name == sent_folder
        else replace(folder, role=FolderRole.OTHER if folder.role is FolderRole.SENT else folder.role)
        for folder in folders
    ]


def the_one(folders: Sequence[ListedFolder], role: FolderRole) -> ListedFolder | None:
    """The folder with this role, None when the mailbox has none.

    Raises FolderUnclear, naming them, when several could be it.
    """
    candidates = [folder for folder in folders if folder.role is role and folder.selectable]
    if len(candidates) > 1:
        if role is FolderRole.DRAFTS:
            message = _(
                "Several folders could be the one for drafts: {folders}. Name the right one as 'drafts_folder' in the settings."
            )
        else:
            message = _(
                "Several folders could be the one for sent mail: {folders}. Name the right one as 'sent_folder' in the settings."
            )
        message = message.format(folders=_list(folder.name for folder in candidates))
        raise FolderUnclear(message, tuple(folder.name for folder in candidates))
    return candidates[0] if candidates else None


def _told(folder: RawFolder) -> list[FolderRole]:
    return [role for attribute, role in _SPECIAL_USE.items() if attribute in folder.attributes]


def _is_private(folder: RawFolder) -> bool:
    """False for what the server says is for something else: rubbish, the archive, everything."""
    return not folder.attributes & {"\\trash", "\\junk", "\\archive", "\\all", "\\flagged", "\\important"}


def _comparable(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _short(folder: RawFolder) -> set[str]:
    """The name itself, and its last part where what stands before only says "in this mailbox"."""
    name = folder.name
    found = {_comparable(name)}
    if folder.delimiter:
        parts = name.split(folder.delimiter)
        if len(parts) == 2 and (parts[0].upper() == "INBOX" or parts[0].startswith("[")):
            found.add(_comparable(parts[1]))
    return found


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
