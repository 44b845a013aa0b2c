"""What is looked at before an issue may go: errors keep it from being approved, warnings are for the person to judge."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice

from sqlalchemy.orm import Session

from inboxcrm import model
from inboxcrm.followup.rendering import TextError, UnfilledError
from inboxcrm.i18n import _, listed
from inboxcrm.model import Grade, Issue
from inboxcrm.newsletter import linting, standing
from inboxcrm.newsletter.addressees import Addressee, known_names, sample, variables, would_be
from inboxcrm.newsletter.candidates import Selection, choose
from inboxcrm.newsletter.composing import Composer
from inboxcrm.newsletter.editions import Edition, IssueTextError
from inboxcrm.newsletter.files import FileError
from inboxcrm.newsletter.layouts import LayoutError
from inboxcrm.newsletter.press import NoAccountError, Press

MOST_BYTES = 100_000
"""Gmail shows no more than 102 kB of a mail's HTML; the rest, with the way out, is cut off."""
_MANY_BYTES = 80_000
_MOST_CONCERNED = 10
_PORTION = 500
_TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
_NEVER_ASKED = frozenset({"today", "salutation", "closing"})
"""Known of everybody."""


class Severity(StrEnum):
    """ERROR: the issue can't be approved. WARNING: a person should look. NOTE: good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about an issue. `kind`: "variable", "link", "size", "unsubscribe", "image", "authentication", "spam", "audience",
    "text", "layout" or "account"; `what` in words; `language` and `line` of the text, where it has one; `concerned`: recipients by name
    or address (at most ten of `count`).
    """

    severity: Severity
    kind: str
    what: str
    language: str = ""
    line: int = 0
    concerned: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, errors first; `recipients`: how many there are now; `sizes`: language → bytes of the HTML part."""

    findings: tuple[Finding, ...]
    recipients: int
    sizes: dict[str, int]

    @property
    def may_go(self) -> bool:
        """Whether nothing keeps the issue from being approved."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What keeps it."""
        return tuple(one for one in self.findings if one.severity is Severity.ERROR)


def check(session: Session, issue: Issue, press: Press, now: datetime) -> Report:
    """Looks at the texts, and at each recipient whether everything can be filled in. Changes nothing. `now` is aware.

    1. The texts alone; what can't be made into mails at all goes no further.
    2. Each text as its invented customer sees it: size, links, pictures, words.
    3. Each recipient as the file has him now.
    4. What is around it: audience, way out, how our domain stands.
    """
    try:
        composer, found = _composer(issue, session.get_one(model.Account, issue.account_id).address, press)
    except (LayoutError, FileError, NoAccountError) as error:
        kind = {LayoutError: "layout", FileError: "image"}.get(type(error), "account")
        return Report((Finding(Severity.ERROR, kind, str(error)),), 0, {})
    sizes = {}
    for made in composer.editions.values():
        size, remarks = _of_edition(composer, made, issue, now)
        sizes[made.language] = size
        found += remarks
    recipients, unfilled = _of_recipients(session, issue, composer, press, now)
    found += [*unfilled, *_around(session, issue, composer, press, recipients)]
    order = list(Severity)
    return Report(tuple(sorted(found, key=lambda one: order.index(one.severity))), recipients, sizes)


def _composer(issue: Issue, account_address: str, press: Press) -> tuple[Composer, list[Finding]]:
    """Makes the mails of the texts that mails can be made of; and what is wrong with the others."""
    try:
        return Composer(issue, account_address, press), []
    except IssueTextError as error:
        found = [Finding(Severity.ERROR, _kind(one.name), one.named, one.language, one.line) for one in error.problems]
    good = {one.language for one in issue.texts} - {one.language for one in found}
    return Composer(issue, account_address, press, good), found


def _of_edition(composer: Composer, made: Edition, issue: Issue, now: datetime) -> tuple[int, list[Finding]]:
    language = made.language
    found: list[Finding] = []

    def tell(severity: Severity, kind: str, what: str) -> None:
        found.append(Finding(severity, kind, what, language))

    shown = None
    for number in range(len(made.subjects)):
        try:
            shown = composer.show(sample(language, issue.id, f"check@{language}.example", number), now)
        except TextError as error:
            found.append(_unfilled(error, language))
            continue
        for remark in linting.of_subject(shown.subject, language):
            tell(Severity.ERROR if remark.serious else Severity.WARNING, remark.kind, remark.what)
        if not shown.subject:
            tell(Severity.ERROR, "text", _("the subject is empty"))
    if shown is None:
        return 0, found
    if shown.size >= MOST_BYTES:
        tell(Severity.ERROR, "size", _size(shown.size))
    elif shown.size >= _MANY_BYTES:
        tell(Severity.WARNING, "size", _size(shown.size))
    links, pictures = composer.refers_to(language, sample(language, issue.id, f"check@{language}.example"), now)
    words = len(re.findall(r"\w{2,}|[\u3400-\u9fff]", shown.text))
    for remark in (
        *linting.of_links(links),
        *linting.of_pictures(pictures, words),
        *linting.of_words(shown.text, language),
    ):
        tell(Severity.ERROR if remark.serious else Severity.WARNING, remark.kind, remark.what)
    if len(set(made.source.subjects)) < len(made.source.subjects):
        tell(Severity.WARNING, "text", _("two subjects of the test are the same"))
    return shown.size, found


