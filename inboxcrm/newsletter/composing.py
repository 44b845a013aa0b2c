"""An issue as mails: everything that doesn't depend on the recipient is made once, then each mail is filled in and put together.

It refuses what would leave a gap in a mail (a variable without a value) or forge a header. It never sends.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from inboxcrm import settings
from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.composing import Person, wire_address
from inboxcrm.followup.gathering import me_of
from inboxcrm.followup.rendering import TextError, compiled, context_of, fill, render, render_known, tidy
from inboxcrm.followup.variables import Variables
from inboxcrm.i18n import _
from inboxcrm.model import Issue
from inboxcrm.newsletter import files
from inboxcrm.newsletter.addressees import Addressee, variables
from inboxcrm.newsletter.editions import (
    LEAVE_LINK,
    SUBJECT_LINE,
    Edition,
    House,
    IssueTextError,
    TextProblem,
    edition,
    texts_of,
)
from inboxcrm.newsletter.leaving import Leave, Links, links
from inboxcrm.newsletter.markup import Link, Picture
from inboxcrm.newsletter.press import Press
from inboxcrm.newsletter.wire import Envelope, attached, subject_field
from inboxcrm.reading.addresses import normal

_NO_ID = re.compile(r"[^a-z0-9-]+")


class NoTextError(InboxcrmError):
    """The issue has no text in the language of a recipient."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail as its reader sees it. `html` with pictures as data: addresses; `size`: bytes of the HTML part; `mail`: of all."""

    language: str
    subject: str
    html: str
    text: str
    size: int
    mail: int


@dataclass(frozen=True, slots=True)
class _Filled:
    subject: str
    html: str
    text: str
    links: Links


