"""Which of several texts a customer gets: those that fit the step, in turn, and never one that this customer has had before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from inboxcrm.errors import InboxcrmError
from inboxcrm.followup.rendering import TextError
from inboxcrm.followup.templates import Text
from inboxcrm.followup.variables import Variables
from inboxcrm.i18n import _
from inboxcrm.model import Draft, DraftState, FollowUp

_NEVER_WENT = (DraftState.WITHDRAWN, DraftState.SKIPPED)


class TextsUsedUpError(InboxcrmError):
    """This customer has had every text of the template."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A text, filled in."""

    variant: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Had:
    """A text that a customer has had, or is about to get."""

    variant: str
    anchor: str
    body: str


def choose(
    session: Session,
    texts: Sequence[Text],
    variables: Variables,
    language: str,
    *,
    customer_id: int,
    template: str,
    follow_up: FollowUp | None = None,
    replacing: Draft | None = None,
    next_one: bool = False,
) -> Chosen:
    """The text for this step. `replacing`: a draft in whose place it comes; `next_one`: then another text is wanted, in turn.

    Raises TextsUsedUpError, or TextError when none of those left can be filled in.
    """
    query = (
        select(Draft.id, Draft.variant, Draft.body, FollowUp.anchor)
        .outerjoin(FollowUp, FollowUp.id == Draft.follow_up_id)
        .where(Draft.customer_id == customer_id, Draft.template == template, Draft.state.not_in(_NEVER_WENT))
    )
    replaced = replacing.id if replacing is not None else None
    had = [Had(row.variant, row.anchor or "", row.body) for row in session.execute(query) if row.id != replaced]
    return pick(
        texts,
        variables,
        language,
        had,
        step=follow_up.step if follow_up is not None else 1,
        anchor=follow_up.anchor if follow_up is not None else "",
        after=replacing.variant if replacing is not None and next_one else "",
    )


def pick(
    texts: Sequence[Text],
    variables: Variables,
    language: str,
    had: Sequence[Had],
    *,
    step: int,
    anchor: str = "",
    after: str = "",
) -> Chosen:
    """Pure. Of the texts that apply, those that fit the step first, the seldomest used first, in the order of the file.

    A text isn't used twice for the same matter (`anchor`), nor when it would read as one of before does. `after`: the variant that
    another one is to replace; then each text that fits comes in its turn.
    """
    times = Counter(one.variant for one in had)
    matter = _matter(anchor)
    spent = {one.variant for one in had if matter and _matter(one.anchor) == matter}
    read = [_core(one.body) for one in had]
    problem: TextError | None = None
    order = sorted(
        (one for one in texts if one.applies(variables)),
        key=lambda one: (not one.fits(step), times[one.variant], _turn(one, after)),
    )
    for text in order:
        if text.variant in spent or text.variant == after:
            continue
        try:
            body = text.body_of(variables, language)
            subject = text.subject_of(variables, language)
        except TextError as error:
            problem = problem or error
            continue
        core = _core(body)
        if not any(one.startswith(core) for one in read):
            return Chosen(text.variant, subject, body)
    if problem is not None:
        raise problem
    raise TextsUsedUpError(
        _("This customer has had every text of {file} that fits; add one to it, or write this mail by hand.").format(
            file=texts[0].file if texts else "?"
        )
    )


def _matter(anchor: str) -> str:
    """What an anchor is about: "sample_sent:12:345", the steps about sample 12 since mail 345, are about "sample_sent:12"."""
    return anchor.rpartition(":")[0] if anchor.count(":") > 1 else anchor


def _turn(text: Text, after: str) -> tuple[bool, int]:
    """Those behind `after` first, then those from the beginning."""
    number, before = int(text.variant), int(after) if after.isdigit() else 0
    return (number <= before, number)


def _core(body: str) -> str:
    """A text without its first line: another salutation makes no other text."""
    return " ".join(body.partition("\n\n")[2].split())
