"""On which line of a TOML file a value stands: tomllib keeps no positions, and every error names one. It reads no files."""

from __future__ import annotations

import re

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\-\"']+)\s*=")


def line_of(text: str, loc: tuple[str | int, ...]) -> int:
    """The line (1-based) of TOML `text` where the value at `loc` is set, or the nearest table above it; 0 when unknown.

    `loc` is a path of keys and array indices as pydantic reports it. tomllib keeps no positions, so this reads tables and keys
    line by line; inline tables count as the line of their key.
    """
    best, depth = 0, 0
    here: tuple[str | int, ...] = ()
    counts: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if table := _TABLE.match(line):
            keys = _split(table[2])
            here = _with_indices(keys, counts, opens=table[1] == "[[")
            place = here
        elif key := _KEY.match(line):
            place = here + _split(key[1])
        else:
            continue
        agreeing = _agreeing(place, loc)
        if agreeing == len(place) and agreeing > depth:
            best, depth = number, agreeing
    return best


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _with_indices(
    keys: tuple[str, ...], counts: dict[tuple[str | int, ...], int], *, opens: bool
) -> tuple[str | int, ...]:
    place: tuple[str | int, ...] = ()
    for position, key in enumerate(keys):
        place = (*place, key)
        if opens and position == len(keys) - 1:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place


def _agreeing(place: tuple[str | int, ...], loc: tuple[str | int, ...]) -> int:
    agreeing = 0
    for ours, theirs in zip(place, loc, strict=False):
        if ours != theirs:
            break
        agreeing += 1
    return agreeing
