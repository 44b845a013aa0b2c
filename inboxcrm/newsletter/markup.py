"""A person's text (Markdown or HTML) as HTML that is safe to send: nothing that runs, loads from elsewhere or hides.

Links are told as they are found, pictures are given to whoever has the files. It knows nothing of recipients: their pieces are marks
(`inboxcrm.newsletter.slots`) by now.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from selectolax.lexbor import LexborHTMLParser

MARKDOWN, HTML = "markdown", "html"
FORMATS = (MARKDOWN, HTML)
BUTTON = "button"
"""The title that makes a link of Markdown a button: [Ask for a sample](mailto:me@firm.example "button")."""

_URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_TAGS = frozenset(
    "a abbr b blockquote br center code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img ins li ol p pre s small span "
    "strike strong sub sup table tbody td tfoot th thead tr u ul".split()
)
_ATTRIBUTES = {
    "*": set("align bgcolor class dir height lang style title valign width".split()),
    "a": {"href"},
    "font": {"color", "face", "size"},
    "img": {"src", "alt", "border"},
    "ol": {"start"},
    "table": {"border", "cellpadding", "cellspacing", "role"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_STYLES = set(
    "background background-color border border-bottom border-collapse border-color border-left border-radius border-right "
    "border-spacing border-style border-top border-width color display font font-family font-size font-style font-weight height "
    "letter-spacing line-height list-style list-style-type margin margin-bottom margin-left margin-right margin-top max-width "
    "min-width padding padding-bottom padding-left padding-right padding-top table-layout text-align text-decoration "
    "text-transform vertical-align white-space width word-break".split()
)
_UNSEEN = {"script", "style", "title", "head", "template", "noscript", "object", "iframe", "form", "svg", "math"}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_REFERS = re.compile(r"url\s*\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads and what it says."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the text: `src` as written, `alt` what is read in its place."""

    src: str
    alt: str

    @property
    def is_elsewhere(self) -> bool:
        """Whether it would be loaded from somebody's server."""
        return bool(_ELSEWHERE.match(self.src))


@dataclass(frozen=True, slots=True)
class Markup:
    """Safe HTML, and what it refers to, in order."""

    html: str
    links: tuple[Link, ...]
    pictures: tuple[Picture, ...]


def to_html(text: str, written_in: str) -> str:
    """The text as HTML, not safe yet. `written_in`: one of `FORMATS`."""
    return text if written_in == HTML else _MARKDOWN.render(text)


def safe(html: str, source_of: Callable[[str], str], link_of: Callable[[str], str] = str) -> Markup:
    """The HTML without anything that runs or loads. `source_of`: a picture's file → what its `src` becomes ("" takes it out);
    `link_of`: where a link leads → what is written instead.
    """
    tree = LexborHTMLParser(html)
    links = tuple(Link((one.attributes.get("href") or "").strip(), one.text().strip()) for one in tree.css("a[href]"))
    pictures = tuple(
        Picture((one.attributes.get("src") or "").strip(), (one.attributes.get("alt") or "").strip())
        for one in tree.css("img")
    )

    def attribute(tag: str, name: str, value: str) -> str | None:
        if tag == "img" and name == "src":
            return source_of(value.strip()) or None
        if tag == "a" and name == "href":
            return link_of(value.strip())
        if name == "style" and _REFERS.search(value):
            return None
        return value

    cleaned = nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=_UNSEEN,
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=attribute,
        filter_style_properties=_STYLES,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    return Markup(cleaned, links, pictures)


# --- Markdown ---------------------------------------------------------------------------------------------------------


def _bare_urls(state: StateCore) -> None:
    """Addresses of pages become links though nobody has marked them as such."""
    for block in state.tokens:
        if block.type != "inline" or "://" not in block.content:
            continue
        children: list[Token] = []
        inside = 0
        for token in block.children or []:
            inside += token.nesting if token.type in ("link_open", "link_close") else 0
            children += _linked(token) if token.type == "text" and not inside else [token]
        block.children = children


def _linked(token: Token) -> list[Token]:
    found: list[Token] = []
    end = 0
    for url in _URL.finditer(token.content):
        found += [
            Token("text", "", 0, content=token.content[end : url.start()]),
            Token("link_open", "a", 1, attrs={"href": url[0]}),
            Token("text", "", 0, content=url[0]),
            Token("link_close", "a", -1),
        ]
        end = url.end()
    return [*found, Token("text", "", 0, content=token.content[end:])] if found else [token]


def _buttons(state: StateCore) -> None:
    for block in state.tokens:
        for token in block.children or []:
            if token.type == "link_open" and token.attrGet("title") == BUTTON:
                token.attrs = {"href": token.attrGet("href") or "", "class": BUTTON}


class _Markdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802  the library's name
        """What isn't safe is taken out by `safe` and told by the checks, not left in the mail as it was typed."""
        return bool(url)


def _markdown() -> MarkdownIt:
    made = _Markdown("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    made.core.ruler.push("bare_urls", _bare_urls)
    made.core.ruler.push("buttons", _buttons)
    return made


_MARKDOWN = _markdown()
