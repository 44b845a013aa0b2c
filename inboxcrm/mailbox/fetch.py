"""Takes mails out of the opened folder: first the heads of a batch, then the texts of those that matter, never the
attachments.

What was asked for is compared with what came: a mail that has vanished is told from one that the server fails to hand
out, and one bad mail never spoils its batch. Everything is asked with PEEK, so that mails stay unread.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from inboxcrm.i18n import _
from inboxcrm.mailbox.answers import Refusal, refusal
from inboxcrm.mailbox.errors import AnswerGarbled, CommandRefused
from inboxcrm.mailbox.reduced import MOST_TEXT, SMALL, Wanted, cut, plan, rebuild
from inboxcrm.mailbox.structure import Part, part_tree

Answer = Mapping[bytes, Any]
"""What came for one mail: item → value, as imapclient parses it."""

Ask = Callable[[Sequence[int], Sequence[str]], Mapping[int, Answer]]
"""FETCH these UIDs with these items. Raises MailboxError only."""

Listed = Callable[[Sequence[int]], Iterable[int]]
"""Which of these UIDs the folder still lists."""

_MOST_REFUSED = 10
"""So many mails refused in one batch mean that the server is unwell, not the mails."""

_PORTION = 16_000_000


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a mail before its text: `received_at` (INTERNALDATE, aware UTC), `size` in bytes (RFC822.SIZE,
    some servers only estimate it), `header` with the empty line at its end, `gmail_id` (X-GM-MSGID: the same in all
    labels) or "".
    """

    uid: int
    received_at: datetime
    size: int
    flags: frozenset[str]
    header: bytes
    gmail_id: str = ""


@dataclass(frozen=True, slots=True)
class Unfetchable:
    """A mail that the server lists but fails to hand out, and its words."""

    uid: int
    error: str


@dataclass(frozen=True, slots=True)
class Heads(Sequence[Head]):
    """The heads that came, in ascending order of UID. `gone`: deleted meanwhile. `refused`: still there, but not
    handed out.
    """

    found: tuple[Head, ...]
    gone: frozenset[int] = frozenset()
    refused: tuple[Unfetchable, ...] = ()

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, position: Any) -> Any:
        return self.found[position]


@dataclass(frozen=True, slots=True)
class Mails(Mapping[int, bytes]):
    """The reduced mails that came, by UID. `gone` and `refused` as in `Heads`."""

    found: dict[int, bytes]
    gone: frozenset[int] = frozenset()
    refused: tuple[Unfetchable, ...] = ()

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[int]:
        return iter(self.found)

    def __getitem__(self, uid: int) -> bytes:
        return self.found[uid]


def portions(heads: Iterable[Head], most_bytes: int = _PORTION) -> Iterator[list[Head]]:
    """The heads in groups whose texts together stay below `most_bytes` (unless one alone is larger): for bounded
    memory.
    """
    group: list[Head] = []
    held = 0
    for head in heads:
        size = min(head.size, MOST_TEXT) + len(head.header)
        if group and held + size > most_bytes:
            yield group
            group, held = [], 0
        group.append(head)
        held += size
    if group:
        yield group


def fetch_heads(ask: Ask, listed: Listed, uids: Sequence[int], *, gmail: bool) -> Heads:
    """The heads of these mails. One FETCH when all goes well."""
    items = ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "BODY.PEEK[HEADER]", *(["X-GM-MSGID"] if gmail else [])]
    batch = _Batch(ask, listed)
    answers = batch.take(uids, items, ("HEADER",))
    heads = (_head(uid, answers[uid]) for uid in sorted(answers))
    return Heads(tuple(heads), frozenset(batch.gone), tuple(batch.refused))


