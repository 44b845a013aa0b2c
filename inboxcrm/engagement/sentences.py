"""A mail's text in sentences and clauses: the reach of a phrase, of a "not" and of an "if".

Hard-wrapped lines are one sentence, a list item is one of its own. Offsets only; nothing is copied or changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from inboxcrm.engagement.vocabulary import DIGIT, MARKS
from inboxcrm.engagement.words import Splitter

# Abbreviations of the trade that end in a full stop without ending the sentence, folded.
_ABBREVIATIONS = frozenset(
    (
        "pcs pc no nr approx ca mr mrs ms dr co ltd inc eg ie etc vs art qty tel ref fig min max incl excl est dept attn "
        "zb bzw inkl zzgl ggf stk st usw bspw evtl abs "
        "sr sra srta ud uds vd vds aprox cant num "
        "mme mlle env "
        "spett egr sig dott ns rif pz mod cod "
        "шт ул руб тыс млн др "
        "szt tj np bay bn bv tnv"
    ).split()
)
_LONGEST_ABBREVIATION = max(map(len, _ABBREVIATIONS))
# A line this long was wrapped by the mail program; a shorter one was ended by the writer.
_WRAPPED = 50
_WRAPPED_WIDE = 30

# No person writes longer sentences; tables and dumps without an end must not cost more than letters.
_LONGEST = 600

# That it begins with a set of letters saves most of the looks.
_END = re.compile(
    r"[.!?…;。！？；؟\n](?:"
    r"(?<=[.!?…])[.!?…]*[\"')\]]*(?=\s|$)|(?<=[!?;])(?=[\u3000-\u9fff\uac00-\ud7af])"
    r"|(?<=[。！？；])[。！？；]*|(?<=؟)|(?<=\n)(?:[ \t]*\n\s*)?|(?<=;)(?=\s))"
)
_WORD_BEFORE = re.compile(r"([^\W\d_]+)$")
# "am 12. Mai", "vom 3. bis 5.": a day of the month, where the full stop makes an ordinal.
_ORDINAL = re.compile(r"\b(?:am|vom|zum|bis|der|den|dem|ab|seit) \d{1,2}$")
_ITEM = re.compile(r"\s*(?:[-*•·●○▪>–]|\(?\d{1,2}[.)、]|[a-z][.)])\s?")
_COLON = re.compile("[:：]")
_PARTED = re.compile(r"[,;，；、]\s?|\s(?:and|und|et|e|y|и)\s")
# A list in one line, and its first number.
_NUMBER = re.compile(r"(?<![\w.,/-])(\d{1,2})(?:[.)](?=\s|[^\W\d])|、)")
_FIRST = re.compile(r"[:：\n]\s{0,2}\(?1[.)、]")
_SHORT_ITEM = 80
_LONGEST_LIST = 300
_WIDE = re.compile(r"[\u3000-\u9fff\uac00-\ud7af]")


class Sentence(NamedTuple):
    """A folded sentence, and the words and marks in it (see `MARKS`), which tell fast what can't stand there."""

    text: str
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Sentence:
        """The folded sentence `text`."""
        return cls(text, frozenset(_WORDS.split(text)))


def _words_and_marks(piece: str) -> list[str]:
    found = _WORD_OR_MARK.findall(piece)
    return [*found, DIGIT] if _DIGIT.search(piece) else found


_WORD_OR_MARK = re.compile(rf"\w+|[{''.join(MARKS - {DIGIT})}]")
_DIGIT = re.compile(r"\d")
_WORDS = Splitter(_words_and_marks)


def sentences(text: str) -> list[tuple[int, int]]:
    """The spans of the sentences of folded `text`, in their order, none empty."""
    spans: list[tuple[int, int]] = []
    start = 0
    numbered = _numbered(text)
    ends = _END.finditer(text)
    if numbered:
        ends = iter(sorted((*ends, *numbered), key=lambda found: found.start()))
        numbers = {found.end() for found in numbered}
    for end in ends:
        if numbered and end in numbered:
            _add(spans, text, start, end.start())
            start = end.start()
        elif end.start() >= start and not (numbered and end.end() in numbers) and _ends(text, start, end):
            _add(spans, text, start, end.end())
            start = end.end()
    _add(spans, text, start, len(text))
    return spans


def _numbered(text: str) -> list[re.Match[str]]:
    """The numbers of a list that is written in one line ("… the following: 1. price list 2. two samples"), in their order."""
    found: list[re.Match[str]] = []
    if not any(first in text for first in ("1.", "1)", "1、")) or not _FIRST.search(text):
        return found
    for number in _NUMBER.finditer(text):
        if int(number[1]) == len(found) + 1 and (
            found or _FIRST.search(text, max(number.start() - 4, 0), number.end())
        ):
            found.append(number)
    return found if len(found) > 1 else []


