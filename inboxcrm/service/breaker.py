"""When the newsletters of an account must rest: told by the outgoing server's answers, one after the other.

It decides, and does nothing: it speaks to no server, writes nothing and waits for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from inboxcrm.i18n import _
from inboxcrm.newsletter.limits import IN_A_ROW, OUT_OF_ORDER, PAUSES, Meaning
from inboxcrm.newsletter.outbox import Fate
from inboxcrm.service.handing import Answered


@dataclass(frozen=True, slots=True)
class Rest:
    """Why newsletters rest, in the server's `words`, and `until` when (None: until a person resumes them)."""

    words: str
    until: datetime | None


class Breaker:
    """Of one account; it belongs to one thread, and remembers what the last answers were."""

    def __init__(self) -> None:
        """Nothing has been answered yet."""
        self._refused_in_a_row = self._troubles_in_a_row = 0

    def judge(self, answered: Sequence[Answered], now: datetime) -> tuple[list[Answered], Rest | None]:
        """What the answers come to, and whether they are meant for the account.

        Trouble that goes on from mail to mail is the server's, and costs the recipients none of their tries. The count of it outlives a
        rest, so that after it a single mail is enough to find out.
        """
        judged: list[Answered] = []
        because: Rest | None = None
        for one in answered:
            self._troubles_in_a_row = self._troubles_in_a_row + 1 if one.trouble else 0
            if one.outcome.fate is Fate.SENT:
                self._refused_in_a_row = 0
            if one.counts_against:
                self._refused_in_a_row += 1
            spared = one.trouble and self._troubles_in_a_row > 1
            judged.append(replace(one, outcome=replace(one.outcome, fate=Fate.SPARED)) if spared else one)
            because = because or self._why_to_rest(one, now)
        return judged, because

    def _why_to_rest(self, one: Answered, now: datetime) -> Rest | None:
        if one.means is not Meaning.RECIPIENT:
            pause = PAUSES[one.means]
            return Rest(one.outcome.words, now + pause if pause is not None else None)
        if self._refused_in_a_row >= IN_A_ROW:
            self._refused_in_a_row = 0
            words = _("{count} mails in a row were refused, the last with: {words}")
            return Rest(words.format(count=IN_A_ROW, words=one.outcome.words), None)
        if self._troubles_in_a_row >= IN_A_ROW:
            words = _("The server seems to be out of order: {words}")
            return Rest(words.format(words=one.outcome.words), now + OUT_OF_ORDER)
        return None