def fetch_mails(ask: Ask, listed: Listed, heads: Sequence[Head]) -> Mails:
    """The reduced mails of these heads.

    1. Mails that are one text, and small ones made of texts, are taken as they are: the head's header and the text behind it.
    2. Of the others the server describes the parts.
    3. Those that need the same parts are asked for together, and put together from header and texts.
    4. Where the description can't be had or understood, the beginning of the mail has to do.
    """
    batch = _Batch(ask, listed)
    found: dict[int, bytes] = {}
    plain = [head for head in heads if _is_plain(head)]
    described = [head for head in heads if not _is_plain(head)]
    _take_as_they_are(batch, plain, found)
    trees = _trees(batch, described)
    groups: dict[Wanted, list[tuple[Head, Part]]] = defaultdict(list)
    for head in described:
        if (tree := trees.get(head.uid)) is not None:
            groups[plan(tree)].append((head, tree))
    for wanted, members in groups.items():
        _take_parts(batch, wanted, members, found)
    _take_as_they_are(batch, [head for head in described if head.uid in batch.unclear], found)
    return Mails(found, frozenset(batch.gone), tuple(batch.refused))


def fetch_whole(ask: Ask, uid: int, limit: int) -> bytes | None:
    """The mail as it lies on the server, cut off after `limit` bytes; None when it is gone."""
    answer = ask([uid], [_item("", limit)]).get(uid, {})
    return _section(answer, "")


@dataclass(slots=True)
class _Batch:
    """Asks for many mails so that the bad ones among them come to light one by one."""

    ask: Ask
    listed: Listed
    gone: set[int] = field(default_factory=set)
    refused: list[Unfetchable] = field(default_factory=list)
    unclear: set[int] = field(default_factory=set)
    """Mails whose parts the server can't describe."""

    def take(self, uids: Sequence[int], items: Sequence[str], needed: Sequence[str]) -> dict[int, Answer]:
        """The answers that hold every `needed` section; the others are noted as gone or refused.

        1. Ask for all. 2. Ask once more for what did not come: an answer may get lost among others. 3. What still
        does not come is gone if the folder no longer lists it, else refused.
        """
        complete: dict[int, Answer] = {}
        words = self._collect(uids, items, needed, complete)
        missing = [uid for uid in uids if uid not in complete and uid not in words]
        if missing:
            words |= self._collect(missing, items, needed, complete)
            missing = [uid for uid in missing if uid not in complete and uid not in words]
        unaccounted = [*missing, *words]
        still_there = set(self.listed(unaccounted)) if unaccounted else set()
        self.gone.update(uid for uid in unaccounted if uid not in still_there)
        for uid in unaccounted:
            if uid in still_there:
                said = words.get(uid) or _("The server lists this mail but does not hand it out.")
                self.refused.append(Unfetchable(uid, said))
        return complete

    def _collect(
        self, uids: Sequence[int], items: Sequence[str], needed: Sequence[str], complete: dict[int, Answer]
    ) -> dict[int, str]:
        """Puts what comes into `complete`; returns the mails that were refused one by one, and the words."""
        words: dict[int, str] = {}
        waiting: list[Sequence[int]] = [uids] if uids else []
        asked_again = False
        while waiting:
            some = waiting.pop()
            try:
                answers = self.ask(some, items)
            except (CommandRefused, AnswerGarbled) as error:
                said = error.words if isinstance(error, CommandRefused) else str(error)
                if refusal(said) is Refusal.EXPUNGED and not asked_again:
                    asked_again = True
                    waiting.append(some)
                elif len(some) > 1:
                    middle = len(some) // 2
                    waiting += (some[middle:], some[:middle])
                else:
                    words[some[0]] = said
                    if len(words) > _MOST_REFUSED:
                        raise
                continue
            for uid, answer in answers.items():
                if all(_section(answer, name) is not None for name in needed):
                    complete[uid] = answer
        return words


_TEXT_TYPES = frozenset({b"text/plain", b"text/html", b""})
_TEXTS_TYPES = frozenset({b"multipart/alternative", b"multipart/report"})
"""What consists of texts; anything else may hold attachments."""
_CONTENT_TYPE = re.compile(rb"^content-type[ \t]*:\s*([^\s;]*)", re.IGNORECASE | re.MULTILINE)