def listed(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int, int, int]]:
    """What a list says together with its heading ("Please send us:" – "- two samples"): the spans of the heading without its colon
    and of the item without its mark. Items stand in lines or sentences of their own, or behind a colon between commas.
    """
    heading: tuple[int, int] | None = None
    for number, (start, end) in enumerate(spans):
        colon = _COLON.search(text, start, end)
        mark = _ITEM.match(text, start, end)
        ahead = number + 1 < len(spans) and _ITEM.match(text, *spans[number + 1])
        belongs = mark or (end - start <= _SHORT_ITEM and heading and "\n\n" not in text[heading[1] : start])
        if heading and belongs and not (colon and colon.end() == end):
            yield (*heading, mark.end() if mark else start, end)
            continue
        heading = None
        if colon and colon.end() < end and end - colon.end() < _LONGEST_LIST and text[colon.end()].isspace():
            first = colon.end() + 1
            for part in _PARTED.finditer(text, first, end):
                yield start, colon.start(), first, part.start()
                first = part.end()
            yield start, colon.start(), first, end
        elif end - start < _LONGEST_LIST and (colon or (ahead and text[end - 1] not in ".!?。")):
            heading = start, colon.start() if colon else end


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while end - start > _LONGEST:
        cut = max(text.rfind(" ", start + 1, start + _LONGEST), text.rfind("\n", start + 1, start + _LONGEST))
        cut = cut if cut > start else start + _LONGEST
        _add(spans, text, start, cut)
        start = cut
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        first = start + len(piece) - len(piece.lstrip())
        spans.append((first, first + len(stripped)))


def _ends(text: str, start: int, end: re.Match[str]) -> bool:
    mark = end[0]
    if mark == "\n":
        return not _wrapped(text, end.start())
    if mark[0] == "." and len(mark) == 1:
        at = end.start()
        before = text[at - 1] if at > start else ""
        if before.isdigit():
            if _ORDINAL.search(text, max(start, at - 8), at):
                return False
            return not text[start:at].strip().isdigit()  # "1. We need …" is one sentence
        if at - start > _LONGEST_ABBREVIATION and text[at - _LONGEST_ABBREVIATION - 1 : at].isalpha():
            return True
        word = _WORD_BEFORE.search(text, max(start, at - 12), at) if before.isalpha() else None
        return word is None or not (word[1] in _ABBREVIATIONS or len(word[1]) == 1)
    return True


def _wrapped(text: str, at: int) -> bool:
    """Whether the line break at `at` was made by a mail program inside a sentence."""
    begin = text.rfind("\n", 0, at) + 1
    line = text[begin:at].rstrip()
    if len(line) < _WRAPPED and not (len(line) >= _WRAPPED_WIDE and _WIDE.search(line)):
        return False
    after = text[at + 1 : at + 40].lstrip(" \t")
    return bool(after) and after[0] != "\n" and not _ITEM.match(after) and line[-1] not in ":："


_CLAUSE = re.compile(r"[,;:，；：、،؛]|\s-+\s|\(|\)")
_BREAK = re.compile(r"[;；؛]|\s-+\s")


def boundaries(sentence: str, joints: re.Pattern[str] | None, *, statements: bool) -> list[tuple[int, int]]:
    """What parts `sentence`: `joints` ("but", "aber", "但"), semicolons and dashes part its statements, also commas and the like its
    clauses.
    """
    spans = [found.span() for found in (_BREAK if statements else _CLAUSE).finditer(sentence)]
    if joints is not None:
        spans += [found.span() for found in joints.finditer(sentence)]
    return spans


def between(sentence: str, match: tuple[int, int], parts: list[tuple[int, int]]) -> tuple[int, int]:
    """The span of the part of `sentence` around `match`, where `parts` part it."""
    start, end = 0, len(sentence)
    for first, last in parts:
        if last <= match[0]:
            start = max(start, last)
        elif first >= match[1]:
            end = min(end, first)
    return start, end


# As much of a sentence as a person takes in at a glance.
_GLANCE = 160


def telling(sentence: str, match: tuple[int, int]) -> tuple[int, int]:
    """The span of `sentence` that a person wants to read to believe the match: the sentence, its clause when it is long, or as many
    words around the match as can be taken in at a glance.
    """
    if len(sentence) <= _GLANCE:
        return 0, len(sentence)
    start, end = between(sentence, match, boundaries(sentence, None, statements=False))
    if end - start > _GLANCE:
        around = max(0, _GLANCE - (match[1] - match[0])) // 2
        start, end = max(start, match[0] - around), min(end, match[1] + around)
        while start < match[0] and start and sentence[start - 1].isalnum():
            start += 1
        while end > match[1] and end < len(sentence) and sentence[end].isalnum():
            end -= 1
    piece = sentence[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
