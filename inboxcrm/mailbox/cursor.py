"""How far a folder has been taken: pure arithmetic on UIDs (RFC 3501 2.3.1.1).

New mail lies above what has been taken, history below; new mail goes first, history from the newest to the oldest. A
cursor moves only by `taken`, and the caller stores it in the same transaction as the mails.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from inboxcrm.mailbox.folders import FolderState


@dataclass(frozen=True, slots=True)
class Cursor:
    """The UIDs from `low_uid` to `high_uid`, both included, have been taken; `low_uid` = `high_uid` + 1 when none have.

    `uidvalidity`: the one they belong to, None before the folder was first opened. `generation` counts the values seen.
    """

    uidvalidity: int | None = None
    generation: int = 0
    low_uid: int = 1
    high_uid: int = 0

    def opened(self, state: FolderState) -> Self:
        """The cursor after the folder has been opened.

        The first time, and whenever UIDVALIDITY has changed, a new generation begins with nothing taken: what lies
        there is history (taken newest first), what arrives from now on is new.
        """
        if self.uidvalidity == state.uidvalidity:
            return self
        uid_next = max(1, state.uid_next)
        return replace(
            self,
            uidvalidity=state.uidvalidity,
            generation=self.generation + 1,
            low_uid=uid_next,
            high_uid=uid_next - 1,
        )

    def next_new(self, server_uids: Iterable[int], batch: int) -> list[int]:
        """The next up to `batch` new UIDs, ascending, from the oldest, so that none is left behind between two
        batches.
        """
        return sorted(uid for uid in server_uids if uid > self.high_uid)[:batch]

    def next_history(self, server_uids: Iterable[int], batch: int) -> list[int]:
        """The next up to `batch` UIDs of history, ascending: the newest that have not been taken."""
        return sorted(uid for uid in server_uids if uid < self.low_uid)[-batch:]

    def taken(self, uids: Sequence[int]) -> Self:
        """The cursor after these UIDs have been dealt with: taken, found to be gone, or noted as trouble.

        `uids` must be whole batches as `next_new` or `next_history` gave them, or their beginning (of history: their
        end). Raises ValueError when they lie on both sides of what has been taken, or inside it.
        """
        if not uids:
            return self
        lowest, highest = min(uids), max(uids)
        if lowest > self.high_uid:
            return replace(self, high_uid=highest)
        if highest < self.low_uid:
            return replace(self, low_uid=lowest)
        msg = f"UIDs {lowest} to {highest} are not beside what has been taken ({self.low_uid} to {self.high_uid})"
        raise ValueError(msg)
