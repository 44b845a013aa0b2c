"""The mailbox as it is when the demo begins: eighteen months of conversations and everything that lies between them.

Pure: the same `now` and `seed` give the same mails, byte for byte. What is planned after `now` stays in the conversations and is
written while the demo lives (`inboxcrm.demo.life`).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from inboxcrm.demo.cast import Cast, Company, Product, dice
from inboxcrm.demo.conversation import Conversation, plan_times
from inboxcrm.demo.extras import absence, extras
from inboxcrm.demo.letters import SENT, Letter
from inboxcrm.demo.slots import new_deal
from inboxcrm.demo.stories import Story, choose

SEED = 7
_REACH = timedelta(days=540)
_ENDS = {"won": (-22, 2), "following": (-60, 2), "prospect": (-390, 4), "dormant": (-420, -150)}
"""Days before (or after) now at which the last conversation of a customer of this status ends."""
_IN_TOUCH = {"won", "following"}
_GOES_ON = 0.6
"""The share of them with whom a conversation is going on now."""
_BETWEEN = (12, 110)
"""Days of silence between two conversations with a customer."""
_ABSENCES = 14
_SHORTEST_ABSENCE = timedelta(days=3)
_MORNING = timedelta(hours=3)
_MAILS_THIS_MORNING = 7


@dataclass(frozen=True, slots=True)
class History:
    """`letters` in the order of their arrival, none after now; `open` are the conversations that go on; `told` counts how often
    each story was used.
    """

    letters: tuple[Letter, ...]
    open: tuple[Conversation, ...]
    told: dict[str, int]


def history(cast: Cast, now: datetime, seed: int = SEED) -> History:
    """The mailbox at `now` (aware UTC)."""
    letters: list[Letter] = extras(cast, now, seed)
    unfinished: list[Conversation] = []
    told: dict[str, int] = {}
    for company in cast.companies:
        if company.later:
            continue
        for conversation in _conversations(cast, company, now, seed, told):
            while (at := conversation.planned) is not None and at <= now:
                letters.append(conversation.write(at))
            if conversation.planned is not None:
                unfinished.append(conversation)
    letters += _this_morning(unfinished, now, seed)
    letters += _absences(cast, letters, seed)
    unfinished = [one for one in unfinished if one.planned is not None]
    letters.sort(key=lambda letter: (letter.at, letter.message_id))
    return History(tuple(one for one in letters if one.at <= now), tuple(unfinished), told)


def begin(cast: Cast, company: Company, story: Story, key: str, starts: datetime, *, warm: bool) -> Conversation:
    """A conversation about one of the company's products that starts at about `starts` (aware UTC)."""
    chance = dice("deal", key)
    first, second = _products(cast, company, chance)
    deal = new_deal(company, first, second, chance, both=story.two_products)
    times = plan_times(story, company, cast.seller.zone, chance, starts=starts)
    return Conversation(cast, story, deal, key, times, warm=warm)


def _products(cast: Cast, company: Company, chance: random.Random) -> tuple[Product, Product]:
    codes = list(company.products)
    if chance.random() < 0.3:
        codes.reverse()
    return cast.products[codes[0]], cast.products[codes[1]]


def _conversations(cast: Cast, company: Company, now: datetime, seed: int, told: dict[str, int]) -> list[Conversation]:
    """The company's plan, laid backwards from where its last conversation ends; the first not before the mailbox begins."""
    chance = dice("plan", seed, company.key)
    chosen = [choose(company, kind, told) for kind in company.plan]
    end = now + timedelta(days=chance.uniform(*_ENDS[company.status]))
    if company.status in _IN_TOUCH and chance.random() < _GOES_ON:
        end = now + timedelta(days=chosen[-1].days * chance.uniform(0.2, 0.7))
    starts: list[datetime] = []
    for story in reversed(chosen):
        start = max(end - timedelta(days=story.days * 1.15), now - _REACH + timedelta(days=chance.uniform(0, 20)))
        starts.insert(0, start)
        end = start - timedelta(days=chance.uniform(*_BETWEEN))
    return [
        begin(cast, company, story, f"{seed}/{company.key}/{number}", start, warm=number > 0)
        for number, (story, start) in enumerate(zip(chosen, starts, strict=True))
    ]


def _this_morning(unfinished: list[Conversation], now: datetime, seed: int) -> list[Letter]:
    """The next mails of some conversations that go on, in the hours before now: the day has begun when one opens the pages."""
    chance = dice("morning", seed)
    going = [one for one in unfinished if one.last_at is not None and one.last_at < now - _MORNING]
    chosen = chance.sample(going, min(_MAILS_THIS_MORNING, len(going)))
    return [
        one.write(now - _MORNING * ((number + chance.random()) / _MAILS_THIS_MORNING))
        for number, one in enumerate(chosen)
    ]


def _absences(cast: Cast, letters: list[Letter], seed: int) -> list[Letter]:
    """Automatic replies to some of Lina's mails, a minute later, no two by one company, and nobody answers before being back."""
    chance = dice("absences", seed)
    talks = sorted((one for one in letters if one.kind == "talk"), key=lambda one: (one.company, one.at))
    candidates = [
        (letter, following)
        for letter, following in pairwise(talks)
        if letter.folder == SENT
        and letter.to[0] in cast.company(letter.company).people
        and (following.company != letter.company or following.at > letter.at + _SHORTEST_ABSENCE)
    ]
    chance.shuffle(candidates)
    seen: set[str] = set()
    replies: list[Letter] = []
    for letter, following in candidates:
        company = cast.company(letter.company)
        if company.key in seen or len(replies) == _ABSENCES:
            continue
        seen.add(company.key)
        back = letter.at + timedelta(days=chance.randrange(3, 18))
        if following.company == letter.company:
            back = min(back, following.at - timedelta(days=1))
        at = letter.at + timedelta(seconds=chance.randrange(5, 90))
        replies.append(absence(cast, company, letter, at, chance, back=back))
    return replies
