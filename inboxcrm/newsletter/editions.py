"""An issue in one language, made as far as it is the same for everybody: layout, styles, pictures, and templates of the rest.

A text with a mistake, a layout without a way out, or a picture that would be loaded from a server makes no edition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Template
from markupsafe import Markup as Html

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.composing import RIGHT_TO_LEFT
from inboxcrm.followup.rendering import compiled, problems
from inboxcrm.i18n import _
from inboxcrm.model import Issue
from inboxcrm.newsletter import files, markup
from inboxcrm.newsletter.addressees import known_names
from inboxcrm.newsletter.files import FileError
from inboxcrm.newsletter.layouts import Layouts
from inboxcrm.newsletter.markup import Link, Markup, Picture
from inboxcrm.newsletter.phrases import Phrases, in_language, phrases
from inboxcrm.newsletter.plain import plain
from inboxcrm.newsletter.slots import LostError, Slots

_SHEET_WIDTH = 528
"""Pixels that the layouts leave for the text."""
LEAVE_LINK, SUBJECT_LINE = "leave_link", "subject_line"
_CARDS = re.compile(r"(?m)^[ \t]*\{\{\s*products\s*\}\}[ \t]*$")
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,40}$")
_RESERVED = frozenset({LEAVE_LINK, SUBJECT_LINE, "products", "fairs"})
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class TextProblem:
    """What keeps a text from being sent: its language, the line (1-based; 0: no line), the variable or file ("" for none), and what."""

    language: str
    line: int
    name: str
    what: str

    @property
    def named(self) -> str:
        """What is wrong, with the variable's or file's name."""
        return f"{self.name}: {self.what}" if self.name and self.name not in self.what else self.what

    @property
    def words(self) -> str:
        """The same with language and line."""
        if not self.line:
            return _("text in “{language}”: {what}").format(language=self.language, what=self.named)
        words = _("text in “{language}”, line {line}: {what}")
        return words.format(language=self.language, line=self.line, what=self.named)


class IssueTextError(InboxcrmError):
    """An issue can't be made into mails; the message names the language, the line and what to do, a line a problem."""

    def __init__(self, found: Sequence[TextProblem]) -> None:
        """`found`: at least one."""
        self.problems = tuple(found)
        super().__init__("\n".join(one.words for one in found))


@dataclass(frozen=True, slots=True)
class Text:
    """A text as a person writes it. `written_in`: "markdown" or "html"."""

    language: str
    subjects: tuple[str, ...]
    body: str
    written_in: str = markup.MARKDOWN


@dataclass(frozen=True, slots=True)
class House:
    """What stands around every text: the company, its postal address, the signature below the text."""

    company: str
    address: str
    signature: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """`body_source`: what the person has written, as a template; `subjects`, `html`, `text`: templates; `further`: values by name that
    are the same for all; `counted`: links whose clicks are counted, written as click_0, click_1 …; `links`, `pictures`: of the text
    and the products, as templates; `shown`: the pictures' files.
    """

    language: str
    source: Text
    body_source: str
    subjects: tuple[Template, ...]
    html: Template
    text: Template
    further: Mapping[str, str]
    counted: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    pictures: tuple[Picture, ...] = ()
    shown: tuple[files.Shown, ...] = ()


def texts_of(issue: Issue) -> list[Text]:
    """The texts of an issue."""
    return [Text(one.language, tuple(one.subjects), one.body, one.format) for one in issue.texts]


def further_values(variables: Mapping[str, Any], language: str, fallback: str) -> dict[str, str]:
    """The values of an issue that its texts may write, in a language."""
    return {
        name: in_language(value, language, fallback)
        for name, value in variables.items()
        if _NAME.match(name) and name not in _RESERVED and name not in known_names() and isinstance(value, (str, dict))
    }


