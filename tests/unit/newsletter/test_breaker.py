"""When newsletters rest: trouble that goes on is the server's; what is said of one address stops nothing."""

from __future__ import annotations

from datetime import timedelta

from inboxcrm.newsletter.limits import IN_A_ROW, Meaning
from inboxcrm.newsletter.outbox import Fate, Outcome
from inboxcrm.service.breaker import Breaker
from inboxcrm.service.handing import Answered
from tests.newsletters import NOW

SENT = Answered(Outcome(1, Fate.SENT))
PUT_OFF = Answered(Outcome(1, Fate.AGAIN, "450 4.2.0 later", NOW))
TROUBLE = Answered(Outcome(1, Fate.AGAIN, "451 4.3.0 out of disk", NOW), trouble=True)
GIVEN_UP = Answered(Outcome(1, Fate.REFUSED, "451 4.3.0 out of disk", NOW), trouble=True)
REFUSED = Answered(Outcome(1, Fate.REFUSED, "554 no"), counts_against=True)


def test_a_single_trouble_costs_a_try_and_further_ones_cost_none() -> None:
    judged, rest = Breaker().judge([TROUBLE, TROUBLE, GIVEN_UP], NOW)
    assert [one.outcome.fate for one in judged] == [Fate.AGAIN, Fate.SPARED, Fate.SPARED]
    assert rest is None


def test_trouble_between_mails_that_go_is_that_mails_own() -> None:
    judged, rest = Breaker().judge([GIVEN_UP, SENT] * IN_A_ROW, NOW)
    assert [one.outcome.fate for one in judged] == [Fate.REFUSED, Fate.SENT] * IN_A_ROW
    assert rest is None


def test_trouble_in_a_row_rests_for_a_while_and_then_one_mail_finds_out() -> None:
    breaker = Breaker()
    assert breaker.judge([TROUBLE] * (IN_A_ROW - 1), NOW)[1] is None
    for hours in (0, 1, 2):
        now = NOW + timedelta(hours=hours)
        _judged, rest = breaker.judge([TROUBLE], now)
        assert rest is not None
        assert "out of disk" in rest.words
        assert rest.until == now + timedelta(hours=1)
    assert breaker.judge([SENT, TROUBLE], NOW)[1] is None


def test_what_is_said_of_addresses_is_never_trouble() -> None:
    assert Breaker().judge([PUT_OFF] * 50, NOW) == ([PUT_OFF] * 50, None)


def test_refusals_in_a_row_wait_for_a_person() -> None:
    _judged, rest = Breaker().judge([REFUSED] * IN_A_ROW, NOW)
    assert rest is not None
    assert rest.until is None
    assert Breaker().judge([REFUSED, SENT] * IN_A_ROW, NOW)[1] is None


def test_the_first_limit_in_a_batch_is_told_and_all_answers_are_kept() -> None:
    limit = Answered(Outcome(2, Fate.SPARED, "550 5.4.5 daily limit", NOW), Meaning.DAY)
    judged, rest = Breaker().judge([SENT, limit, SENT], NOW)
    assert judged == [SENT, limit, SENT]
    assert rest is not None
    assert rest.until == NOW + timedelta(days=1)
