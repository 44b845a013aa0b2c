"""What a person sees of an HTML mail, as plain text, with quoted history still recognisable.

The markup of quotations becomes the conventions of plain text ("> " for each level, a line of underscores where Outlook draws
its rule, "-- " before a marked signature), so that `inboxcrm.reading.newtext` needs to know plain text only. It renders no
images, fetches nothing, runs nothing, and never raises.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

from inboxcrm.reading import quotes
from inboxcrm.reading.plain_text import even

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# Outlook's own plain text draws its rule so.
RULE = "_" * 32

_UNSEEN = frozenset(
    "head style script title meta link base noscript template svg object iframe map datalist select".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figure figcaption footer form h1 h2 h3 h4 h5 h6 header "
    "html legend li main nav ol pre section summary table tbody tfoot thead tr ul includetail".split()
)
_INLINE = frozenset("a b i u s em strong span font small big code tt sub sup o:p wbr".split())
_SPACED = frozenset("p h1 h2 h3 h4 h5 h6 ul ol dl pre table".split())
_SPACE = re.compile("[ \t\n\r\f]+")
_NO_MARGIN = re.compile(r"margin(?:-top|-bottom)?:0")
_HIDDEN = re.compile(r"display:none|visibility:hidden|mso-hide:all|max-height:0(?![.\d])")
_QUOTE_CLASS = re.compile(
    r"yahoo_quoted|gmail_quote(?!_container)|protonmail_quote|tutanota_quote|moz-cite(?!-prefix)|quoted|history",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"gmail_signature|moz-signature|protonmail_signature|mobile-signature|mailmaster-signature|^signature$|^zm-_id_-sgn|signatureblock",
    re.IGNORECASE,
)
_OUTLOOK_RULE = re.compile(
    r"border-top:(?:solid#?(?:e1e1e1|b5c4df|ccc)|1(?:\.0)?p[xt]solid#?(?:e1e1e1|b5c4df|ccc)|solid(?:windowtext|black))"
)
_EMOJI = re.compile(r"[^\w\s!-~]{1,8}")
# A tree as deep as this is an attack: the parser's time grows with the square of the depth.
_DEEPEST = 4_000
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_ANY_TAG = re.compile(r"<[^>]*>")
_VOID = frozenset("br hr img input meta link area base col embed source track wbr p li td tr th option".split())


def html_to_text(html: str) -> str:
    """The visible text of `html`: paragraphs, rows and list items as lines, hidden parts left out, quotations with "> "."""
    if not html or html.isspace():
        return ""
    if "<" not in html:
        return even(unescape(html)).strip("\n")
    if html.count("<") > _DEEPEST and nesting(html) > _DEEPEST:
        return even(unescape(_ANY_TAG.sub(" ", html)))
    root = LexborHTMLParser(html.encode("utf-8", "replace").decode("utf-8")).root
    return even(_Page().rendered(root)) if root is not None else ""


def nesting(html: str) -> int:
    """How deep the elements of `html` stand in each other, without building a tree: parsers need time squared to it."""
    depth = deepest = 0
    for match in _TAG.finditer(html):
        if match[2].lower() not in _VOID:
            depth += -1 if match[1] else 1
            deepest = max(deepest, depth)
    return deepest


class _Page:
    """The text laid out so far: `pending` line breaks are written when the next word comes, as margins collapse in a browser."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.pending = 0
        self.depth = 0
        self.last_depth = 0
        self.empty_line = True
        self.row_open = False
        self.cell_start = False  # a cell's first word stands beside the cell before it, whatever blocks hold it
        self.verbatim = 0
        self.counters: list[int] = []
        self.signature: tuple[int, int] | None = None

    def rendered(self, root: LexborNode) -> str:
        """Walk the tree without recursion, entering and leaving each element."""
        node: LexborNode | None = root
        above: list[tuple[LexborNode, str, tuple[str, ...]]] = []
        while node is not None:
            tag = node.tag or ""
            if tag == "-text":
                self._write(node.text_content or "")
            elif tag == "br":
                self._line_break()
            elif tag == "img":
                self._image(node)
            elif tag == "hr":
                self._rule()
            elif tag[:1] != "-" and tag not in _UNSEEN:
                effects = self._enter(node, tag)
                if effects is not None:
                    child = node.first_child
                    if child is not None:
                        above.append((node, tag, effects))
                        node = child
                        continue
                    self._leave(tag, effects)
            following = node.next
            while following is None and above:
                parent, tag, effects = above.pop()
                self._leave(tag, effects)
                following = parent.next
            node = following
        return self._finished()

    def _enter(self, node: LexborNode, tag: str) -> tuple[str, ...] | None:
        """Open `node`; what `_leave` must undo, or None when the element can't be seen."""
        attributes = node.attributes
        if not attributes:  # most elements: nothing to find out
            if tag in _INLINE:
                return ()
            if tag == "div":
                if not self.pending and not self.cell_start:
                    self.pending = 1
                return ()
        effects: tuple[str, ...] = ()
        space = 1 if tag in _BLOCKS else 0
        if attributes:
            style = attributes.get("style") or ""
            if style:
                style = style.replace(" ", "").lower()
                if ("none" in style or "hid" in style or "max-h" in style) and _HIDDEN.search(style):
                    return None
                if "white-space:pre" in style and "pre-line" not in style:
                    effects += ("verbatim",)
                    self.verbatim += 1
            if "hidden" in attributes:
                return None
            marks = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        else:
            style = marks = ""
        if tag == "p":
            space = 1 if "Mso" in marks or _NO_MARGIN.search(style) else 2
        elif tag in _SPACED and tag not in ("table", "ul", "ol"):
            space = 2
        if tag in ("td", "th"):
            self._cell()
        elif space and not self.cell_start:
            self.pending = max(self.pending, space)
        if tag == "tr":
            self.row_open = self.cell_start = False
        elif tag == "pre":
            self.verbatim += 1
            effects += ("verbatim",)
        elif tag == "li":
            self._item()
        elif tag in ("ul", "ol"):
            self.counters.append(0 if tag == "ol" else -1)
            effects += ("list",)
        elif tag == "blockquote":
            if self._is_quotation(attributes, style, marks):
                effects += ("quote",)
                self._deeper()
        elif tag == "div" or "@" in tag:
            effects += self._division(node, tag, style, marks)
        if not self.depth and self.signature is None and marks != " " and marks and _is_signature(attributes):
            self.signature = (len(self.out), -1)
            effects += ("signature",)
        return (*effects, "space2") if space == 2 else effects

    def _division(self, node: LexborNode, tag: str, style: str, marks: str) -> tuple[str, ...]:
        if tag != "div":  # an address that was written without escaping: <anna@example.com>
            self._write(f"<{tag}>")
            return ()
        if "divRplyFwdMsg" in marks or ("border-top" in style and _OUTLOOK_RULE.search(style)):
            self._rule()
        if len(marks) > 6 and "gmail_quote" not in marks and _QUOTE_CLASS.search(marks):
            self._deeper()
            return ("quote",)
        return ()

    def _leave(self, tag: str, effects: tuple[str, ...]) -> None:
        if not effects and tag in _INLINE:
            return
        if tag in ("td", "th"):
            self.cell_start = False
        elif not self.cell_start and (tag in _BLOCKS or tag == "p"):
            self.pending = max(self.pending, 2 if "space2" in effects else 1)
        if not effects:
            return
        for effect in effects:
            if effect == "quote":
                self.depth -= 1
            elif effect == "verbatim":
                self.verbatim -= 1
            elif effect == "list":
                self.counters.pop()
            elif effect == "signature" and self.signature is not None:
                self.signature = (self.signature[0], len(self.out))

    def _write(self, data: str) -> None:
        if self.verbatim and "\n" in data:
            for number, line in enumerate(data.split("\n")):
                if number:
                    self._line_break()
                if line:
                    self._words(line)
            return
        words = data
        if not self.verbatim and ("  " in data or not data.isprintable()):
            words = _SPACE.sub(" ", data)
        if words == " ":
            if not self.pending and not self.empty_line and self.out[-1][-1:] != " ":
                self.out.append(" ")
            return
        if words:
            self._words(words)

    def _words(self, words: str) -> None:
        if self.pending or not self.out:
            self._break()
        if not self.verbatim and words[0] == " " and (self.empty_line or self.out[-1][-1:] == " "):
            words = words[1:]
        if words:
            self.out.append(words)
            self.empty_line = False
            self.cell_start = False
            self.row_open = True

    def _break(self) -> None:
        """Write the pending line breaks and the quotation marks of the next line."""
        if self.out:
            between = "\n" + ">" * min(self.depth, self.last_depth)
            self.out.append(between * (self.pending - 1) + "\n" if self.pending else "")
        if self.depth:
            self.out.append(">" * self.depth + " ")
        self.last_depth = self.depth
        self.pending = 0
        self.empty_line = True
        self.row_open = False

    def _line_break(self) -> None:
        if not self.cell_start:
            self.pending = min(self.pending + 1, 3)

    def _cell(self) -> None:
        if self.row_open and not self.empty_line:
            self.pending = 0
            self.out.append("\t")
        else:
            self.pending = max(self.pending, 1)
        self.cell_start = True

    def _item(self) -> None:
        if not self.counters:
            self._words("- ")
            return
        if self.counters[-1] >= 0:
            self.counters[-1] += 1
            self._words(f"{self.counters[-1]}. ")
        else:
            self._words("- ")
        self.empty_line = True

    def _image(self, node: LexborNode) -> None:
        alt = (node.attributes.get("alt") or "").strip()
        if alt and _EMOJI.fullmatch(alt):
            self._words(alt)

    def _rule(self) -> None:
        last = self._last_line()
        self.pending = max(self.pending, 1)
        if not quotes.is_rule(last):
            self._words(RULE)
        self.pending = 1

    def _deeper(self) -> None:
        self.depth += 1
        self.pending = max(self.pending, 1)

    def _is_quotation(self, attributes: dict[str, str | None], style: str, marks: str) -> bool:
        """A blockquote is a quotation when its markup says so or when an attribution stands above; others only indent."""
        if (attributes.get("type") or "").lower() == "cite" or "cite" in attributes:
            return True
        if "quote" in marks.lower() or (
            "border-left" in style and "border-left:none" not in style and "border-left:0" not in style
        ):
            return True
        if "border:none" in style or "border:0" in style:
            return False
        lines = "".join(self.out[-60:]).rstrip().split("\n")[-6:]
        return quotes.attribution_ending_at(lines, len(lines) - 1, 0) is not None

    def _last_line(self) -> str:
        return "".join(self.out[-8:]).rstrip().rpartition("\n")[2]

    def _finished(self) -> str:
        if self.signature is not None and self.signature[1] > self.signature[0]:
            start, end = self.signature
            above = "".join(self.out[max(0, start - 8) : start]).rstrip().rpartition("\n")[2].strip()
            if above not in ("--", "—", "-") and _nothing_of_ones_own("".join(self.out[end:])):
                while start < end and not self.out[start].strip():
                    start += 1
                self.out.insert(start, "-- \n" if not start or self.out[start - 1][-1:] == "\n" else "\n-- \n")
        text = "".join(self.out)
        if " \n" in text or "\u00a0\n" in text:
            return "\n".join([line if line == "-- " else line.rstrip(" \u00a0") for line in text.split("\n")])
        return text


def _is_signature(attributes: dict[str, str | None]) -> bool:
    return any(
        value and _SIGNATURE.search(value)
        for name, values in attributes.items()
        if name in ("class", "id", "data-smartmail", "data-signatureblock")
        for value in ((values or "").split() if name != "data-signatureblock" else ("signatureblock",))
    )


def _nothing_of_ones_own(text: str) -> bool:
    """True when the first words of `text` are history, or when there are none."""
    lines = [line for line in text[:4_000].split("\n") if line.strip()][:6]
    if not lines:
        return True
    if quotes.is_quoted(lines[0]) or quotes.is_rule(lines[0]):
        return True
    if quotes.header_at(lines, 0) or quotes.separator_at(lines, 0):
        return True
    return any(
        found and found.start == 0 for found in (quotes.attribution_ending_at(lines, at, 0) for at in range(len(lines)))
    )