def text_problems(text: Text, further: Mapping[str, str]) -> list[TextProblem]:
    """What is wrong with a text by itself: mistakes of syntax, unknown variables, a missing subject."""
    known = known_names() | dict.fromkeys(further)
    found = [
        TextProblem(text.language, one.line, one.name, one.what) for one in problems(_CARDS.sub("", text.body), known)
    ]
    for subject in text.subjects:
        found += [TextProblem(text.language, 0, one.name, one.what) for one in problems(subject, known)]
    if not text.subjects or not all(one.strip() for one in text.subjects):
        found.append(TextProblem(text.language, 0, "", _("the subject is empty")))
    if not text.body.strip():
        found.append(TextProblem(text.language, 0, "", _("the text is empty")))
    return found


@dataclass(slots=True)
class _Made:
    """What comes together while an edition is made."""

    home: Path
    language: str
    slots: Slots
    counts: bool
    shown: dict[str, files.Shown] = field(default_factory=dict)
    counted: list[str] = field(default_factory=list)
    found: list[TextProblem] = field(default_factory=list)

    def picture(self, name: str) -> str:
        """Where a picture of the text is, for its `src`."""
        if name not in self.shown:
            try:
                if Picture(name, "").is_elsewhere:
                    what = _("{name} lies elsewhere; put the picture into the folder “newsletter” and write its name")
                    raise FileError(what.format(name=name))
                self.shown[name] = files.picture(self.home, name)
            except FileError as error:
                self.found.append(TextProblem(self.language, self.slots.line_of(name), name, str(error)))
                return ""
        return f"cid:{self.shown[name].cid}"

    def link(self, href: str) -> str:
        """What is written for a link: a mark that is filled in for each recipient where clicks are counted."""
        if not self.counts or not href.startswith(_WEB) or any(self.slots.numbers(href)):
            return href
        self.counted.append(href)
        return self.slots.mark(f"{{{{ click_{len(self.counted) - 1} }}}}")


def edition(
    text: Text,
    *,
    layout: str,
    layouts: Layouts,
    house: House,
    home: Path,
    variables: Mapping[str, Any],
    fallback: str,
    count_clicks: bool,
) -> Edition:
    """Makes a text ready to be filled in. `variables`: of the issue; `fallback`: its language for values that this one hasn't.

    1. The text alone: nothing in it may be unknown. What can be read all the same goes on to 2, so that everything is told at once.
    2. What is filled in for each recipient gives way to marks; the rest becomes safe HTML.
    3. The products come to their place, and all of it into the layout.
    4. The marks become templates again, of the HTML and of the plain text.
    Raises IssueTextError, LayoutError.
    """
    language = text.language
    further = further_values(variables, language, fallback)
    found = text_problems(text, further)
    if any(not one.name for one in found):
        raise IssueTextError(found)
    slots = Slots(language + text.body)
    made = _Made(home, language, slots, count_clicks, found=found)
    try:
        read, body = _body(text, made, layouts, _products(variables, language, fallback))
        words = phrases(language)
        foot = {
            "company": house.company,
            "address": house.address,
            "why": _why(words, house.company, language),
            "leave": words.leave,
            "or_answer": words.or_answer,
            "counted": words.counted if count_clicks else "",
        }
        leave_link = slots.mark(f"{{{{ {LEAVE_LINK} }}}}")
        page = layouts.fill(
            layout,
            {
                "language": language,
                "rtl": language in RIGHT_TO_LEFT,
                "subject": slots.mark(f"{{{{ {SUBJECT_LINE} }}}}"),
                "body": Html(read.html),  # noqa: S704  it has been made safe
                "signature": house.signature,
                "leave_link": leave_link,
                **foot,
            },
        )
        slots.check(page, slots.numbers(read.html))
    except LostError as error:
        raise IssueTextError([*made.found, TextProblem(language, error.line, error.tag, error.what)]) from error
    if leave_link not in page:
        what = _("the layout {layout!r} has no way out: it must write {{{{ leave_link }}}}").format(layout=layout)
        made.found.append(TextProblem(language, 0, "leave_link", what))
    if made.found:
        raise IssueTextError(list(dict.fromkeys(made.found)))
    return Edition(
        language,
        text,
        _CARDS.sub("", text.body),
        tuple(compiled(one, language) for one in text.subjects),
        compiled(slots.template(page), language, markup=True),
        compiled(slots.template(_plain_text(body, house.signature, foot, leave_link)), language),
        further,
        tuple(made.counted),
        tuple(Link(slots.template(one.href), slots.template(one.text)) for one in read.links),
        tuple(Picture(slots.template(one.src), slots.template(one.alt)) for one in read.pictures),
        tuple(made.shown.values()),
    )


