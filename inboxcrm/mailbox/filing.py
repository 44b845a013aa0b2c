"""A connection that may write: it puts mails into the Drafts and Sent folders and takes the service's own drafts out again.

Everything else of a mailbox belongs to the person: it sets no flag on other mails, moves nothing, and deletes only the one mail whose
UID it is told, in the generation of the folder that it is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inboxcrm.i18n import _
from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.mailbox.errors import AnswerGarbled
from inboxcrm.mailbox.folders import raw_name

_APPENDUID = re.compile(rb"\[APPENDUID (\d+) (\d+)\]", re.IGNORECASE)
_MANY = 200


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a mail lies in a folder: a UID means something only together with the UIDVALIDITY."""

    uidvalidity: int
    uid: int


class FilingMailbox(Mailbox):
    """A `Mailbox` that may write. What it is told to remove is looked at by the caller first."""

    def open_for_writing(self, folder: str) -> int:
        """Opens a folder (SELECT) and returns its UIDVALIDITY. Raises FolderMissing."""
        with self._speaking(folder):
            answer = self._client.select_folder(raw_name(folder))
        uidvalidity = answer.get(b"UIDVALIDITY")
        if uidvalidity is None:
            raise AnswerGarbled(
                _("{server} gives no UIDVALIDITY for {folder}.").format(server=self._place, folder=folder)
            )
        return int(uidvalidity)

    def append(self, folder: str, data: bytes, flags: Sequence[str], at: datetime) -> Spot | None:
        """Puts a mail into a folder with these flags and this INTERNALDATE. Returns where it lies, None when the server doesn't say
        (APPENDUID, RFC 4315).
        """
        with self._speaking(folder):
            answer = self._client.append(raw_name(folder), data, list(flags), at)
        told = _APPENDUID.search(answer if isinstance(answer, bytes) else str(answer).encode("utf-8", "replace"))
        return Spot(int(told[1]), int(told[2])) if told else None

    def with_field(self, name: str, value: str) -> list[int]:
        """The UIDs in the opened folder whose header field `name` holds `value` (ASCII), ascending. Servers search roughly."""
        with self._speaking():
            return sorted(self._client.search(["HEADER", name, value]))

    def latest(self, most: int) -> list[int]:
        """The UIDs of the `most` newest mails in the opened folder, ascending."""
        with self._speaking():
            return sorted(self._client.search(["NOT", "DELETED"]))[-most:]

    def fields(self, uids: Sequence[int], names: Sequence[str]) -> dict[int, bytes]:
        """UID → these header fields, raw; a mail that has gone is left out."""
        found: dict[int, bytes] = {}
        item = f"BODY.PEEK[HEADER.FIELDS ({' '.join(names)})]"
        for start in range(0, len(uids), _MANY):
            with self._speaking():
                answers: Mapping[int, Any] = self._client.fetch(list(uids[start : start + _MANY]), [item])
            for uid, answer in answers.items():
                value = next((one for key, one in answer.items() if key.upper().startswith(b"BODY[HEADER")), None)
                if isinstance(value, bytes):
                    found[uid] = value
        return found

    def remove(self, uid: int) -> bool:
        """Deletes one mail of the opened folder for good. Where the server can't delete a single mail (UIDPLUS, RFC 4315) and others
        are marked as deleted too, it is only marked as well: False.
        """
        with self._speaking():
            self._client.add_flags([uid], [b"\\Deleted"], silent=True)
        if "UIDPLUS" in self.capabilities:
            with self._speaking():
                self._client.uid_expunge([uid])
            return True
        with self._speaking():
            if set(self._client.search(["DELETED"])) - {uid}:
                return False
            self._client.expunge()
        return True
