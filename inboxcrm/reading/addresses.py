"""Address fields (RFC 5322 3.4): who a mail is from and to, out of fields that seldom keep to the grammar.

It takes what a person would take: names with commas and without quotes, missing angle brackets, groups, encoded words
anywhere. It does not judge whether an address exists.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from inboxcrm.reading import headers
from inboxcrm.reading.reading import Address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SIMPLE = re.compile(
    r'(?:([^\s"\'<>()@,;:=\\\x00-\x1f][^"<>()@,;:=\\\x00-\x1f]*|"[^"<>()@,;:=\\\x00-\x1f]+")\s+)?<([^\s<>@,;:"()=?]+@[^\s<>@,;:"()=?]+)>'
)
_BARE = re.compile(r'[^\s<>@,;:"()=?\[\]]+@[^\s<>@,;:"()=?]+')
_ADDRESS = re.compile(
    r'(?:"[^"\s@]{0,128}"|[^\s<>,;:"()\[\]]{1,128})@(?:\[[^\]\s]*\]|[^\s<>,;:"()\[\]@]+(?:\s+\.\s*[\w-]+)*)'
)
_COMMENT = re.compile(r"\((?:\\.|[^()\\])*\)")
_BRACKET = re.compile(r"\\.|[()]")
_GAPS = re.compile(r"\s+")
_NO_ADDRESS = re.compile(r"undisclosed|unlisted|[;:]", re.IGNORECASE)
_ROUTE = re.compile(r"^@[^:<>]*:")
_PIECE = re.compile(r'=\?[^?\s]*\?[bBqQ]\?[^?]*\?=|["(<,;:]|[^"(<,;:=]+|=')
_ENCODED = re.compile(r"=\?[^?\s]*\?[bBqQ]\?")
_ESCAPED = re.compile(r"\\(.)")
_AT_IN_NAME = "\ufdd0"  # A non-character, never in a decoded text: "@" inside a quoted name.
_LABEL = re.compile(r"[^\x00-\x7f]")


def parse(values: Iterable[bytes]) -> tuple[Address, ...]:
    """Every mailbox of some address fields (raw, unfolded), in order; entries without any address are left out."""
    found = (one for value in values for one in parse_one(value))
    return tuple(one for one in found if one.address and not _NO_ADDRESS.search(one.address.rpartition("@")[0]))


def parse_one(value: bytes) -> list[Address]:
    """Every entry of one address field; an entry that is only a name has an empty address."""
    text = value.decode("ascii") if value.isascii() and b"\x1b" not in value else headers.eight_bit(value)
    text = text.strip().strip(",; ")
    if simple := _SIMPLE.fullmatch(text):
        return [_address((simple[1] or "").strip('"'), simple[2])]
    if _BARE.fullmatch(text):
        return [_address("", text)]
    return _entries(text)


def normal(address: str) -> str:
    """The form in which two addresses are compared: NFKC, lower case, the domain as A-labels, without "+tag".

    Dots of a local part stay: only some providers ignore them. What is no address comes back merely folded.
    """
    return _normal(address)


@lru_cache(maxsize=20_000)
def _normal(address: str) -> str:
    text = address if address.isascii() else unicodedata.normalize("NFKC", address)
    text = "".join(text.split()).strip("<>").lower().removeprefix("mailto:")
    local, at, domain = text.rpartition("@")
    if not at:
        return text
    local = local.strip('"') if local.startswith('"') else local
    return f"{local.split('+', 1)[0] or local}@{_ascii_domain(domain)}"


def domain_of(address: str) -> str:
    """The domain of an address in the form of `normal`; "" when it has none."""
    return normal(address).rpartition("@")[2] if "@" in address or "＠" in address else ""


@lru_cache(maxsize=5_000)
def _ascii_domain(domain: str) -> str:
    domain = domain.strip(".").replace("。", ".")
    if _LABEL.search(domain) is None:
        return domain
    labels = []
    for label in domain.split("."):
        try:
            labels.append(label.encode("idna").decode("ascii"))
        except UnicodeError:
            labels.append(label)
    return ".".join(labels).lower()


def _address(name: str, address: str) -> Address:
    address = headers.folded(headers.words_decoded(address)).replace(" ", "")
    name = headers.folded(name)
    # A name that only repeats the address tells nothing about the person.
    return Address("" if name.strip("'\" ").casefold() == address.casefold() else name, address)


class _Entry:
    """One entry of the list while it is being read."""

    __slots__ = ("after", "angle", "comments", "words")

    def __init__(self, words: list[str] | None = None) -> None:
        self.words = words or []
        self.after: list[str] = []  # The words behind the brackets.
        self.comments: list[str] = []
        self.angle: str | None = None

    def finished(self) -> list[Address]:
        """The mailboxes of the entry: usually one, a name alone, or none."""
        phrase = "".join(self.words)
        if self.angle is not None:
            inside = _ROUTE.sub("", _COMMENT.sub("", self.angle).strip()).lstrip("<").removeprefix("mailto:")
            if "@" not in headers.words_decoded(inside) and (
                other := _ADDRESS.search(phrase.replace(_AT_IN_NAME, "@"))
            ):
                # "anna@buyer.de <anna>": the brackets hold the nickname.
                return [_address(_name(inside), other[0])]
            return [_address(_name(phrase) or _name("".join(self.after)) or _name(" ".join(self.comments)), inside)]
        bare = _bare_addresses(phrase)
        if bare:
            rest = phrase
            for one in bare:
                rest = rest.replace(one, " ", 1)
            name = _name(rest.replace("<", " ").replace(">", " ")) or _name(" ".join(self.comments))
            # Several addresses with nothing but blanks between them: the commas are missing.
            chosen = bare if not name else bare[:1]
            return [_address(name, _GAPS.sub("", one)) for one in chosen]
        whole = headers.words_decoded(phrase)
        if "@" in whole and whole != phrase:
            # All of it, address included, in one encoded word.
            return _entries(whole)
        name = _name(phrase)
        return [Address(name, "")] if name else []


def _bare_addresses(phrase: str) -> list[str]:
    if "@" not in phrase:
        return []
    if _ENCODED.search(phrase):
        words = [word for word in phrase.split() if "@" in word and not word.startswith("=?")]
        return words[-1:]
    return _ADDRESS.findall(phrase)


def _name(text: str) -> str:
    name = headers.folded(headers.words_decoded(text))
    for quote in ('"', "'"):
        if len(name) > 1 and name[0] == name[-1] == quote:
            name = name[1:-1].strip()
    return name


class _Kind(Enum):
    """What a piece of an address field is."""

    TEXT = auto()
    QUOTED = auto()
    COMMENT = auto()
    ANGLE = auto()
    COMMA = auto()
    SEMICOLON = auto()
    COLON = auto()


_MARKS = {",": _Kind.COMMA, ";": _Kind.SEMICOLON, ":": _Kind.COLON}


def _pieces(text: str) -> Iterator[tuple[_Kind, str]]:
    """The pieces of a field, each character read once; a quote or bracket that never closes is white space."""
    position, end = 0, len(text)
    closes = {'"': True, "<": True}
    while position < end:
        match = _PIECE.match(text, position)
        piece = match[0] if match else text[position]
        position += len(piece)
        if piece in _MARKS:
            yield _MARKS[piece], piece
        elif piece == "(":
            stop = _closing_comment(text, position)
            yield _Kind.COMMENT, text[position:stop]
            position = stop + 1
        elif piece in closes:
            stop = (
                (_closing_quote(text, position) if piece == '"' else text.find(">", position)) if closes[piece] else -1
            )
            if stop < 0:
                closes[piece] = False
                yield _Kind.TEXT, " "
                continue
            content = text[position:stop]
            position = stop + 1
            if piece == "<":
                yield _Kind.ANGLE, content
            else:
                content = _ESCAPED.sub(r"\1", content)
                is_local_part = text[position : position + 1] == "@"
                # An address inside quotes is a name, unless nothing else is there: the mark keeps it from being taken.
                yield _Kind.QUOTED, f'"{content}"' if is_local_part else content.replace("@", _AT_IN_NAME)
        else:
            yield _Kind.TEXT, piece


def _entries(text: str) -> list[Address]:
    """Reads a list entry by entry."""
    found: list[Address] = []
    entry = _Entry()
    cut = ""  # A name cut by its comma: "Doe, John <j@x>".
    for kind, content in chain(_pieces(text), ((_Kind.SEMICOLON, ""),)):
        # The comma between two entries may be missing.
        has_address = entry.angle is not None and "@" in entry.angle
        next_begins = has_address and (kind is _Kind.ANGLE or (kind is _Kind.TEXT and "@" in content))
        if kind in (_Kind.COMMA, _Kind.SEMICOLON) or next_begins:
            words, entry.after = (entry.after, []) if kind is _Kind.ANGLE else ([], entry.after)
            done = entry.finished()
            entry = _Entry(words)
            if len(done) == 1 and not done[0].address and kind is _Kind.COMMA:
                cut = f"{cut}, {done[0].name}" if cut else done[0].name
            elif done:
                if cut and done[0].name:
                    done[0] = Address(f"{cut}, {done[0].name}", done[0].address)
                elif cut:
                    found.append(Address(cut, ""))
                found += done
                cut = ""
        if kind is _Kind.COLON and entry.angle is None and not any("@" in word for word in entry.words):
            # What stood before is the name of a group, or "mailto".
            entry, cut = _Entry(), ""
        elif kind is _Kind.ANGLE:
            entry.angle = content
        elif kind is _Kind.COMMENT:
            entry.comments.append(content)
        elif kind in (_Kind.TEXT, _Kind.QUOTED, _Kind.COLON):
            (entry.words if entry.angle is None else entry.after).append(content)
    if cut:
        found.append(Address(cut, ""))
    return [_restored(one) for one in found]


def _restored(one: Address) -> Address:
    if _AT_IN_NAME not in one.name:
        return one
    name = one.name.replace(_AT_IN_NAME, "@")
    if not one.address and _ADDRESS.fullmatch(name.strip("'")):
        return Address("", name.strip("'"))
    return Address("" if name.strip("'\" ").casefold() == one.address.casefold() else name, one.address)


def _closing_quote(text: str, position: int) -> int:
    while True:
        stop = text.find('"', position)
        if stop <= 0 or text[stop - 1] != "\\":
            return stop
        position = stop + 1


def _closing_comment(text: str, position: int) -> int:
    depth = 1
    for match in _BRACKET.finditer(text, position):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
            if depth == 0:
                return match.start()
    return len(text)
