"""Which mail is which draft: by our header field, else by the Message-ID, else by what it answers and whom it goes to, else by its
subject and whom it goes to. Pure; what follows from it is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inboxcrm.followup.outbox import bare
from inboxcrm.model import DRAFT_FIELD, Draft
from inboxcrm.reading import envelope, headers
from inboxcrm.reading.addresses import normal
from inboxcrm.reading.identity import folded_subject


@dataclass(frozen=True, slots=True)
class Mark:
    """By what a draft and a mail are recognised as one. `names`: the draft that our header field names, "" without; addresses in
    comparison form.
    """

    names: str
    message_id: str
    in_reply_to: str
    recipients: frozenset[str]
    subject: str

    def is_same(self, mail: Mark) -> bool:
        """Whether that mail surely is this draft: it says so itself."""
        return self.message_id in (mail.names, mail.message_id)

    def is_like(self, mail: Mark) -> bool:
        """Whether that mail has taken this draft's place: it answers the same mail, or none with the same subject, to one of the same
        people.
        """
        if not self.recipients & mail.recipients or self.in_reply_to != mail.in_reply_to:
            return False
        return bool(self.in_reply_to) or self.subject == mail.subject


def mark_of(draft: Draft) -> Mark:
    """The mark of a draft."""
    return Mark(
        "",
        bare(draft.message_id),
        bare(draft.in_reply_to),
        frozenset(normal(one["address"]) for one in (*draft.to, *draft.cc, *draft.bcc)),
        folded_subject(draft.subject),
    )


def mark_in(header: bytes) -> Mark:
    """The mark of a mail by its header."""
    found, _end = headers.split(header)
    mail = envelope(header)
    return Mark(
        "".join(found.text(DRAFT_FIELD.lower()).split()),
        mail.message_id,
        mail.in_reply_to,
        frozenset(normal(one.address) for one in (*mail.to, *mail.cc, *mail.bcc)),
        folded_subject(mail.subject),
    )


def successor(draft: Draft, marks: Mapping[int, Mark], *, missing: bool) -> int | None:
    """Of mails in the Drafts folder (UID → mark) the one that has taken the draft's place there, the latest of several. Only while the
    draft itself is `missing` there, a mail that is merely like it may be it.
    """
    own = mark_of(draft)
    same = [uid for uid, mark in marks.items() if own.is_same(mark)]
    like = [uid for uid, mark in marks.items() if own.is_like(mark) and not mark.names] if missing else []
    return max(same or like, default=None)
