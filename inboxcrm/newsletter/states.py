"""What the states of issues are called: on the pages, and in what is said when something can't be done in one of them."""

from __future__ import annotations

from collections.abc import Mapping

from inboxcrm.i18n import _, mark
from inboxcrm.model import IssueState

STATES: Mapping[str, str] = {
    IssueState.DRAFT: mark("being written"),
    IssueState.REVIEW: mark("waits for approval"),
    IssueState.APPROVED: mark("approved"),
    IssueState.SENDING: mark("being sent"),
    IssueState.PAUSED: mark("paused"),
    IssueState.DONE: mark("done"),
    IssueState.CANCELLED: mark("cancelled"),
}


def said(state: IssueState) -> str:
    """The state in words, in the language of this context."""
    return _(STATES[state])
