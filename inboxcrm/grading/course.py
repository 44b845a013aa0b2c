"""The score of one customer through time, kept up event by event: the same numbers as `inboxcrm.grading.assess`, without the reasons.

A replay looks at a customer at every event and at many midnights; what fades with one half-life fades together, so a look costs a
few multiplications. It explains nothing: whoever wants to know why asks `assess`. Instants here are whole microseconds since 1970.
"""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import inf, log

from inboxcrm.grading.assess import QUICK_HOURS, RANKED, VERY_QUICK_HOURS, known_by_file, of_file, rank, score_of, step
from inboxcrm.grading.facts import IN_TIME_HOURS, Asked, Doubted, Ordered, Profile, Signalled
from inboxcrm.grading.rules import Fading, GradingRules, Risk

_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
_HOUR = 3_600_000_000
NEVER = 1 << 62
"""Later than any instant."""
_NEAR = 1e-6
"""Scores are rounded; so much earlier may one reach a mark."""
_NO_CEILING = len(RANKED) - 1


def instant(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    """The aware UTC time of an instant."""
    return _EPOCH + at * _MICROSECOND


def midnight_after(at: int) -> int:
    """The first midnight (UTC) after `at`."""
    return (at // DAY + 1) * DAY


class _Fade:
    """Points that fade together: `value` as of `at`, half of it after `half_life` microseconds."""

    __slots__ = ("at", "half_life", "points", "times", "value")

    def __init__(self, fading: Fading) -> None:
        self.points, self.half_life = fading.points, fading.half_life_days * DAY
        self.times: list[int] = []
        self.value = 0.0
        self.at = 0

    def add(self, at: int) -> None:
        """One more event: the freshest counts fully, the next half, then a third …"""
        self.times.append(at)
        half_life = self.half_life
        total = 0.0
        for number, then in enumerate(reversed(self.times), 1):
            total += 0.5 ** ((at - then) / half_life) / number
        self.value, self.at = self.points * total, at


@lru_cache(maxsize=8)
class _Numbers:
    """The rules as plain numbers."""

    def __init__(self, rules: GradingRules) -> None:
        self.rules = rules
        self.willing = rules.willingness.signals
        self.against = {name: one for name in Risk.model_fields if isinstance(one := getattr(rules.risk, name), Fading)}
        bounds, exchange = rules.bounds, rules.willingness.exchange
        self.order_floor = rank(bounds.order_within_days.floor), _span(bounds.order_within_days.days)
        self.sample_floor = rank(bounds.sample_within_days.floor), _span(bounds.sample_within_days.days)
        self.unreachable_ceiling = rank(bounds.all_addresses_bounce.ceiling)
        self.stop_ceiling = rank(bounds.asked_to_stop.ceiling), _span(bounds.asked_to_stop.days)
        declined = bounds.not_interested_within_days
        self.declined_ceiling = rank(declined.ceiling), _span(declined.days)
        self.order_span = _span(rules.current_value.months * 30.44)
        self.order_half_life = rules.current_value.half_life_days * DAY
        self.exchange = exchange
        self.exchange_half_life = exchange.half_life_days * DAY
        self.window = exchange.days * DAY


def _span(days: float | None) -> int:
    return timedelta(days=days) // _MICROSECOND if days is not None else NEVER


class Course:
    """A customer whose events are told in the order of time. Ask `look` when all events up to an instant have been told."""

    __slots__ = (
        "_against",
        "_answers",
        "_asked",
        "_by_file",
        "_declined",
        "_exchange",
        "_first_inbound",
        "_has_signal",
        "_holds_until",
        "_largest",
        "_last_in",
        "_numbers",
        "_orders",
        "_orders_at",
        "_orders_until",
        "_orders_value",
        "_room_down",
        "_room_up",
        "_sampled",
        "_stopped",
        "_unreachable",
        "_waiting",
        "_watched_at",
        "_willing",
        "_wished",
        "ceiling",
        "falling",
        "floor",
        "known",
        "quiet_until",
        "rising",
        "score",
    )

    def __init__(self, profile: Profile, rules: GradingRules) -> None:
        """Nothing has happened yet."""
        self._numbers = _Numbers(rules)
        self._by_file = of_file(profile, rules)
        self._largest = 0.0
        self._willing: dict[str, _Fade] = {}
        self._against: dict[str, _Fade] = {}
        self._orders: list[tuple[int, Ordered]] = []
        self._orders_value, self._orders_at, self._orders_until = 0.0, 0, NEVER
        self._first_inbound: bool | None = None
        self._last_in: int | None = None
        self._waiting: int | None = None
        self._asked: deque[int] = deque()
        self._answers: deque[tuple[int, int]] = deque()
        self._exchange = 0.0
        self._has_signal = self._unreachable = False
        self._sampled = self._stopped = self._declined = self._wished = -NEVER
        self.known = known_by_file(profile, rules)
        """How much is known by now."""
        self.score = 0.0
        """The score at the last look."""
        self.floor, self.ceiling = 0, _NO_CEILING
        """The ranks that hold at the last look."""
        self.falling = self.rising = 0.0
        """How many points the score can fall or rise in a microsecond at most, when nothing happens."""
        self.quiet_until = NEVER
        self._watched_at: int | None = None
        self._holds_until = NEVER
        self._room_down = self._room_up = inf

    def tell(self, at: int, event: Signalled | Ordered | Asked | Doubted | None) -> None:
        """Something happened at `at`; None: from now on every address bounces."""
        match event:
            case Signalled():
                self._signal(at, event.kind)
            case Doubted():
                self._speak_against(at, event.kind)
            case Ordered():
                if not self._orders:
                    self.known += self._numbers.rules.known.order
                self._orders.append((at, event))
                self._value_orders(at)
            case Asked():
                table = self._numbers.rules.potential_value
                quantity = step(event.quantity, table.quantities) if event.quantity is not None else 0.0
                amount = step(event.amount, table.amounts) if event.amount is not None else 0.0
                self._largest = max(self._largest, quantity, amount)
            case None:
                self._unreachable = True

    def contact(self, at: int, *, inbound: bool) -> bool:
        """Somebody wrote or spoke at `at`. True when that may matter: it is the first time, or the score may have reached a watched
        mark.
        """
        numbers, last_in = self._numbers, self._last_in
        edge = at - numbers.window
        asked, answers, waiting = self._asked, self._answers, self._waiting
        nothing_too_old = bool(asked) and asked[0] > edge and (not answers or answers[0][0] > edge)
        if not inbound and waiting is not None and at - waiting <= _IN_TIME and nothing_too_old:
            self._waiting = at  # one more mail of ours in a row: all stays as it was
            return self._watched_at is None or at >= self.quiet_until
        before = self._exchange and self._exchange * 0.5 ** ((at - (last_in or 0)) / numbers.exchange_half_life)
        is_first = self._first_inbound is None
        if is_first:
            self._first_inbound = inbound
        if inbound:
            if last_in is None:
                self.known += numbers.rules.known.inbound
            self._last_in = at
            if waiting is not None and at - waiting <= _IN_TIME:
                answers.append((at, at - waiting))
            self._waiting = None
        else:
            if waiting is None or at - waiting > _IN_TIME:
                asked.append(at)
            self._waiting = at
        while asked and asked[0] <= edge:
            asked.popleft()
        while answers and answers[0][0] <= edge:
            answers.popleft()
        self._exchange = self._exchanged()
        if is_first or self._watched_at is None or (inbound and last_in is None):
            return True
        if self._last_in is None:
            return at >= self.quiet_until
        after = self._exchange * 0.5 ** ((at - self._last_in) / numbers.exchange_half_life)
        gain = numbers.rules.score.willingness * (after - before)
        if gain > 0:
            self._room_up -= gain
            self.falling += _LOG_2 * gain / numbers.exchange_half_life
        else:
            self._room_down += gain
        self.quiet_until = self._quiet()
        return at >= self.quiet_until

    def look(self, at: int) -> None:
        """Sets `score`, `floor`, `ceiling`, `falling` and `rising` to what they are at `at`."""
        numbers = self._numbers
        weights = numbers.rules.score
        willing = falling = 0.0
        for one in self._willing.values():
            left = one.value * 0.5 ** ((at - one.at) / one.half_life)
            willing += left
            falling += left / one.half_life
        if self._last_in is not None and self._exchange:
            left = self._exchange * 0.5 ** ((at - self._last_in) / numbers.exchange_half_life)
            willing += left
            falling += left / numbers.exchange_half_life
        falling *= weights.willingness
        against = rising = 0.0
        for one in self._against.values():
            left = one.value * 0.5 ** ((at - one.at) / one.half_life)
            against += left
            rising += left / one.half_life
        if self._unreachable:
            against += numbers.rules.risk.unreachable
        current = 0.0
        if self._orders:
            if at > self._orders_until:
                self._value_orders(at)
            current = self._orders_value * 0.5 ** ((at - self._orders_at) / numbers.order_half_life)
            falling += weights.current_value * current / numbers.order_half_life
        self.score = score_of(numbers.rules, current, self._by_file + self._largest, willing, against)
        self.falling, self.rising = _LOG_2 * falling, _LOG_2 * weights.risk * rising
        self._bound(at)

    def next_deadline(self, at: int) -> int:
        """The first instant from `at` on at which, nothing happening, a floor, a ceiling or an order's weight ends."""
        numbers, deadline = self._numbers, NEVER
        if self._orders:
            deadline = self._orders_until if at <= self._orders_until else NEVER
            if at <= (end := self._orders[-1][0] + numbers.order_floor[1]) < deadline:
                deadline = end
        if at <= (end := self._sampled + numbers.sample_floor[1]) < deadline:
            deadline = end
        if at <= (end := self._stopped + numbers.stop_ceiling[1]) < deadline:
            deadline = end
        if at <= (end := self._declined + numbers.declined_ceiling[1]) < deadline:
            deadline = end
        return deadline

    def watch(self, at: int, *, holds_until: int, down_to: float | None, up_to: float | None) -> None:
        """From the look at `at` on, `quiet_until` says until when the score surely reaches neither mark (None or infinite: it can't, or
        it doesn't matter), and what holds the grade beside the score still holds: from then on every mail is a look.
        """
        self._watched_at, self._holds_until = at, holds_until
        self._room_down = inf if down_to is None else self.score - down_to - _NEAR
        self._room_up = inf if up_to is None else up_to - self.score - _NEAR
        self.quiet_until = self._quiet()

    def _quiet(self) -> int:
        """While the score falls and rises as fast as it can, it needs so long for the room that is left."""
        at = self._watched_at or 0
        if self._room_down <= 0 or self._room_up <= 0:
            return at
        quiet = self._room_down / self.falling if self.falling > 0 else inf
        if self.rising > 0:
            quiet = min(quiet, self._room_up / self.rising)
        return min(self._holds_until, at + int(quiet) if quiet < NEVER else NEVER)

    def _exchanged(self) -> float:
        """What the exchange is worth with the customer's last mail."""
        table, asked, answers = self._numbers.exchange, self._asked, self._answers
        points = table.wrote_first if self._first_inbound else 0.0
        if answers:
            if asked:
                points += table.answer_rate * (min(len(answers), len(asked)) / len(asked))
            median = sorted([took for _at, took in answers])[len(answers) // 2]
            if median <= _QUICK:
                points += table.quick_answer if median <= _VERY_QUICK else table.quick_answer / 2
        return points

    def _signal(self, at: int, kind: str) -> None:
        if not self._has_signal:
            self._has_signal = True
            self.known += self._numbers.rules.known.signal
        if kind in self._numbers.willing:
            if kind not in self._willing:
                self._willing[kind] = _Fade(self._numbers.willing[kind])
            self._willing[kind].add(at)
            self._wished = at
        if kind == "sample_request":
            self._sampled = at
        elif kind == "unsubscribe":
            self._stopped = at
        elif kind == "not_interested":
            self._declined = at
        self._speak_against(at, kind)

    def _speak_against(self, at: int, kind: str) -> None:
        if kind in self._numbers.against:
            if kind not in self._against:
                self._against[kind] = _Fade(self._numbers.against[kind])
            self._against[kind].add(at)

    def _value_orders(self, at: int) -> None:
        """What the orders whose weight hasn't ended are worth at `at`."""
        numbers = self._numbers
        table, half_life = numbers.rules.current_value, numbers.order_half_life
        recent = [(then, order) for then, order in reversed(self._orders) if at - then <= numbers.order_span]
        self._orders_at, self._orders_value = at, 0.0
        self._orders_until = recent[-1][0] + numbers.order_span if recent else NEVER
        if not recent:
            return
        newest = 0.5 ** ((at - recent[0][0]) / half_life)
        total = sum(order.amount for _then, order in recent if order.amount is not None)
        value = (table.first_order + step(total, table.amounts)) * newest
        margin = max((order.margin for _then, order in recent if order.margin is not None), default=None)
        if margin is not None and margin > 10:
            value += min(table.margin_most, table.margin_point * float(margin - 10)) * newest
        for then, _order in recent[1:]:
            value += table.each_further_order * 0.5 ** ((at - then) / half_life)
        self._orders_value = value

    def _bound(self, at: int) -> None:
        numbers = self._numbers
        floor, ceiling = 0, _NO_CEILING
        if self._orders and at - self._orders[-1][0] <= numbers.order_floor[1]:
            floor = numbers.order_floor[0]
        if at - self._sampled <= numbers.sample_floor[1] and self._sampled > -NEVER:
            floor = max(floor, numbers.sample_floor[0])
        if self._unreachable:
            ceiling = numbers.unreachable_ceiling
        if self._stopped > -NEVER and at - self._stopped <= numbers.stop_ceiling[1]:
            ceiling = min(ceiling, numbers.stop_ceiling[0])
        rank_if_declined, span = numbers.declined_ceiling
        # Who comes back with a new wish after a "no" is interested again.
        if self._declined > -NEVER and self._wished <= self._declined and at - self._declined <= span:
            ceiling = min(ceiling, rank_if_declined)
        self.floor, self.ceiling = floor, ceiling


_LOG_2 = log(2)
_IN_TIME = int(IN_TIME_HOURS * _HOUR)
_QUICK = int(QUICK_HOURS * _HOUR)
_VERY_QUICK = int(VERY_QUICK_HOURS * _HOUR)
