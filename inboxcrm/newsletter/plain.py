"""The plain text of a mail from its HTML: what programs without HTML show, what some people prefer, and what filters read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_BLOCKS = frozenset(
    "blockquote center dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td tfoot th thead tr ul".split()
)
_SPACED = frozenset("blockquote dl h1 h2 h3 h4 h5 h6 hr ol p pre table ul".split())
_SPACE = re.compile(r"[ \t\r\n\f]+")
_MANY = re.compile(r"\n{3,}")
_BLANKS = re.compile(r"[ \t]+\n")
_RULE = "-" * 40


def plain(html: str) -> str:
    """The text: paragraphs parted by empty lines, list items with "-" or their number, links with where they lead."""
    body = LexborHTMLParser(f"<body>{html}</body>").body
    text = _Text()
    if body is not None:
        text.children(body)
    return _MANY.sub("\n\n", _BLANKS.sub("\n", "".join(text.pieces))).strip("\n")


class _Text:
    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._indent = ""

    def children(self, node: LexborNode) -> None:
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                self._say(child.text_content or "")
            else:
                self._element(child)

    def _element(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "br":
            self._break()
        elif tag == "hr":
            self._gap()
            self.pieces.append(_RULE)
            self._gap()
        elif tag == "img":
            self._say(node.attributes.get("alt") or "")
        elif tag == "a":
            self._link(node)
        elif tag in ("ul", "ol"):
            self._list(node, ordered=tag == "ol")
        elif tag == "pre":
            self._gap()
            self.pieces.append(node.text().rstrip("\n"))
            self._gap()
        elif tag == "tr" and not any(one.tag in _BLOCKS for cell in node.iter() for one in cell.iter()):
            self._break()
            for number, cell in enumerate(node.iter()):
                self._say(" | " if number else "")
                self.children(cell)
            self._break()
        elif tag in _BLOCKS:
            self._gap() if tag in _SPACED else self._break()
            before, self._indent = self._indent, self._indent + ("> " if tag == "blockquote" else "")
            self.children(node)
            self._indent = before
            self._gap() if tag in _SPACED else self._break()
        else:
            self.children(node)

    def _link(self, node: LexborNode) -> None:
        href = (node.attributes.get("href") or "").strip()
        said = _SPACE.sub(" ", node.text()).strip()
        self.children(node)
        bare = href.removeprefix("mailto:").removeprefix("tel:")
        if bare and bare.partition("?")[0] not in said and bare.rstrip("/") not in (said, f"https://{said}"):
            self._say(f" ({bare})" if said else bare)

    def _list(self, node: LexborNode, *, ordered: bool) -> None:
        number = 0
        before = self._indent
        self._break() if before else self._gap()
        for item in node.iter():
            if item.tag != "li":
                continue
            number += 1
            self._break()
            bullet = f"{number}. " if ordered else "- "
            self.pieces.append(before + bullet)
            self._indent = before + " " * len(bullet)
            self.children(item)
            self._indent = before
        self._break()
        if not before:
            self._gap()

    def _say(self, text: str) -> None:
        text = _SPACE.sub(" ", text)
        at_start = not self.pieces or self.pieces[-1].endswith("\n")
        if at_start:
            text = text.lstrip(" ")
            if text:
                text = self._indent + text
        elif self.pieces[-1].endswith(" "):
            text = text.lstrip(" ")
        if text:
            self.pieces.append(text)

    def _break(self) -> None:
        if self.pieces and not self.pieces[-1].endswith("\n"):
            self.pieces.append("\n")

    def _gap(self) -> None:
        self._break()
        if self.pieces:
            self.pieces.append("\n")
