"""The header of a mail: its fields in order, and their values decoded (RFC 5322, RFC 2047) however badly they were encoded.

It reads a header once, from bytes, and gives text without line breaks, NULs or lone surrogates. What a field means
(addresses, dates, ids) is decided elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from inboxcrm.reading import charsets, problems

if TYPE_CHECKING:
    from collections.abc import Iterable

_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:")
_FOLD = re.compile(rb"[ \t]*(?:\r\n|\r|\n)[ \t]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_CONTROL = re.compile("[\x00-\x1f\x7f\u0080-\u009f\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD_START = re.compile(r"=\?([^?\s=]{0,75})\?([bBqQ])\?")
_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_MESSAGE_ID = re.compile(r"<([^<>]+)>")
_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Header:
    """The fields of one header, in their order: names in lower case, values as raw bytes, unfolded."""

    fields: tuple[tuple[str, bytes], ...]
    problems: tuple[str, ...] = ()
    _first: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, value in reversed(self.fields):
            self._first[name] = value

    def __contains__(self, name: str) -> bool:
        return name in self._first

    def raw(self, name: str) -> bytes:
        """The first field of this name, undecoded; b"" when there is none."""
        return self._first.get(name, b"")

    def all_raw(self, name: str) -> list[bytes]:
        """Every field of this name, undecoded, in order."""
        return [value for key, value in self.fields if key == name] if name in self._first else []

    def text(self, name: str) -> str:
        """The first field of this name that says something, decoded; "" when there is none."""
        return next((text for value in self.all_raw(name) if (text := decoded(value))), "")

    def all(self, name: str) -> list[str]:
        """Every field of this name, decoded, in order."""
        return [decoded(value) for value in self.all_raw(name)]

    def token(self, name: str) -> str:
        """The first word of the first field of this name, in lower case: the value of Auto-Submitted, Precedence and the like."""
        words = decoded(self.raw(name)).replace(";", " ").split()
        return words[0].lower() if words else ""


def split(raw: bytes) -> tuple[Header, int]:
    """The header at the start of `raw`, and where the body begins.

    A line that is neither a field nor the continuation of one ends the header: there the blank line is missing, and
    the text must not be lost. A first line "From …" (mbox) is no field.
    """
    fields: list[tuple[str, bytes]] = []
    wrong: list[str] = []
    position, start = 0, -1
    name = ""
    end = len(raw)

    def close(until: int) -> None:
        if start >= 0:
            fields.append((name, _unfolded(raw[start:until])))

    while position < end:
        found = _LINE_END.search(raw, position)
        line_end, following = found.span() if found else (end, end)
        first = raw[position : position + 1]
        if line_end == position:
            close(position)
            return Header(tuple(fields), tuple(wrong)), following
        if first in (b" ", b"\t"):
            if (
                raw[position:line_end].isspace()
                and _FIELD.match(raw, following) is None
                and raw[following : following + 1] not in (b" ", b"\t")
            ):
                # A blank line that contains blanks.
                close(position)
                return Header(tuple(fields), tuple(wrong)), following
        elif match := _FIELD.match(raw, position):
            close(position)
            name, start = match[1].decode("ascii").lower(), match.end()
        elif raw.startswith((b"From ", b">From "), position) and not fields and start < 0:
            pass
        elif (fields or start >= 0) and _goes_on(raw, following, {name, *(key for key, _ in fields)}):
            # One broken line among the fields, often the rest of a badly folded one: it stays with that.
            wrong.append(problems.STRANGE_HEADER_LINE)
        else:
            close(position)
            wrong.append(problems.NO_BLANK_LINE)
            return Header(tuple(fields), tuple(wrong)), position
        position = following
    close(end)
    return Header(tuple(fields), tuple(wrong)), end


def begins_with_field(raw: bytes) -> bool:
    """Whether the first line is a field."""
    return _FIELD.match(raw) is not None


def of_items(items: Iterable[tuple[str, str]]) -> Header:
    """The header of a part that the `email` package has parsed: its raw items, bytes as surrogates."""
    return Header(
        tuple((name.strip().lower(), _unfolded(value.encode("utf-8", "surrogateescape"))) for name, value in items)
    )


def _goes_on(raw: bytes, position: int, seen: set[str]) -> bool:
    """Whether a field that the header still lacks follows within three lines: then a strange line does not end it.

    A field that was there already doesn't count: people quote "From:" and "Date:" in their texts.
    """
    for _ in range(3):
        if match := _COMMON.match(raw, position):
            name = match[1].decode("ascii").lower()
            return name not in seen or name.startswith(("received", "x-", "content-"))
        found = _LINE_END.search(raw, position)
        if found is None or found.start() == position:
            return False
        position = found.end()
    return False


_COMMON = re.compile(
    rb"(?i)(from|to|cc|subject|date|message-id|received|mime-version|content-[a-z-]+|return-path|reply-to|x-[a-z-]+|references"
    rb"|in-reply-to|dkim-signature)[ \t]*:"
)


def _unfolded(value: bytes) -> bytes:
    value = value.strip()
    return _FOLD.sub(b" ", value) if b"\n" in value or b"\r" in value else value


def decoded(value: bytes) -> str:
    """The text of a raw field value: RFC 2047 words decoded, 8-bit bytes guessed, white space and controls folded."""
    if value.isascii() and b"=?" not in value:
        return folded(charsets.decode(value) if b"\x1b" in value else value.decode("ascii"))
    return folded(words_decoded(eight_bit(value)))


def eight_bit(value: bytes) -> str:
    """A raw field value as text with its encoded words still in it."""
    return charsets.decode(value)


def folded(text: str) -> str:
    """`text` on one line: controls and line breaks are white space, white space is one space."""
    if not text.isprintable():
        text = text.replace("\x00", "")
        text = _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text))
    return " ".join(text.split())


def words_decoded(text: str) -> str:
    """RFC 2047 decoding that forgives: split characters, missing ends, wrong labels, words inside words and quotes."""
    if "=?" not in text:
        return text
    out: list[str] = []
    run: list[tuple[str, bytes]] = []
    position = 0
    while (match := _WORD_START.search(text, position)) is not None:
        between = text[position : match.start()]
        end, content = _content(text, match)
        if between and not (run and between.isspace()):
            out.append(_joined(run))
            run = []
            out.append(between)
        run.append((match[1].split("*")[0].lower(), _word_bytes(match[2], content)))
        position = end
    out.append(_joined(run))
    out.append(text[position:])
    return "".join(out)


def _content(text: str, match: re.Match[str]) -> tuple[int, str]:
    """Where the encoded word that starts with `match` ends, and its encoded text."""
    start = match.end()
    end = text.find("?=", start)
    if match[2] in "qQ":
        # A bare "?" before an escape ("what?=E3…") is not the end if the true end follows in the same word.
        while end >= 0 and _HEX_PAIR.match(text, end + 2):
            later = text.find("?=", end + 2)
            if later < 0 or any(character in " \t" for character in text[end:later]) or "=?" in text[end + 2 : later]:
                break
            end = later
    if end >= 0:
        following = _WORD_START.search(text, start, end)
        if following is None:
            return end + 2, text[start:end]
        # The end is missing: the next word begins before it.
        return following.start(), text[start : following.start()].rstrip("?= ")
    blank = text.find(" ", start)
    end = blank if blank >= 0 else len(text)
    return end, text[start:end].rstrip("?")


def _word_bytes(encoding: str, content: str) -> bytes:
    if encoding in "bB":
        return lenient_base64(content)
    raw = content.replace("_", " ").encode("utf-8", "replace")
    return _Q_ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode("ascii")), raw)


def lenient_base64(content: str) -> bytes:
    """Base64 with anything foreign dropped, padding repaired, and several padded pieces in a row read one by one."""
    out = b""
    for piece in re.split(r"=+", content):
        letters = _NOT_BASE64.sub("", piece)
        letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
        try:
            out += base64.b64decode(letters + "=" * (-len(letters) % 4))
        except binascii.Error:
            continue
    return out


def _joined(run: list[tuple[str, bytes]]) -> str:
    """Neighbouring words of one character set are one run of bytes: programs cut characters in two."""
    return "".join(
        charsets.decode(b"".join(data for _, data in words), label) for label, words in groupby(run, key=itemgetter(0))
    )


def message_ids(value: str) -> tuple[str, ...]:
    """The ids of a References or In-Reply-To field, without angle brackets, each once, in order."""
    found = _MESSAGE_ID.findall(value)
    if not found and "@" in value:
        found = [word for word in re.split(r"[\s,;]+", value) if "@" in word]
    return tuple(dict.fromkeys(cleaned for one in found if (cleaned := "".join(one.split()))))


def message_id(value: str) -> str:
    """The id of a Message-ID field without angle brackets, as written otherwise; "" when there is none."""
    found = _MESSAGE_ID.search(value)
    return "".join(_COMMENT.sub("", folded(found[1])).split()) if found else folded(value.strip().strip("<>"))
