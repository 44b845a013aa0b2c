"""One draft with all that a person needs to decide about it: whose it is, from which mailbox it goes, what happened to it. It reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from inboxcrm.followup import review
from inboxcrm.model import Account, Customer, Draft, DraftChange, FollowUp


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """A draft and what stands around it. `account`: the address that it goes from."""

    draft: Draft
    customer: Customer
    account: str
    follow_up: FollowUp | None
    changes: Sequence[DraftChange]

    def as_json(self) -> dict[str, Any]:
        """For programs; the names are an interface."""
        draft, follow_up = self.draft, self.follow_up
        return {
            "id": draft.id,
            "customer": {"id": self.customer.id, "name": self.customer.name, "country": self.customer.country},
            "grade": self.customer.grade.value,
            "state": draft.state.value,
            "from": self.account,
            "to": draft.to,
            "cc": draft.cc,
            "bcc": draft.bcc,
            "subject": draft.subject,
            "body": draft.body,
            "quoted": draft.quoted,
            "attachments": draft.attachments,
            "message_id": draft.message_id,
            "in_reply_to": draft.in_reply_to,
            "language": draft.language,
            "template": draft.template,
            "variant": draft.variant,
            "polished_by": draft.polished_by,
            "edited": draft.edited,
            "revision": draft.revision,
            "stage": follow_up.stage if follow_up else "",
            "step": follow_up.step if follow_up else 0,
            "due_at": follow_up.due_at.isoformat() if follow_up else None,
            "wake_at": draft.wake_at.isoformat() if draft.wake_at else None,
            "send_at": draft.send_at.isoformat() if draft.send_at else None,
            "sent_at": draft.sent_at.isoformat() if draft.sent_at else None,
            "approved_by": draft.approved_by,
            "by_rule": draft.by_rule,
            "error": draft.error,
            "changes": [{"at": one.at.isoformat(), "by": one.by, "what": one.what} for one in self.changes],
        }


def shown(session: Session, draft_id: int) -> ShownDraft:
    """The draft with this number. Raises ReviewError."""
    draft = review.get(session, draft_id)
    account = session.get_one(Account, draft.account_id)
    follow_up = session.get(FollowUp, draft.follow_up_id) if draft.follow_up_id is not None else None
    customer = session.get_one(Customer, draft.customer_id)
    return ShownDraft(draft, customer, account.address, follow_up, review.changes_of(session, draft_id))
