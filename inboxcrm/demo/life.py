"""The demo goes on living: decides which mail comes next, in an order that real life could have.

Conversations that the history left open go on, new ones begin with old customers and with strangers, people are away, and noise
comes in between. Pure: the clock and chance come in; who delivers the mail, and when, is decided elsewhere.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from inboxcrm.demo.cast import Cast, Company, content
from inboxcrm.demo.conversation import Conversation
from inboxcrm.demo.extras import NOISE, absence, noise
from inboxcrm.demo.letters import SENT, Letter
from inboxcrm.demo.mailbox import begin
from inboxcrm.demo.stories import choose

_NEXT_KINDS = {
    "won": ("reorder", "order", "complaint", "chat", "sample"),
    "following": ("order", "sample", "chat"),
    "prospect": ("sample", "order"),
    "dormant": ("revive", "order"),
}
"""What a new conversation with a customer of this status may be about; who is known asks for nothing as strangers do."""
_MOST_OPEN = 16
"""Conversations that run at the same time; more would tear each apart."""

ASKS_FOR_SAMPLES = "malabar"
"""A customer of grade C who was silent for long: their request for samples is among the first mails, and lifts them to B."""
_ASKS_AS = 5
"""The how manieth mail that is."""

_EVENTS = ("continue", "begin", "stranger", "absence", "noise")
_WEIGHTS = (62, 14, 8, 6, 10)


class Life:
    """What happens from now on. `next` is to be called in the order of time."""

    def __init__(
        self, cast: Cast, unfinished: tuple[Conversation, ...], told: dict[str, int], chance: random.Random
    ) -> None:
        """`unfinished` and `told` as the history left them (`inboxcrm.demo.mailbox.History`), empty for a mailbox from before."""
        self._cast = cast
        self._open = sorted(unfinished, key=lambda one: (one.planned is None, one.planned))
        self._told = dict(told)
        self._chance = chance
        self._strangers = [one for one in cast.companies if one.later]
        self._answerable: Letter | None = None
        self._away: set[str] = set()
        self._count = 0

    def next(self, now: datetime) -> Letter:
        """The mail that comes at `now` (aware UTC)."""
        self._count += 1
        if self._count == _ASKS_AS:
            return self._begun(self._cast.company(ASKS_FOR_SAMPLES), "sample", now)
        happens = self._chance.choices(_EVENTS, _WEIGHTS)[0]
        letter: Letter | None = None
        if happens == "absence":
            letter = self._absence(now)
        elif happens == "noise":
            letter = self._noise(now)
        elif happens == "stranger" and self._strangers:
            stranger = self._strangers.pop(self._chance.randrange(len(self._strangers)))
            letter = self._begun(stranger, stranger.plan[0], now)
        elif happens == "begin" and len(self._open) < _MOST_OPEN:
            letter = self._begun(*self._somebody(), now)
        return letter or self._continued(now)

    def _continued(self, now: datetime) -> Letter:
        """The next mail of one of the conversations that wait longest; of a new one when all is said."""
        if not self._open:
            return self._begun(*self._somebody(), now)
        conversation = self._open.pop(self._chance.randrange(min(4, len(self._open))))
        return self._written(conversation, now)

    def _begun(self, company: Company, kind: str, now: datetime) -> Letter:
        story = choose(company, kind, self._told)
        key = f"life/{company.key}/{now.isoformat()}/{self._count}"
        warm = not company.later
        return self._written(begin(self._cast, company, story, key, now - timedelta(days=1), warm=warm), now)

    def _written(self, conversation: Conversation, now: datetime) -> Letter:
        letter = conversation.write(now)
        if conversation.planned is not None:
            self._open.append(conversation)
        if letter.folder == SENT and letter.to[0] in conversation.company.people:
            self._answerable = letter
        return letter

    def _somebody(self) -> tuple[Company, str]:
        """A customer with whom no conversation is open, and what a new one may be about."""
        busy = {one.company.key for one in self._open}
        if self._count < _ASKS_AS:
            busy.add(ASKS_FOR_SAMPLES)
        free = [one for one in self._cast.companies if not one.later and one.listed and one.key not in busy]
        company = self._chance.choice(free)
        return company, self._chance.choice(_NEXT_KINDS[company.status])

    def _absence(self, now: datetime) -> Letter | None:
        """An automatic reply to the last mail of ours, once a company."""
        letter = self._answerable
        if letter is None or letter.company in self._away:
            return None
        self._away.add(letter.company)
        back = now + timedelta(days=self._chance.randrange(4, 18))
        return absence(self._cast, self._cast.company(letter.company), letter, now, self._chance, back=back)

    def _noise(self, now: datetime) -> Letter:
        kind = self._chance.choice(NOISE)
        entries = content("extras.toml")[kind]
        number = self._chance.randrange(len(entries))
        return noise(self._cast, kind, number, entries[number], now)
