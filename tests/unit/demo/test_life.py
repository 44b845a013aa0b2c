"""What happens while the demo runs is new, in order, and of every kind."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest

from inboxcrm.demo.cast import cast, dice
from inboxcrm.demo.letters import SENT
from inboxcrm.demo.life import ASKS_FOR_SAMPLES, Life
from inboxcrm.demo.mailbox import history
from inboxcrm.engagement.rulebook import rulebook
from inboxcrm.engagement.signals import THRESHOLD, Kind, Side
from inboxcrm.reading import read

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def lived(past, mails, seed=1):
    life = Life(cast(), deepcopy(past.open), past.told, dice("life", seed))
    return [life.next(NOW + timedelta(seconds=6 * number)) for number in range(1, mails + 1)]


@pytest.fixture(scope="module")
def past():
    return history(cast(), NOW)


@pytest.fixture(scope="module")
def letters(past):
    return lived(past, 500)


def test_each_mail_comes_at_its_moment(letters):
    assert [one.at for one in letters] == [NOW + timedelta(seconds=6 * number) for number in range(1, 501)]


def test_no_mail_comes_twice(past, letters):
    ids = [one.message_id for one in (*past.letters, *letters)]
    assert len(ids) == len(set(ids))


def test_the_same_chance_gives_the_same_life(past):
    first, second = (lived(past, 60) for _ in range(2))
    assert [one.raw for one in first] == [one.raw for one in second]


def test_conversations_that_history_left_open_go_on(past, letters):
    known = {one.message_id for one in past.letters}
    answered = {read(one.raw).in_reply_to for one in letters}
    assert len(answered & known) >= 10


def test_an_answer_comes_after_what_it_answers(past, letters):
    seen = {one.message_id for one in past.letters}
    for letter in letters:
        answered = read(letter.raw).in_reply_to
        assert not answered or answered in seen
        seen.add(letter.message_id)


def test_strangers_write_people_are_away_lina_answers_and_noise_comes_between(letters):
    newcomers = {one.key for one in cast().companies if one.later}
    kinds = {one.kind for one in letters}
    assert {"talk", "absence", "list", "pitch", "private", "internal"} <= kinds
    assert len({one.company for one in letters} & newcomers) >= 5
    assert sum(one.folder == SENT for one in letters) > 100


@pytest.mark.parametrize("seed", range(6))
def test_a_silent_customer_of_grade_c_soon_asks_for_samples_in_words_that_the_rules_know(past, seed):
    star = cast().company(ASKS_FOR_SAMPLES)
    assert (star.grade, star.listed) == ("C", True)
    assert not [one for one in past.open if one.company.key == star.key]
    asked = [one for one in lived(past, 8, seed) if one.company == star.key]
    assert len(asked) == 1
    found = {one.kind: one for one in rulebook().signals_of(read(asked[0].raw), side=Side.CUSTOMER)}
    assert found[Kind.SAMPLE_REQUEST].confidence >= THRESHOLD


def test_the_dates_in_the_mails_are_those_of_their_arrival(letters):
    for letter in letters:
        assert read(letter.raw, received_at=letter.at).date == letter.at


def test_a_mailbox_from_before_lives_on_without_its_history():
    life = Life(cast(), (), {}, dice("life", 3))
    first = [life.next(NOW + timedelta(seconds=number)) for number in range(50)]
    assert len({one.message_id for one in first}) == 50
