"""A mail as HTML that a page may show: no script, no form, no style, nothing fetched from elsewhere unless asked for.

It is made for pages under a strict Content-Security-Policy; it removes what that policy would forbid, and does not rely on it.
"""

from __future__ import annotations

import base64
import html
import re
from typing import TYPE_CHECKING

import nh3
from selectolax.lexbor import LexborHTMLParser

from inboxcrm.reading import body, headers, mime
from inboxcrm.reading.html_text import nesting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inboxcrm.reading.mime import Part

LARGEST_INLINE = 200_000
"""Bytes of a picture that came with the mail and is shown in it."""
LARGEST_INLINE_ALL = 2_000_000
"""Bytes of all such pictures of one mail."""
LARGEST_HTML = 1_000_000
"""Characters of HTML that are cleaned; a longer mail is shown as text."""
DEEPEST = 400
"""Levels of nesting; a deeper mail is shown as text."""
PICTURES = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))

TAGS = frozenset(
    "a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn "
    "div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q rp rt ruby "
    "s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr".split()
)
REMOVED_WITH_CONTENT = frozenset(
    "script style title template noscript iframe object embed applet svg math select textarea".split()
)
ATTRIBUTES = {
    "*": {"dir", "lang", "title", "align", "valign"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "table": {"width", "border", "cellpadding", "cellspacing", "bgcolor"},
    "td": {"width", "height", "colspan", "rowspan", "bgcolor", "nowrap"},
    "th": {"width", "height", "colspan", "rowspan", "bgcolor", "nowrap"},
    "tr": {"height", "bgcolor"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "font": {"color", "size"},
    "ol": {"start", "type"},
    "li": {"value"},
    "bdo": {"dir"},
    "blockquote": {"type"},
}
LINKS = ("http://", "https://", "mailto:", "tel:")

_HIDDEN = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all")
_URL = re.compile(r"https?://[^\s<>\"'“”）)\]]+[^\s<>\"'“”）)\].,;:!?]")


def safe_html(raw: bytes, *, remote_images: bool = False) -> str:
    """The text of a mail as safe HTML (a fragment): its own HTML cleaned, else its plain text. Never raises.

    Pictures that came with the mail are shown as data: URLs when they are small; pictures from the net (https only) when
    `remote_images` is set, else they vanish without a trace, so that the sender does not learn that the mail was opened.
    """
    return _shown(mime.parse(raw).root, remote_images=remote_images)


def _shown(root: Part, *, remote_images: bool) -> str:
    content = body.gather(root, rich=True)
    pictures = _pictures(root)
    says_nothing = not any(text.is_html or body.visible(text.shown()) for text in content.texts) and not content.inner
    texts = content.text_files[:1] if says_nothing else content.texts
    pieces = [_cleaned(text, pictures, remote_images=remote_images) for text in texts]
    for mail in content.inner:
        pieces.append("<hr>" + _title(mail) + _shown(mail, remote_images=remote_images))
    return "\n".join(piece for piece in pieces if piece)


def _title(mail: Part) -> str:
    lines = [
        f"{name}: {value}"
        for name, value in (("From", mail.header.text("from")), ("Subject", mail.header.text("subject")))
        if value
    ]
    return f"<p><b>{'<br>'.join(html.escape(line) for line in lines)}</b></p>" if lines else ""


def _cleaned(text: body.Text, pictures: dict[str, str], *, remote_images: bool) -> str:
    source = text.part.text() if text.is_html else ""
    if not text.is_html or len(source) > LARGEST_HTML or nesting(source) > DEEPEST:
        return _plain(text.shown())
    return nh3.clean(
        _without_hidden(source),
        tags=set(TAGS),
        clean_content_tags=set(REMOVED_WITH_CONTENT),
        attributes=ATTRIBUTES,
        attribute_filter=_filter(pictures, remote_images=remote_images),
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}, "img": {"loading": "lazy"}},
        url_schemes={"http", "https", "mailto", "tel", "data", "cid"},
    )


def _filter(pictures: dict[str, str], *, remote_images: bool) -> Callable[[str, str, str], str | None]:
    """Decides about each attribute that the lists let through: the value to keep, or None."""

    def keep(tag: str, attribute: str, value: str) -> str | None:
        value = value.strip()
        if attribute == "href":
            return value if value.lower().startswith(LINKS) else None
        if attribute == "src" and tag == "img":
            scheme, _, rest = value.partition(":")
            if scheme.lower() == "cid":
                return pictures.get(rest.strip())
            if scheme.lower() == "data":
                return value if _is_small_picture(value) else None
            return value if remote_images and value.lower().startswith("https://") else None
        return value

    return keep


def _is_small_picture(url: str) -> bool:
    kind = url[5:].partition(";")[0].lower()
    return (
        kind in PICTURES and url[5 + len(kind) :].lower().startswith(";base64,") and len(url) < LARGEST_INLINE * 4 // 3
    )


def _without_hidden(source: str) -> str:
    """The HTML without what its styles hide: styles are not kept, so the preview lines of newsletters would appear."""
    if _HIDDEN.search(source) is None:
        return source
    tree = LexborHTMLParser(source.encode("utf-8", "replace").decode("utf-8"))
    for node in tree.css("[style]"):
        if _HIDDEN.search(node.attributes.get("style") or ""):
            node.decompose()
    return tree.html or ""


def _pictures(root: Part) -> dict[str, str]:
    """Content-ID → data: URL of each small picture that came with the mail."""
    found: dict[str, str] = {}
    left = LARGEST_INLINE_ALL
    for part in _leaves(root):
        size = part.size() if part.content_id and part.type in PICTURES and part.raw else 0
        if 0 < size <= min(LARGEST_INLINE, left):
            left -= size
            found[part.content_id] = f"data:{part.type};base64,{base64.b64encode(part.data()).decode('ascii')}"
    return found


def _leaves(part: Part) -> Iterator[Part]:
    if not part.children:
        yield part
    for child in part.children:
        yield from _leaves(child)


def _plain(text: str) -> str:
    """Plain text as one <pre>, addresses of the web as links."""
    out, position = [], 0
    for match in _URL.finditer(text):
        out.append(html.escape(text[position : match.start()]))
        url = html.escape(headers.folded(match[0]))
        out.append(f'<a href="{url}" target="_blank" rel="noopener noreferrer nofollow">{url}</a>')
        position = match.end()
    out.append(html.escape(text[position:]))
    return f"<pre>{''.join(out)}</pre>" if text.strip() else ""
