"""The phrases of `inboxcrm.reading.footers` and `inboxcrm.reading.closings`, found all at once in the lines of a text.

The cost does not grow with the number of phrases (Aho-Corasick). What a finding means depends on where it stands, and is
decided by who asks.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import Enum
from itertools import accumulate
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from inboxcrm.reading.closings import CLOSINGS
from inboxcrm.reading.footers import BANNERS, DEVICE_STARTS, DISCLAIMERS, LEGAL_WORDS, LIST_FOOTERS, MY_DEVICE


class Phrase(Enum):
    """What a phrase belongs to. OPENING is a disclaimer's that begins like any sentence: "This e-mail and …"."""

    DISCLAIMER = "disclaimer"
    OPENING = "opening"
    LEGAL = "legal"
    BANNER = "banner"
    LIST = "list"
    MY_DEVICE = "my device"
    DEVICE = "device"
    CLOSING = "closing"


class Hit(NamedTuple):
    """A phrase at `column` of line `place`."""

    place: int
    column: int
    kind: Phrase


# Disclaimers that begin so tell less than the others: people write such sentences too.
_DEMONSTRATIVES = frozenset(
    "this/these/information/contents/diese/dieser/der/ce/ces/le/les/este/esta/estos/las/questo/questa/queste/bu/ta/niniejsza/treść/"
    "dit/deze/de/это/этот/данное/настоящее/цей/це/denne/denna/detta/acest/acestui/tento/tato/ez/thư/email/αυτό/το/tämä/informazioni".split(
        "/"
    )
)


def _table() -> dict[str, Phrase]:
    table: dict[str, Phrase] = {}
    for kind, words in (
        (Phrase.LEGAL, LEGAL_WORDS),
        (Phrase.DISCLAIMER, DISCLAIMERS),
        (Phrase.BANNER, BANNERS),
        (Phrase.LIST, LIST_FOOTERS),
        (Phrase.DEVICE, DEVICE_STARTS),
        (Phrase.MY_DEVICE, MY_DEVICE),
        *((Phrase.CLOSING, words) for words in CLOSINGS.values()),
    ):
        for word in filter(None, words.split("/")):
            opening = kind is Phrase.DISCLAIMER and word.split()[0] in _DEMONSTRATIVES
            table[word] = Phrase.OPENING if opening else kind
    return table


# A closing may be indented so far, or ornamented.
INDENT = 8
_ENDS_LINE = re.compile(r"[^\W\d_][.!?]\s[^.!?\n]{4,40}[,.!]?\s*")
_PHRASES = _table()
_KINDS = list(_PHRASES.values())
_FINDER = AhoCorasick(list(_PHRASES), matchkind=MatchKind.LeftmostLongest)


def find(lines: list[str]) -> list[Hit]:
    """Every phrase in `lines`, in order; also those that wrapping has spread over two lines."""
    text = "\n".join(lines).lower()
    if not text.isascii():
        text = text.replace("’", "'").replace("i\u0307", "i")
    lowered = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lowered), initial=0))
    hits = []
    for index, at, end in _FINDER.find_matches_as_indexes(text.replace("\n", " ")):
        place = bisect_right(starts, at) - 1
        kind = _KINDS[index]
        # A closing begins a line and ends with a word; or it is all that stands behind the last sentence of a line.
        if kind is Phrase.CLOSING and (
            text[end : end + 1].isalnum()
            or (at - starts[place] > INDENT and not _ENDS_LINE.fullmatch(text, at - 3, starts[place + 1] - 1))
        ):
            continue
        hits.append(Hit(place, at - starts[place], kind))
    return hits