def _of_recipients(
    session: Session, issue: Issue, composer: Composer, press: Press, now: datetime
) -> tuple[int, list[Finding]]:
    """How many there are; and what can't be filled in, for whom. Who is known alike is tried out once."""
    asked = {language: _names_in(made) for language, made in composer.editions.items()}
    tried: dict[tuple[object, ...], tuple[Finding, ...]] = {}
    concerned: dict[Finding, list[str]] = defaultdict(list)
    counts: dict[Finding, int] = defaultdict(int)
    me = composer.me
    total = 0
    chosen = (one for one in choose(session, Selection.of(issue, press.own), now) if one.is_in)
    while portion := list(islice(chosen, _PORTION)):
        total += len(portion)
        for addressee in would_be(session, portion, issue.id):
            names = asked.get(addressee.language)
            if not names:
                continue
            known = variables(addressee, me, press.zone, now)
            alike = (addressee.language, *(bool(_value(known, name)) for name in names))
            if alike not in tried:
                tried[alike] = tuple(_tried_out(composer, addressee, now))
            for finding in tried[alike]:
                counts[finding] += 1
                if len(concerned[finding]) < _MOST_CONCERNED:
                    concerned[finding].append(addressee.name or addressee.written)
    return total, [
        replace(finding, concerned=tuple(concerned[finding]), count=count) for finding, count in counts.items()
    ]


def _tried_out(composer: Composer, addressee: Addressee, now: datetime) -> Iterator[Finding]:
    for number in range(len(composer.editions[addressee.language].subjects)):
        try:
            composer.try_out(replace(addressee, subject=number), now)
        except TextError as error:
            yield _unfilled(error, addressee.language)
            return


def _around(session: Session, issue: Issue, composer: Composer, press: Press, recipients: int) -> Iterator[Finding]:
    written = {one.language: one.subjects for one in issue.texts}
    if not written:
        yield Finding(Severity.ERROR, "text", _("the issue has no text yet"))
        return
    if not recipients:
        yield Finding(Severity.ERROR, "audience", _("nobody gets the issue: the audience leaves everybody out"))
    if issue.fallback_language and issue.fallback_language not in written:
        what = _("there is no text in the language for everybody else, {language}")
        yield Finding(Severity.ERROR, "text", what.format(language=issue.fallback_language))
    others = [one.value for one in Selection.of(issue, press.own).audience.grades if one is not Grade.C]
    if others:
        what = _("the audience takes in grade {grades}: those customers are written to personally otherwise")
        yield Finding(Severity.WARNING, "audience", what.format(grades=listed(others)))
    if issue.test_share and all(len(one) < 2 for one in written.values()):
        yield Finding(Severity.WARNING, "text", _("a test of subjects is asked for, but there is only one subject"))
    if not issue.test_share and any(len(one) > 1 for one in written.values()):
        what = _("there are several subjects, but nobody to try them on: everybody gets the first")
        yield Finding(Severity.WARNING, "text", what)
    if composer.account.smtp is None:
        what = _("the settings name no server to send through for {address}; add [accounts.smtp]")
        yield Finding(Severity.ERROR, "account", what.format(address=composer.account.address))
    if not press.settings.newsletter.postal_address:
        what = _(
            "no postal address stands in the foot; set newsletter.postal_address, many countries ask for it by law"
        )
        yield Finding(Severity.WARNING, "unsubscribe", what)
    public = press.settings.public.base_url
    if not public:
        what = _("people leave by mail, which is read here; with public pages one click is enough")
        yield Finding(Severity.NOTE, "unsubscribe", what)
    if issue.count_clicks and not public:
        what = _("clicks can't be counted without public pages; set public.base_url")
        yield Finding(Severity.WARNING, "link", what)
    stands = standing.standing_of(session, composer.account.address)
    severity = Severity.NOTE if stands.verified else Severity.WARNING
    yield Finding(severity, "authentication", stands.words)


# --- words ------------------------------------------------------------------------------------------------------------


def _unfilled(error: TextError, language: str) -> Finding:
    kind = "variable" if isinstance(error, UnfilledError) else "text"
    return Finding(Severity.ERROR, kind, str(error), language, error.line)


def _kind(name: str) -> str:
    return "unsubscribe" if name == "leave_link" else "image" if re.search(r"\.\w{3,4}$", name) else "text"


def _size(size: int) -> str:
    return _("the HTML has {size} kB; Gmail cuts mails at 102 kB, and the way out with them: shorten the text").format(
        size=round(size / 1000)
    )


def _names_in(made: Edition) -> tuple[str, ...]:
    """The variables that a text speaks of and that aren't known of everybody."""
    tags = " ".join(_TAG.findall(" ".join([*made.source.subjects, made.body_source])))
    words = set(re.findall(r"[a-z_]+(?:\.[a-z_]+)?", tags))
    return tuple(name for name, group in known_names().items() if group is None and name in words - _NEVER_ASKED)


def _value(known: object, dotted: str) -> object:
    for part in dotted.split("."):
        known = getattr(known, part, None)
    return known
