"""What the states of issues are called: on the pages, and in what is said when something can't be done in one of them; and which of
them mean that nothing has been done yet that can't be undone.
"""

from __future__ import annotations

from collections.abc import Mapping

from inboxcrm.i18n import _, mark
from inboxcrm.model import Issue, IssueState

STATES: Mapping[str, str] = {
    IssueState.DRAFT: mark("being written"),
    IssueState.REVIEW: mark("waits for approval"),
    IssueState.APPROVED: mark("approved"),
    IssueState.SENDING: mark("being sent"),
    IssueState.PAUSED: mark("paused"),
    IssueState.DONE: mark("done"),
    IssueState.CANCELLED: mark("cancelled"),
}

EDITABLE = frozenset({IssueState.DRAFT, IssueState.REVIEW})
"""An issue in one of these may be changed."""
WAITING = frozenset({IssueState.APPROVED, IssueState.PAUSED})
"""An approved issue in one of these that was never started may be taken back."""


def has_not_begun(issue: Issue) -> bool:
    """Whether an issue is approved and its time hasn't come yet, so that the approval can be taken back."""
    return issue.state in WAITING and issue.started_at is None


def said(state: IssueState) -> str:
    """The state in words, in the language of this context."""
    return _(STATES[state])
