"""Where connections broke, so that one mail that breaks them again and again can't keep all others away. Pure.

Networks break at random, mails break servers at the same place: the mails asked for when a connection broke are asked for again in
ever smaller batches, until the culprit stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_ALONE = 3
"""Broken connections after which a mail that was asked for alone is given up for now."""


@dataclass(slots=True)
class _Suspects:
    uids: set[int]
    times: int = 1
    alone: int = 0


@dataclass(slots=True)
class Stumbling:
    """The suspects of each folder of an account; outlives connections."""

    _folders: dict[str, _Suspects] = field(default_factory=dict)

    def size(self, folder: str, batch: int) -> int:
        """How many mails to ask for at once, `batch` when all is well."""
        found = self._folders.get(folder)
        return batch if found is None else max(1, batch // 4**found.times)

    def stumbled(self, folder: str, uids: Sequence[int]) -> bool:
        """Notes that the connection broke while these mails were asked for. True when it was one alone and has done so too often."""
        found = self._folders.get(folder)
        if found is None or not found.uids.intersection(uids):
            found = self._folders[folder] = _Suspects(set(uids))
        else:
            found.uids.intersection_update(uids)
            found.times += 1
        found.alone = found.alone + 1 if len(uids) == 1 else 0
        return found.alone >= _ALONE

    def passed(self, folder: str, uids: Sequence[int]) -> None:
        """Notes that these mails came."""
        found = self._folders.get(folder)
        if found is not None:
            found.uids.difference_update(uids)
            if not found.uids:
                del self._folders[folder]
