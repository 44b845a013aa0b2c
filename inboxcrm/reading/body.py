"""What a person sees of a mail: which parts are its text, which are files, and which mail lies inside it.

It chooses between alternatives and joins what belongs together; it does not part new text from quoted text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from inboxcrm.reading import headers, mime, problems, secured, transfer
from inboxcrm.reading.html_text import html_to_text
from inboxcrm.reading.reading import Attachment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inboxcrm.reading.mime import Part

STUBS = (
    "does not support html",
    "doesn't support html",
    "not support html",
    "html-fähig",
    "this is an html",
    "this message is in html",
    "view this email in your browser",
    "html format",
    "unterstützt kein html",
    "ne supporte pas",
    "no soporta html",
    "no admite html",
    "não suporta html",
    "non supporta html",
    "не поддерживает html",
    "不支持html",
    "不支持 html",
    "htmlメール",
    "html形式",
)
"""What programs write into the text part of a mail whose text is in its HTML part."""

NOT_FILES = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-encrypted",
        "application/ms-tnef-signature",
    }
)
"""Parts that belong to the machinery of a mail; nobody attached them."""

NOT_SHOWN = frozenset(("text/rfc822-headers", "text/x-amp-html", "text/watch-html"))
"""Texts that no person reads."""

TEXT_FILES = frozenset(("text/rtf", "text/vcard", "text/x-vcard", "text/directory", "text/csv", "text/xml"))
"""Texts that are files even without a name."""

DEEPEST = 2
"""Mails inside sealed blocks inside mails that are opened."""

MOST_TEXT = 1_000_000
"""Characters of one text part that are read: nobody writes more."""


@dataclass(slots=True)
class Text:
    """One text part; `shown` is what a person sees of it, converted when first asked for."""

    part: Part
    _shown: str | None = None

    @property
    def is_html(self) -> bool:
        """Whether it is HTML."""
        return self.part.type == "text/html"

    @property
    def is_known(self) -> bool:
        """Whether the text was asked for."""
        return self._shown is not None

    def shown(self) -> str:
        """The visible text, line ends as "\\n"."""
        if self._shown is None:
            self._shown = _shown(self.part)
        return self._shown


@dataclass(slots=True)
class Body:
    """What was found in a mail: the parts that are its text, the files, the mails inside it, the invitations, the problems.

    `rich` prefers HTML where a mail says the same in both: for showing it, not for reading it. `depth` is how many sealed or
    attached blocks were opened to come here.
    """

    rich: bool = False
    depth: int = 0
    texts: list[Text] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    inner: list[Part] = field(default_factory=list)
    text_files: list[Text] = field(default_factory=list)
    invitations: list[Part] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def text(self) -> str:
        """All visible text in the order of the parts; of a text file where the mail itself says nothing."""
        said = [shown for one in self.texts if visible(shown := one.shown())]
        if not said and not self.inner:
            said = [shown for one in self.text_files if visible(shown := one.shown())][:1]
        return "\n".join(said)

    def take(self, other: Body, *, texts: bool) -> None:
        """Adds what was found elsewhere, its texts only if wanted."""
        if texts:
            self.texts += other.texts
        self.attachments += other.attachments
        self.inner += other.inner
        self.text_files += other.text_files
        self.invitations += other.invitations
        self.problems += other.problems


_INVISIBLE = re.compile("[\\s\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufeff\ufffc\x00-\x1f]+")
_WORD = re.compile(r"\w{4,}")


def visible(text: str) -> bool:
    """Whether there is anything to see in `text`."""
    found = _INVISIBLE.match(text)
    return bool(text) and (found is None or found.end() < len(text))


def gather(root: Part, *, rich: bool = False) -> Body:
    """Reads the tree of a mail; the depth of a tree is bounded by `mime.parse`."""
    body = Body(rich)
    _gather(root, body)
    return body


def _gather(part: Part, body: Body) -> None:
    if part.type in ("message/rfc822", "message/global", "message/news"):
        _attached_mail(part, body)
    elif part.is_container:
        _container(part, body)
    else:
        _leaf(part, body)


def _container(part: Part, body: Body) -> None:
    match part.type:
        case "multipart/alternative":
            _alternative(part.children, body)
        case "multipart/encrypted":
            body.problems.append(problems.ENCRYPTED)
            for child in part.children:
                if child.type not in NOT_FILES:
                    _attach(child, body)
        case "multipart/report":
            # The rest is for machines: see `bounce`.
            found = Body(body.rich, body.depth)
            for child in part.children:
                if child.type == "message/delivery-status":
                    # Some servers put their words into the part that is meant for machines.
                    found.texts += (Text(block) for block in child.children if visible(block.text()))
                elif not child.type.startswith("message/") and child.type != "text/rfc822-headers":
                    _gather(child, found)
            body.take(found, texts=True)
        case _ if part.type.startswith("message/"):
            pass  # A status report outside of a multipart/report.
        case _:
            _mixed(part.children, body)


def _alternative(children: Sequence[Part], body: Body) -> None:
    """RFC 2046 5.1.4 puts the best last; for reading, plain text is better when it is the same text."""
    choices: list[Body] = []
    for child in children:
        choice = Body(body.rich, body.depth)
        _gather(child, choice)
        choices.append(choice)
    plain = next((one for one in choices if one.texts and not any(text.is_html for text in one.texts)), None)
    rich = next((one for one in reversed(choices) if any(text.is_html for text in one.texts)), None)
    chosen = plain
    if rich is not None and (
        plain is None or body.rich or _is_stub("\n".join(text.shown() for text in plain.texts), rich)
    ):
        chosen = rich
    for choice in choices:
        body.take(choice, texts=choice is chosen)


def _mixed(children: Sequence[Part], body: Body) -> None:
    found = Body(body.rich, body.depth)
    for child in children:
        _gather(child, found)
    texts = found.texts
    if len(texts) == 2 and texts[1].is_html and not texts[0].is_html:
        # Alternatives that were not declared as such.
        if _is_stub(texts[0].shown(), Body(texts=texts[1:])):
            found.texts = texts[1:]
        elif _share_of_words(texts[0].shown(), texts[1].shown()) > 0.8:
            found.texts = texts[1:] if body.rich else texts[:1]
    body.take(found, texts=True)


def _is_stub(plain: str, rich: Body) -> bool:
    """Whether a text part only excuses itself, or says nothing, beside an HTML part that has the text."""
    if not visible(plain):
        return True
    if len(plain) > 600:
        return False
    markup = " ".join(text.part.text()[:50_000] for text in rich.texts).lower()
    if _share_of_words(plain, markup) > 0.6 and not any(stub in plain.lower() for stub in STUBS):
        return False
    shown = "\n".join(text.shown() for text in rich.texts)
    return (
        _share_of_words(plain, shown) <= 0.6
        and visible(shown)
        and (len(shown) > 2 * len(plain) or any(stub in plain.lower() for stub in STUBS))
    )


def _share_of_words(few: str, many: str) -> float:
    """The share of the words of `few` that stand in `many`; 1 when there are no words."""
    words = set(_WORD.findall(few.lower()))
    text = many.lower()
    return sum(word in text for word in words) / len(words) if words else 1.0


def _leaf(part: Part, body: Body) -> None:
    name = part.name.lower()
    match part.type:
        case kind if kind in NOT_FILES or kind in NOT_SHOWN:
            return
        case "text/calendar" if part.disposition != "attachment":
            body.invitations.append(part)
            if part.name:
                _attach(part, body)
        case "application/pkcs7-mime" | "application/x-pkcs7-mime":
            _smime(part, body)
        case "text/plain" | "text/html" | "text/enriched" | "text/richtext":
            _text(part, body)
        case kind if (
            kind.startswith("text/") and kind not in TEXT_FILES and not name and part.disposition != "attachment"
        ):
            body.texts.append(Text(part))
        case _ if name.endswith(".eml") and body.depth < DEEPEST:
            # An attached mail under another type.
            _attach(part, body)
            body.inner.append(mime.parse(part.data()).root)
        case _:
            _attach(part, body)
            if part.type in ("application/ms-tnef", "application/vnd.ms-tnef") or name == "winmail.dat":
                body.problems.append(problems.TNEF)
            if name.endswith((".txt", ".htm", ".html")):
                body.text_files.append(Text(replace(part, type="text/plain" if name.endswith(".txt") else "text/html")))


def _text(part: Part, body: Body) -> None:
    """A text is what the mail says, unless it has a name: then it is a file, and read only where the mail says nothing."""
    if part.type == "text/plain" and b"begin " in part.raw:
        part = _without_files(part, body)
    if part.disposition == "attachment" or part.name:
        _attach(part, body)
        body.text_files.append(Text(part))
    else:
        body.texts.append(Text(part))


def _without_files(part: Part, body: Body) -> Part:
    """The text without files that were written into it by uuencode; those are attachments."""
    text, files = transfer.without_uuencoded(part.data())
    body.attachments += (Attachment(headers.folded(name), "application/octet-stream", size) for name, size in files)
    return replace(part, raw=text, encoding="binary") if files else part


def _attach(part: Part, body: Body) -> None:
    """Lists a file. Pictures that only decorate the HTML (a Content-ID, no name) are none."""
    if part.name or not (part.content_id and part.type.startswith("image/")):
        body.attachments.append(Attachment(part.name, part.type, part.size()))


def _smime(part: Part, body: Body) -> None:
    """A mail that is one S/MIME block: only signed, then its content is the mail; or encrypted."""
    if body.depth < DEEPEST and (content := secured.signed_content(part.data())):
        inside = Body(body.rich, body.depth + 1)
        _gather(mime.parse(content).root, inside)
        body.take(inside, texts=True)
        return
    if part.name:
        _attach(part, body)
    body.problems.append(problems.ENCRYPTED)


def _attached_mail(part: Part, body: Body) -> None:
    """A mail inside the mail, with the files that it brings."""
    if not part.children:
        _attach(part, body)
        return
    mail = part.children[0]
    name = part.name or (f"{subject}.eml" if (subject := mail.header.text("subject")) else "")
    size = part.said_size or sum(_size_of_tree(child) for child in part.children)
    body.attachments.append(Attachment(name, part.type, size))
    body.inner.append(mail)


def _size_of_tree(part: Part) -> int:
    return (
        len(part.raw)
        + sum(len(name) + len(value) + 3 for name, value in part.header.fields)
        + sum(map(_size_of_tree, part.children))
    )


def _shown(part: Part) -> str:
    text = part.text()[:MOST_TEXT]
    if part.type == "text/html":
        return html_to_text(text)
    if part.type in ("text/enriched", "text/richtext"):
        return _ENRICHED.sub("", text)
    if text.startswith(("<html", "<HTML", "<!DOCTYPE", "<!doctype")):
        return html_to_text(text)
    if part.flowed:
        text = unflowed(text, delsp=part.delsp)
    return secured.without_armour(text)


_ENRICHED = re.compile(r"<param>[^<]{0,200}</param>|</?[a-zA-Z]{1,20}>")


def unflowed(text: str, *, delsp: bool) -> str:
    """The paragraphs of a format=flowed text (RFC 3676) on one line each; quotation marks as ">" and a blank."""
    out: list[str] = []
    depth_before, open_line = -1, False
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        is_separator = content == "-- "
        if open_line and depth == depth_before and not is_separator:
            out.append(content)
        else:
            out.append(("\n" if out else "") + (">" * depth + " " if depth else "") + content)
        open_line = content.endswith(" ") and not is_separator
        if open_line and delsp:
            out[-1] = out[-1][:-1]
        depth_before = depth
    return "".join(out)