def _body(text: Text, made: _Made, layouts: Layouts, products: Sequence[Mapping[str, str]]) -> tuple[Markup, str]:
    """The text with its products as it is sent, and once more as HTML from which the plain text is made, its links as they are."""
    slots = made.slots
    place = slots.mark(tag="")
    protected = slots.protected(_CARDS.sub(f"\n\n{place}\n\n", text.body))
    wanted = list(slots.numbers(protected))
    html = markup.to_html(protected, text.written_in)
    if place not in protected:
        html += f"<p>{place}</p>"
    html = slots.unwrapped(html)
    slots.check_tables(html)
    sent, bare = markup.safe(html, made.picture, made.link), markup.safe(html, made.picture)
    slots.check(sent.html, wanted)
    for link in sent.links:
        if re.match(r"\s*$", link.href) or link.href.startswith(tuple(slots.mark_of(one) for one in wanted)):
            what = _("a link must begin with an address, like https://, not with a variable")
            made.found.append(TextProblem(text.language, slots.line_of(link.href), "", what))

    def with_cards(body: str, link_of: Callable[[str], str], picture_of: Callable[[str], str]) -> str:
        cards = [
            {**one, "link": link_of(one["link"]), "picture": picture_of(one["picture"]) if one["picture"] else ""}
            for one in products
        ]
        filled = layouts.part("_cards", {"products": cards, "more": phrases(text.language).more}) if cards else ""
        return body.replace(f"<p>{place}</p>", place).replace(place, filled)

    links = (*sent.links, *(Link(one["link"], one["name"]) for one in products if one["link"]))
    pictures = (*sent.pictures, *(Picture(one["picture"], one["name"]) for one in products if one["picture"]))
    whole = Markup(with_cards(_sized(sent.html, made.shown.values()), made.link, made.picture), links, pictures)
    # In plain text the name is enough: it would stand there once more for the picture.
    return whole, with_cards(bare.html, str, lambda _name: "")


def _sized(html: str, shown: Iterable[files.Shown]) -> str:
    """Pictures that are wider than the sheet say how wide they are to be shown: Outlook heeds no `max-width`."""
    for one in shown:
        if one.width > _SHEET_WIDTH:
            without = re.compile(rf'<img (?![^>]*\bwidth=)(?=[^>]*\bsrc="cid:{re.escape(one.cid)}")')
            html = without.sub(f'<img width="{_SHEET_WIDTH}" ', html)
    return html


def _products(variables: Mapping[str, Any], language: str, fallback: str) -> list[dict[str, str]]:
    """The products of an issue in a language: {"name", "text", "picture", "link"}; those without a name are left out."""
    listed = variables.get("products", [])
    if not isinstance(listed, list):
        return []
    found = []
    for one in listed:
        name = in_language(one.get("name", ""), language, fallback)
        if name:
            found.append(
                {
                    "name": name,
                    "text": in_language(one.get("text", ""), language, fallback),
                    "picture": str(one.get("picture", "")),
                    "link": str(one.get("link", "")),
                }
            )
    return found


def _plain_text(body: str, signature: Sequence[str], foot: Mapping[str, str], leave_link: str) -> str:
    lines = [plain(body), "", *signature] if signature else [plain(body)]
    lines += ["", "_" * 40, *([foot["address"]] if foot["address"] else []), foot["why"]]
    lines += [f"{foot['leave']}: {leave_link}", foot["or_answer"]]
    return "\n".join([*lines, foot["counted"]] if foot["counted"] else lines)


def _why(words: Phrases, company: str, language: str) -> str:
    """Why somebody gets the mail. A name in Latin letters keeps its order within a line from right to left (Unicode isolates), and a
    name that ends with a dot needs no other.
    """
    name = f"\u2068{company}\u2069" if language in RIGHT_TO_LEFT else company
    return words.why.format(sender=name).replace("..", ".").replace(".\u2069.", ".\u2069")