class Composer:
    """Makes the mails of one issue. Build it anew after a change of the issue; keep it for the whole mailing: any thread may use it."""

    def __init__(
        self, issue: Issue, account_address: str, press: Press, languages: Collection[str] | None = None
    ) -> None:
        """Reads texts, layout and pictures. `account_address`: of the account it goes from, as in the settings; `languages`: of the
        texts that are looked at, None for all.

        Raises IssueTextError, LayoutError, FileError, and NoAccountError for an account that isn't in the settings.
        """
        self.account = press.account(account_address)
        self._press, self._issue_id, self._count_clicks = press, issue.id, issue.count_clicks
        self.me = me_of(self.account.name, self.account.address)
        home = press.settings.home
        self.editions = self._made(issue, press, languages)
        """Language → what is made once."""
        sender = Person(self.account.name, self.account.address)
        self.envelope_from = wire_address(self.account.address)
        """The address for MAIL FROM."""
        self._envelopes: dict[str, Envelope] = {}
        for language, made in self.editions.items():
            inline = {one.name for one in made.shown}
            beside = [files.find(home, name) for name in dict.fromkeys(issue.images) if name not in inline]
            files.check_size(
                [*(len(one.data) for one in made.shown), *(one.size for one in beside)],
                press.settings.newsletter.kilobytes_of_files,
            )
            self._envelopes[language] = Envelope(
                sender,
                list_id_of(self.account.address),
                made.shown,
                tuple(attached(one.name, one.read()) for one in beside),
            )
        self._subjects = {
            (made.language, number): subject_field(text)
            for made in self.editions.values()
            for number, text in enumerate(made.source.subjects)
            if "{" not in text
        }

    def compose(self, addressee: Addressee, at: datetime) -> bytes:
        """The mail, ready for DATA, with its fixed Message-ID; `at` (aware) becomes its Date. The same twice gives the same bytes.

        Raises TextError (UnfilledError) when the text can't be filled in for this recipient, NoTextError when there is none in the
        language, UnsendableError for an unusable address.
        """
        made = self._edition(addressee)
        filled = self._fill(made, addressee, at)
        subject = self._subjects.get((made.language, self._subject(made, addressee)))
        return self._envelopes[made.language].mail(
            to=Person(_one_line(addressee.name), addressee.written),
            subject=subject or subject_field(filled.subject),
            at=at,
            message_id=addressee.message_id,
            ways_out=filled.links.headers,
            text=filled.text,
            html=filled.html,
        )

    def show(self, addressee: Addressee, at: datetime) -> Shown:
        """The same mail for the page. Raises what `compose` raises."""
        made = self._edition(addressee)
        filled = self._fill(made, addressee, at)
        html = filled.html
        for one in made.shown:
            html = html.replace(f"cid:{one.cid}", f"data:{one.type};base64,{base64.b64encode(one.data).decode()}")
        whole = len(self.compose(addressee, at))
        return Shown(made.language, filled.subject, html, filled.text, len(filled.html.encode()), whole)

    def try_out(self, addressee: Addressee, at: datetime) -> None:
        """Fills in what a person has written, and nothing else, so that an error names its line. Raises TextError."""
        made = self._edition(addressee)
        self._explain(made, addressee, variables(addressee, self.me, self._press.zone, at))

    def refers_to(self, language: str, addressee: Addressee, at: datetime) -> tuple[list[Link], list[Picture]]:
        """The links and pictures of the text in a language, and of the products, as this reader sees them."""
        made = self.editions[language]
        known = variables(addressee, self.me, self._press.zone, at)

        def filled(template: str) -> str:
            if "{" not in template:
                return template
            try:
                return render(compiled(template, language), known, "", made.further)
            except TextError:  # half of a condition, whose other half stands outside of the link
                return template

        links = [Link(filled(one.href), filled(one.text)) for one in made.links]
        return links, [Picture(filled(one.src), filled(one.alt)) for one in made.pictures]

    # --- inside -------------------------------------------------------------------------------------------------------

    def _made(self, issue: Issue, press: Press, languages: Collection[str] | None) -> dict[str, Edition]:
        made: dict[str, Edition] = {}
        found: list[TextProblem] = []
        for text in texts_of(issue):
            if languages is not None and text.language not in languages:
                continue
            try:
                made[text.language] = edition(
                    text,
                    layout=issue.layout,
                    layouts=press.layouts,
                    house=house_of(press.settings, self.account),
                    home=press.settings.home,
                    variables=issue.variables,
                    fallback=issue.fallback_language,
                    count_clicks=issue.count_clicks and bool(press.settings.public.base_url),
                )
            except IssueTextError as error:
                found += error.problems
        if found:
            raise IssueTextError(found)
        return made

    def _edition(self, addressee: Addressee) -> Edition:
        made = self.editions.get(addressee.language)
        if made is None:
            raise NoTextError(_("The issue has no text in “{language}”.").format(language=addressee.language))
        return made

    @staticmethod
    def _subject(made: Edition, addressee: Addressee) -> int:
        return addressee.subject if addressee.subject < len(made.subjects) else 0

    def _fill(self, made: Edition, addressee: Addressee, at: datetime) -> _Filled:
        known = variables(addressee, self.me, self._press.zone, at)
        ways = links(
            self._press.signing,
            Leave(addressee.issue_id, addressee.recipient_id, addressee.language, addressee.address),
            self.account.address,
            self._press.settings.public.base_url,
            count_clicks=self._count_clicks,
        )
        further = {**made.further, LEAVE_LINK: ways.leave}
        further |= {f"click_{number}": ways.counted(url) for number, url in enumerate(made.counted)}
        try:
            context = context_of(known)
            subject = _one_line(render_known(made.subjects[self._subject(made, addressee)], context, "", made.further))
            further[SUBJECT_LINE] = subject
            html = render_known(made.html, context, "", further)
            text = tidy(render_known(made.text, context, "", further))
        except TextError:
            self._explain(made, addressee, known)
            raise
        return _Filled(subject, html, text, ways)

    def _explain(self, made: Edition, addressee: Addressee, known: Variables) -> None:
        """Fills in the source, whose lines a person knows. Raises TextError."""
        source = made.source
        fill(source.subjects[self._subject(made, addressee)], known, made.language, _("subject"), made.further)
        fill(
            made.body_source,
            known,
            made.language,
            _("text in “{language}”").format(language=made.language),
            made.further,
        )


def _one_line(text: str) -> str:
    """What the file holds, without what can't stand in a field."""
    if not text.isprintable():
        text = "".join(one if one.isprintable() else " " for one in text)
    return " ".join(text.split())


def house_of(configured: settings.Settings, account: settings.Account) -> House:
    """What stands around the texts that go from an account."""
    signature = account.signature.strip() or account.name.strip()
    company = configured.newsletter.company or account.name or account.address
    return House(company, " ".join(configured.newsletter.postal_address.split()), tuple(signature.splitlines()))


def list_id_of(address: str) -> str:
    """The List-Id (RFC 2919) of an account's newsletters: in its own domain, the same for all of them; a name would tell readers how we
    call their series.
    """
    local, _at, domain = normal(address).rpartition("@")
    return f"newsletter.{_NO_ID.sub('-', local).strip('-') or 'list'}.{domain}"