def _is_plain(head: Head) -> bool:
    """Whether the mail is one text, or small and made of texts, so that it can be taken as it is."""
    match = _CONTENT_TYPE.search(head.header)
    kind = match[1].lower() if match else b""
    return kind in _TEXT_TYPES or (head.size <= SMALL and kind in _TEXTS_TYPES)


def _take_as_they_are(batch: _Batch, heads: Sequence[Head], found: dict[int, bytes]) -> None:
    for limit in (0, MOST_TEXT):
        some = [head for head in heads if (head.size > MOST_TEXT) is bool(limit)]
        answers = batch.take([head.uid for head in some], [_item("TEXT", limit)], ("TEXT",))
        for head in some:
            if (answer := answers.get(head.uid)) is not None:
                found[head.uid] = head.header + cut(_section(answer, "TEXT") or b"", limit)


def _trees(batch: _Batch, heads: Sequence[Head]) -> dict[int, Part]:
    trees: dict[int, Part] = {}
    sizes = {head.uid: head.size - len(head.header) for head in heads}
    waiting = [[head.uid for head in heads]] if heads else []
    while waiting:
        some = waiting.pop()
        try:
            answers = batch.ask(some, ["BODYSTRUCTURE"])
        except (CommandRefused, AnswerGarbled):
            if len(some) > 1:
                middle = len(some) // 2
                waiting += (some[middle:], some[:middle])
            continue
        for uid, answer in answers.items():
            try:
                tree = part_tree(answer.get(b"BODYSTRUCTURE"))
            except (ValueError, RecursionError):
                continue
            if _accounts_for(tree, sizes[uid]):
                trees[uid] = tree
    batch.unclear.update(head.uid for head in heads if head.uid not in trees)
    return trees


def _accounts_for(tree: Part, size: int) -> bool:
    """Whether the described parts make up the mail's `size`, roughly. Where most of it is missing from them, the
    server has stumbled over the mail (a boundary that it can't find, say), and they can't be trusted.
    """
    return tree.total >= size // 2 - 2_000


def _take_parts(batch: _Batch, wanted: Wanted, members: Sequence[tuple[Head, Part]], found: dict[int, bytes]) -> None:
    if not wanted:
        found.update((head.uid, rebuild(head.header, tree, {})) for head, tree in members)
        return
    items = [_item(name, limit) for name, limit in wanted]
    answers = batch.take([head.uid for head, _tree in members], items, [name for name, _limit in wanted])
    for head, tree in members:
        if (answer := answers.get(head.uid)) is not None:
            sections = {name: cut(_section(answer, name) or b"", limit) for name, limit in wanted}
            found[head.uid] = rebuild(head.header, tree, sections)


def _item(section: str, limit: int) -> str:
    return f"BODY.PEEK[{section}]" + (f"<0.{limit}>" if limit else "")


def _head(uid: int, answer: Answer) -> Head:
    when = answer.get(b"INTERNALDATE")
    return Head(
        uid=uid,
        received_at=when.astimezone(UTC)
        if isinstance(when, datetime) and when.tzinfo
        else datetime.fromtimestamp(0, UTC),
        size=int(answer.get(b"RFC822.SIZE") or 0),
        flags=frozenset(_text(flag) for flag in answer.get(b"FLAGS") or ()),
        header=_section(answer, "HEADER") or b"",
        gmail_id=_text(answer.get(b"X-GM-MSGID", b"")),
    )


def _section(answer: Answer, name: str) -> bytes | None:
    """The section, b"" when the server says that it is empty, None when it did not come at all."""
    for key in (f"BODY[{name}]".encode("ascii"), f"BODY[{name}]<0>".encode("ascii")):
        if key in answer:
            value = answer[key]
            return value if isinstance(value, bytes) else b"" if value is None else str(value).encode("ascii")
    return None


def _text(value: Any) -> str:
    return value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
