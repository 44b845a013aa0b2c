"""An issue as mails: everything that doesn't depend on the recipient is made once, then each mail is filled in and put together.

It refuses what would leave a gap in a mail (a variable without a value) or forge a header. It never sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from inboxcrm.errors import InboxcrmError
from inboxcrm.model import Issue
from inboxcrm.newsletter.addressees import Addressee
from inboxcrm.newsletter.press import Press


class IssueTextError(InboxcrmError):
    """An issue can't be made into mails; the message names the language, the line and what to do."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail as its reader sees it. `html` with images as data: addresses; `size`: bytes of the HTML part as sent; `mail`: of all."""

    language: str
    subject: str
    html: str
    text: str
    size: int
    mail: int


class Composer:
    """Makes the mails of one issue. Build it anew after a change of the issue; keep it for the whole mailing (any thread may use it)."""

    def __init__(self, issue: Issue, account_address: str, press: Press) -> None:
        """Reads texts, layout and images. `account_address`: of the account it goes from, as in the settings. Raises IssueTextError."""
        raise NotImplementedError

    @property
    def envelope_from(self) -> str:
        """The address for MAIL FROM."""
        raise NotImplementedError

    def compose(self, addressee: Addressee, at: datetime) -> bytes:
        """The mail, ready for DATA, with its fixed Message-ID; `at` (aware) becomes its Date. The same twice gives the same bytes.

        Raises TextError (UnfilledError) when the text can't be filled in for this recipient, UnsendableError for an unusable address.
        """
        raise NotImplementedError

    def show(self, addressee: Addressee, at: datetime) -> Shown:
        """The same mail for the page. Raises what `compose` raises."""
        raise NotImplementedError
