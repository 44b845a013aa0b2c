"""A recipient with what the texts may say about him: read for some recipients at once, never one query for each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from inboxcrm.model import Recipient


@dataclass(frozen=True, slots=True)
class Addressee:
    """What a mail needs to know of whom it goes to. `recipient_id` 0 and `issue_id`: a mail to try the issue. `address` in comparison
    form, `written` as mail goes there; `subject`: which of the subjects; `message_id` without angle brackets.
    """

    recipient_id: int
    issue_id: int
    address: str
    written: str
    name: str
    language: str
    message_id: str
    subject: int = 0
    sex: str = ""
    title: str = ""
    company: str = ""
    company_local: str = ""
    country: str = ""
    products: tuple[str, ...] = ()


def addressees(session: Session, recipients: Collection[Recipient]) -> dict[int, Addressee]:
    """Recipient id → its addressee. Of recipients whose contact is gone only the row itself is known."""
    raise NotImplementedError
