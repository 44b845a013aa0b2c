"""Of the mails in hand, those whose end was said to the server, and what it answered: a small file that outlives a kill -9.

The database knows durably which mails are in hand before the server hears a word of them. That it may be many at once, and a crash
still leaves no more unclear than were being said at that moment, is what this file is for: a line is written before the end of each
mail, and one with its answer. It waits for no disk: what a process has written, the system keeps when the process dies. A restart of
the machine is told by the system's boot id; after one, only what stands there is believed, not what is missing. Where there is no boot
id, each end waits for the disk.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from inboxcrm.newsletter.outbox import Fate, Outcome

log = structlog.get_logger(__name__)

_SENT = b'["answer", %d, "sent", "", null, false]\n'
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Left:
    """What a process that died left: recipients with the server's answer (`answered`), those whose mail never came to its end
    (`untouched`), and for both the instant at which they were taken in hand (`taken_at`). Of all others nothing is known.
    """

    answered: Mapping[int, Outcome] = field(default_factory=dict)
    untouched: frozenset[int] = frozenset()
    taken_at: Mapping[int, datetime] = field(default_factory=dict)


class InHand:
    """The file of one account. One process writes it, from any thread."""

    def __init__(self, path: Path) -> None:
        """Writes nothing yet, so that `left` tells what the last process left."""
        self._path = path
        self._boot_id = _boot_id()
        self._file: int | None = None
        self._lines: list[bytes] = []
        self._lock = threading.Lock()

    def take(self, recipients: Collection[int], at: datetime) -> None:
        """These mails are taken in hand, at `at`. Call it before the transaction that says so is committed: until then what is known of
        the mails before them is kept. Raises OSError.
        """
        taken = _line("taken", at.isoformat(), *recipients)
        unfinished = self._path.with_name(f"{self._path.name}.new")
        with self._lock:
            self._close()
            file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            self._file = file
            self._write(b"".join([_line("boot", self._boot_id), *self._lines, taken]))
            unfinished.replace(self._path)
            self._lines = [taken]

    def ending(self, recipient_id: int) -> None:
        """The end of this mail is about to be said. Raises OSError: then it must not be."""
        with self._lock:
            self._add(b'["ending", %d]\n' % recipient_id)
            if not self._boot_id and self._file is not None:
                os.fsync(self._file)  # nothing would tell a crash of the machine from one of the process

    def answered(self, outcome: Outcome) -> None:
        """The server has answered, or its connection is lost. Whoever has the outcome writes it into the database as well; an error
        here is only told.
        """
        if outcome.fate is Fate.SENT:
            line = _SENT % outcome.recipient_id  # nobody asks for the words
        else:
            due_at = outcome.due_at.isoformat() if outcome.due_at else None
            line = _line("answer", outcome.recipient_id, outcome.fate, outcome.words, due_at, outcome.nobody_there)
        try:
            with self._lock:
                self._add(line)
        except OSError as error:
            log.warning("the file of the mails in hand can't be written", file=str(self._path), error=str(error))

    def left(self) -> Left:
        """What the process before this one left. Raises OSError when there is a file that can't be read."""
        try:
            written = self._path.read_bytes()
        except FileNotFoundError:
            return Left()
        return read(written, self._boot_id)

    def close(self) -> None:
        """Closes the file; what stands in it stays."""
        with self._lock:
            self._close()

    def _add(self, line: bytes) -> None:
        self._write(line)
        self._lines.append(line)

    def _write(self, data: bytes) -> None:
        if self._file is None:
            msg = "no mail has been taken in hand"
            raise OSError(msg)
        written = os.write(self._file, data)
        if written != len(data):
            self._close()  # half a line: nothing may follow it
            msg = "no space for the whole line"
            raise OSError(msg)

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def read(written: bytes, boot_id: str) -> Left:
    """What a file tells on a machine whose boot id is `boot_id` ("": none, then as now). A last line that was not written to its end
    announces what was not begun; behind any other line that can't be read nothing is believed.
    """
    answered: dict[int, Outcome] = {}
    untouched: set[int] = set()
    taken_at: dict[int, datetime] = {}
    same_boot = False
    for line in written.split(b"\n")[:-1]:
        try:
            what, *values = json.loads(line)
            if what == "boot":
                same_boot = values == [boot_id]
            elif what == "taken":
                for one in values[1:]:
                    answered.pop(one, None)
                    untouched.add(one)
                    taken_at[one] = datetime.fromisoformat(values[0])
            elif what == "ending":
                untouched.discard(values[0])
            elif what == "answer":
                outcome = _outcome(values)
                untouched.discard(outcome.recipient_id)
                answered[outcome.recipient_id] = outcome
        except (ValueError, TypeError, IndexError):
            untouched.clear()
            break
    return Left(answered, frozenset(untouched) if same_boot else frozenset(), taken_at)


def _outcome(values: list[Any]) -> Outcome:
    recipient_id, fate, words, due_at, nobody_there = values
    due = datetime.fromisoformat(due_at) if due_at else None
    return Outcome(int(recipient_id), Fate(fate), words, due, bool(nobody_there))


def _line(*values: object) -> bytes:
    return json.dumps(values).encode() + b"\n"


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:  # another system than Linux
        return ""
