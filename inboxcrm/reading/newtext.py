"""What the sender wrote now: a plain text parted into new text, quoted history and signature.

It never invents a word: the visible characters of the new text are some of those of the input, in their order.
It refuses nothing: any string comes back parted, in time linear to its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inboxcrm.reading.plain_text import even
from inboxcrm.reading.quote_headers import FORWARD_SUBJECTS, REPLY_SUBJECTS
from inboxcrm.reading.quotes import Introduction
from inboxcrm.reading.segments import Mark, segments
from inboxcrm.reading.signature import signature_lines


@dataclass(frozen=True, slots=True)
class TextParts:
    """A mail's text in three parts; `forwarded` says that the new text holds a mail that was passed on, `own_text` is the new text
    without it.
    """

    new_text: str
    quoted_text: str
    signature: str
    forwarded: bool
    own_text: str = ""


_EMPTY = TextParts("", "", "", False)
_SUBJECT = re.compile(r"\W*([^\W\d_][^\s:：\[\]]{0,20}?)\s?(?:\[\d+\]|\(\d+\))?\s?[:：]")
_FORWARDS = frozenset(word.strip() for word in FORWARD_SUBJECTS.split("/"))
_REPLIES = frozenset(word.strip() for word in REPLY_SUBJECTS.split("/"))
_BLANK_LINES = re.compile(r"\n{3,}")
# A forward inside a forward inside a forward … is followed so deep.
_DEPTH = 6


def split(text: str, *, subject: str = "") -> TextParts:
    """Part `text`, the plain text of one mail.

    `subject` is the mail's subject, as far as known: it tells a mail that is passed on without a word ("Fwd:") from an answer
    without a word ("Re:"). A forwarded mail stays in the new text without its header block, which goes to `quoted_text`
    together with the history and the signature that the forwarded mail brings.
    """
    text = even(text)
    if not text or text.isspace():
        return _EMPTY
    return _parted(text.split("\n"), subject_kind(subject), _DEPTH)


def subject_kind(subject: str) -> Introduction | None:
    """What the prefix of a subject tells: FORWARDED ("Fwd:"), ORIGINAL (an answer, "Re:") or None."""
    match = _SUBJECT.match(subject[:60])
    if match is None:
        return None
    word = match[1].lower()
    if word in _FORWARDS:
        return Introduction.FORWARDED
    return Introduction.ORIGINAL if word in _REPLIES else None


def _parted(lines: list[str], kind: Introduction | None, depth: int) -> TextParts:
    found = segments(lines, kind)
    new: list[str] = []
    own: list[str] = []
    quoted: list[str] = []
    signature: list[str] = []
    for mark, run in _runs(lines, found.marks):
        if mark is Mark.OWN:
            gone = signature_lines(run, first=not new)
            kept = [line for line, cut in zip(run, gone, strict=True) if not cut]
            signature += [line for line, cut in zip(run, gone, strict=True) if cut]
            if any(line.strip() for line in kept):
                new += ["", *kept]
                own += ["", *kept]
        elif mark is Mark.FORWARDED and found.forwarded is not None:
            inner = (
                _parted(found.forwarded, None, depth - 1)
                if depth
                else TextParts(_joined(found.forwarded), "", "", True)
            )
            new += ["", inner.new_text]
            quoted += ["", inner.quoted_text, "", inner.signature]
        else:
            quoted += ["", *run] if mark is Mark.FORWARD_HEADER else run
    return TextParts(_joined(new), _joined(quoted), _joined(signature), found.forwarded is not None, _joined(own))


def _runs(lines: list[str], marks: list[Mark]) -> list[tuple[Mark, list[str]]]:
    runs = []
    start = 0
    for place in range(1, len(lines) + 1):
        if place == len(lines) or marks[place] is not marks[start]:
            runs.append((marks[start], lines[start:place]))
            start = place
    return runs


def _joined(lines: list[str]) -> str:
    joined = "\n".join([line.rstrip() for line in lines]).strip("\n")
    return _BLANK_LINES.sub("\n\n", joined) if "\n\n\n" in joined else joined
