"""Address fields (RFC 5322 3.4): who a mail is from and to, out of fields that seldom keep to the grammar.

It takes what a person would take: names with commas and without quotes, missing angle brackets, groups, encoded words
anywhere. It does not judge whether an address exists.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from inboxcrm.reading import headers
from inboxcrm.reading.reading import Address

if TYPE_CHECKING:
    from collections.abc import Iterable

_SIMPLE = re.compile(
    r'(?:([^\s"\'<>()@,;:=\\\x00-\x1f][^"<>()@,;:=\\\x00-\x1f]*|"[^"<>()@,;:=\\\x00-\x1f]+")\s+)?<([^\s<>@,;:"()=?]+@[^\s<>@,;:"()=?]+)>'
)
_BARE = re.compile(r'[^\s<>@,;:"()=?\[\]]+@[^\s<>@,;:"()=?]+')
_ADDRESS = re.compile(r'(?:"[^"\s@]*"|[^\s<>,;:"()\[\]]+)@(?:\[[^\]\s]*\]|[^\s<>,;:"()\[\]@]+)')
_ROUTE = re.compile(r"^@[^:<>]*:")
_TOKEN = re.compile(r'=\?[^?\s]*\?[bBqQ]\?[^?]*\?=|["(<,;:]|[^"(<,;:=]+|=')
_ENCODED = re.compile(r"=\?[^?\s]*\?[bBqQ]\?")
_ESCAPED = re.compile(r"\\(.)")
_LABEL = re.compile(r"[^\x00-\x7f]")


def parse(values: Iterable[bytes]) -> tuple[Address, ...]:
    """Every mailbox of some address fields (raw, unfolded), in order; entries without any address are left out."""
    return tuple(one for value in values for one in parse_one(value) if one.address)


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

    __slots__ = ("angle", "comments", "words")

    def __init__(self) -> None:
        self.words: list[str] = []
        self.comments: list[str] = []
        self.angle: str | None = None

    def finished(self) -> Address | None:
        phrase = "".join(self.words)
        if self.angle is not None:
            inside = _ROUTE.sub("", self.angle.strip()).removeprefix("mailto:")
            name = _name(phrase) or _name(" ".join(self.comments))
            if "@" not in headers.words_decoded(inside) and (other := _ADDRESS.search(phrase)):
                # "anna@buyer.de <anna>": the brackets hold the nickname.
                return _address(_name(inside), other[0])
            return _address(name, inside)
        if found := _bare_address(phrase):
            rest = phrase.replace(found, " ", 1)
            return _address(
                _name(rest.replace("<", " ").replace(">", " ")) or _name(" ".join(self.comments)),
                found.strip("'\"") if found.count('"') != 2 else found,
            )
        whole = headers.words_decoded(phrase)
        if "@" in whole and whole != phrase:
            # All of it, address included, in one encoded word.
            inner = _entries(whole)
            return inner[0] if inner else None
        name = _name(phrase)
        return Address(name, "") if name else None


def _bare_address(phrase: str) -> str:
    if "@" not in phrase:
        return ""
    if _ENCODED.search(phrase):
        words = [word for word in phrase.split() if "@" in word and not word.startswith("=?")]
        return words[-1] if words else ""
    found = _ADDRESS.search(phrase)
    return found[0] if found else ""


def _name(text: str) -> str:
    name = headers.folded(headers.words_decoded(text))
    for quote in ('"', "'"):
        if len(name) > 1 and name[0] == name[-1] == quote:
            name = name[1:-1].strip()
    return name


def _entries(text: str) -> list[Address]:
    """Reads a list entry by entry, each character once or twice: a quote or bracket that never closes is an ordinary character."""
    found: list[Address] = []
    entry = _Entry()
    pending = ""  # A name cut by its comma: "Doe, John <j@x>".

    def finish(separator: str) -> None:
        nonlocal entry, pending
        done = entry.finished()
        entry = _Entry()
        if done is None:
            return
        if not done.address:
            if separator == ",":
                pending = f"{pending}, {done.name}" if pending else done.name
                return
            found.append(Address(f"{pending}, {done.name}" if pending else done.name, ""))
        elif pending and done.name and not pending.startswith('"'):
            found.append(Address(f"{pending}, {done.name}", done.address))
        else:
            if pending:
                found.append(Address(pending, ""))
            found.append(done)
        pending = ""

    position, end = 0, len(text)
    closing = {'"': True, "<": True}
    while position < end:
        match = _TOKEN.match(text, position)
        token = match[0] if match else text[position]
        position += len(token)
        if token == '"':
            stop = _closing_quote(text, position) if closing['"'] else -1
            if stop < 0:
                closing['"'] = False
                continue
            content = _ESCAPED.sub(r"\1", text[position:stop])
            local = stop + 1 < end and text[stop + 1] == "@"
            # An address inside quotes is a name, unless nothing else is there; the marks keep it from being taken.
            entry.words.append(f'"{content}"' if local else content if "@" not in content else _guarded(content))
            position = stop + 1
        elif token == "(":
            stop = _closing_comment(text, position)
            entry.comments.append(text[position:stop])
            position = stop + 1
        elif token == "<":
            stop = text.find(">", position) if closing["<"] else -1
            if stop < 0:
                closing["<"] = False
                entry.words.append(" ")
                continue
            if entry.angle is None or "@" not in entry.angle:
                entry.angle = text[position:stop]
            position = stop + 1
        elif token == ",":
            finish(",")
        elif token == ";":
            finish(";")
        elif token == ":":
            phrase = "".join(entry.words)
            if entry.angle is None and "@" not in phrase:
                # The name of a group; or "mailto:".
                entry = _Entry()
                pending = ""
            else:
                entry.words.append(token)
        elif entry.angle is not None and "@" in token and "@" in entry.angle:
            # The comma between two entries is missing.
            finish(";")
            entry.words.append(token)
        else:
            entry.words.append(token)
    finish("")
    if pending:
        found.append(Address(pending, ""))
    return [_restored(one) for one in found]


_AT_IN_NAME = "\ufdd0"  # A non-character, never in a decoded text: "@" inside a quoted name.


def _guarded(content: str) -> str:
    return content.replace("@", _AT_IN_NAME)


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
    for match in re.finditer(r"\\.|[()]", text[position:]):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth -= 1
            if depth == 0:
                return position + match.start()
    return len(text)
