"""Who gets an issue: nobody who left, bounces, is of another grade or was written to lately, whatever else is true of him."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.i18n import LANGUAGES, speaking
from inboxcrm.model import AddressHealth, Grade, Status, SuppressionReason
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.choosing import FOR_THE_PERSON, AddressFacts, Candidate, Choice, Owner, judge
from inboxcrm.newsletter.reasons import Reason, Why, in_words

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
GOOD = AddressFacts("carlos@andina.mx", "Carlos@andina.mx")
CARLOS = Candidate(1, 1, "Carlos", "Andina", Grade.C, Status.PROSPECT, "MX", "es", addresses=(GOOD,))


def _judge(candidate: Candidate, audience: Audience | None = None, only: str = "", **options: object) -> Choice:
    texts = {"texts": ("en", "es"), "fallback": "en", **options}
    return judge(candidate, audience or Audience(), now=NOW, only=only, **texts)  # type: ignore[arg-type]


def _whys(candidate: Candidate, audience: Audience | None = None, **options: object) -> set[Why]:
    return {one.why for one in _judge(candidate, audience, **options).reasons}


def _ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_a_customer_of_grade_c_gets_it_in_his_language_at_the_address_he_writes() -> None:
    choice = _judge(CARLOS)
    assert (choice.is_in, choice.language, choice.written) == (True, "es", "Carlos@andina.mx")


@pytest.mark.parametrize("grade", [Grade.A, Grade.B, Grade.WATCH])
def test_other_grades_are_in_by_explicit_choice_only(grade: Grade) -> None:
    one = replace(CARLOS, grade=grade)
    assert _whys(one) == {Why.GRADE}
    assert _judge(one, Audience(grades=(Grade.C, grade))).is_in


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"refused_at": _ago(400)}, Why.REFUSED),
        ({"held": True}, Why.HELD),
        ({"unjudged": True}, Why.UNJUDGED),
        ({"unanswered_since": _ago(1)}, Why.UNANSWERED),
        ({"follow_up_at": _ago(-3)}, Why.CADENCE),
        ({"written_at": _ago(13)}, Why.WRITTEN),
        ({"addresses": ()}, Why.NO_ADDRESS),
    ],
)
def test_who_is_in_a_conversation_with_us_or_has_said_no_is_left_out(facts: dict[str, object], why: Why) -> None:
    assert _whys(replace(CARLOS, **facts)) == {why}  # type: ignore[arg-type]


def test_the_days_since_our_last_letter_are_chosen() -> None:
    assert _judge(replace(CARLOS, written_at=_ago(15))).is_in
    assert _whys(replace(CARLOS, written_at=_ago(15)), Audience(not_written_days=16)) == {Why.WRITTEN}


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"health": AddressHealth.BOUNCING}, Why.BOUNCING),
        ({"health": AddressHealth.LEFT}, Why.LEFT_COMPANY),
        ({"suppressed": SuppressionReason.HARD_BOUNCE}, Why.SUPPRESSED),
        ({"address": "noreply@andina.mx", "written": "noreply@andina.mx"}, Why.NOBODY_READS),
        ({"written": "carlos at andina"}, Why.UNUSABLE),
        ({"others": (Owner(9, "Nordlicht", Grade.A),)}, Why.SHARED),
    ],
)
def test_the_next_address_is_taken_where_one_is_no_good(facts: dict[str, object], why: Why) -> None:
    bad = replace(GOOD, **facts)  # type: ignore[arg-type]
    assert _whys(replace(CARLOS, addresses=(bad,))) == {why}
    other = AddressFacts("carlos@gmail.com", "carlos@gmail.com")
    assert _judge(replace(CARLOS, addresses=(bad, other))).address == "carlos@gmail.com"
    assert not _judge(replace(CARLOS, addresses=(bad, other)), only=bad.address).is_in


@pytest.mark.parametrize("reason", sorted(FOR_THE_PERSON))
def test_who_asked_to_stop_at_one_address_gets_nothing_at_another(reason: SuppressionReason) -> None:
    other = AddressFacts("carlos@gmail.com", "carlos@gmail.com", suppressed=reason)
    assert _whys(replace(CARLOS, addresses=(GOOD, other))) == {Why.SUPPRESSED}


def test_at_most_one_issue_within_the_gap_whichever_address_it_went_to() -> None:
    other = AddressFacts("carlos@gmail.com", "carlos@gmail.com", last_issue_at=_ago(10))
    assert _whys(replace(CARLOS, addresses=(GOOD, other))) == {Why.ISSUE}
    assert _judge(replace(CARLOS, addresses=(GOOD, other)), Audience(min_gap_days=9)).is_in
    waiting = replace(GOOD, queued_in="Spring")
    assert _whys(replace(CARLOS, addresses=(waiting,)), Audience(min_gap_days=0)) == {Why.QUEUED}


def test_our_own_addresses_get_nothing() -> None:
    assert _whys(CARLOS, is_ours=lambda address: address == GOOD.address) == {Why.OURS}


def test_without_a_text_in_the_language_the_fallback_is_taken_or_nobody() -> None:
    french = replace(CARLOS, language="fr")
    assert _judge(french).language == "en"
    assert _whys(french, fallback="") == {Why.NO_TEXT}
    assert _judge(replace(CARLOS, language="")).language == "en"


@pytest.mark.parametrize(
    ("audience", "why"),
    [
        (Audience(statuses=(Status.WON,)), Why.STATUS),
        (Audience(countries=("DE",)), Why.COUNTRY),
        (Audience(languages=("de",)), Why.LANGUAGE),
        (Audience(products=("pumps",)), Why.PRODUCT),
        (Audience(tags=("vip",)), Why.TAG),
        (Audience(sources=("Canton Fair",)), Why.SOURCE),
        (Audience(heard_after=date(2026, 5, 2)), Why.LAST_CONTACT),
        (Audience(heard_before=date(2026, 4, 30)), Why.LAST_CONTACT),
    ],
)
def test_each_filter_leaves_out_and_says_so(audience: Audience, why: Why) -> None:
    one = replace(CARLOS, heard_at=datetime(2026, 5, 1, tzinfo=UTC))
    assert _judge(one).is_in
    assert _whys(one, audience) == {why}


def test_one_of_the_products_is_enough_and_capitals_dont_matter() -> None:
    assert _judge(replace(CARLOS, products=("ball valves",)), Audience(products=("Ball Valves", "pumps"))).is_in


_OF_A_DAY = {Why.LAST_CONTACT, Why.REFUSED, Why.WRITTEN, Why.ISSUE, Why.CADENCE, Why.UNANSWERED}


def test_every_reason_can_be_said_in_every_language_of_the_pages() -> None:
    for code in LANGUAGES:
        with speaking(code):
            for why in Why:
                detail = "2026-05-01" if why in _OF_A_DAY else f"carlos@andina.mx {SuppressionReason.LEFT.value}"
                said = in_words(Reason(why, detail))
                assert said
                assert "2026-05-01" not in said
            for reason in SuppressionReason:
                assert "carlos@andina.mx" in in_words(Reason(Why.SUPPRESSED, f"carlos@andina.mx {reason.value}"))


# --- whatever is true of somebody -------------------------------------------------------------------------------------

_times = st.none() | st.integers(-100, 1000).map(_ago)
_addresses = st.builds(
    AddressFacts,
    address=st.sampled_from(["a@x.example", "b@y.example", "noreply@z.example"]),
    written=st.sampled_from(["a@x.example", "b@y.example", "nonsense"]),
    health=st.sampled_from(AddressHealth),
    suppressed=st.none() | st.sampled_from(SuppressionReason),
    last_issue_at=_times,
    queued_in=st.sampled_from(["", "Spring"]),
    others=st.lists(st.builds(Owner, st.just(9), st.just("Other"), st.sampled_from(Grade)), max_size=1).map(tuple),
)
_candidates = st.builds(
    Candidate,
    contact_id=st.just(1),
    customer_id=st.just(1),
    name=st.just("Carlos"),
    customer=st.just("Andina"),
    grade=st.sampled_from(Grade),
    status=st.sampled_from(Status),
    country=st.sampled_from(["", "MX", "DE"]),
    language=st.sampled_from(["", "es", "en", "fr"]),
    tags=st.lists(st.sampled_from(["vip", "old"]), max_size=2).map(tuple),
    addresses=st.lists(_addresses, max_size=3).map(tuple),
    heard_at=_times,
    written_at=_times,
    unanswered_since=_times,
    follow_up_at=_times,
    refused_at=_times,
    held=st.booleans(),
)
_audiences = st.builds(
    Audience,
    grades=st.lists(st.sampled_from(Grade), min_size=1, unique=True).map(tuple),
    countries=st.lists(st.sampled_from(["MX", "DE"]), unique=True).map(tuple),
    tags=st.lists(st.sampled_from(["vip"]), max_size=1).map(tuple),
    not_written_days=st.integers(0, 60),
    min_gap_days=st.integers(0, 60),
)


@given(_candidates, _audiences, st.sampled_from(["", "en"]), st.sampled_from(["", "a@x.example"]))
def test_nobody_is_in_who_must_not_be(candidate: Candidate, audience: Audience, fallback: str, only: str) -> None:
    choice = _judge(candidate, audience, only, fallback=fallback)
    if not choice.is_in:
        assert all(choice.words)
        return
    (used,) = [one for one in candidate.addresses if one.address == choice.address][:1]
    assert candidate.grade in audience.grades
    assert not audience.countries or candidate.country in audience.countries
    assert not any(one.suppressed in FOR_THE_PERSON for one in candidate.addresses)
    good = [
        one
        for one in candidate.addresses
        if one.suppressed is None and one.health is AddressHealth.OK and "@" in one.written
    ]
    assert used.address in {one.address for one in good}
    assert not any(one.queued_in for one in candidate.addresses)
    gap = NOW - timedelta(days=audience.min_gap_days)
    assert all(one.last_issue_at is None or one.last_issue_at <= gap for one in candidate.addresses)
    assert candidate.written_at is None or candidate.written_at <= NOW - timedelta(days=audience.not_written_days)
    assert candidate.unanswered_since is None
    assert candidate.follow_up_at is None
    assert candidate.refused_at is None
    assert not candidate.held
    assert choice.language in ("en", "es")
    assert only in ("", choice.address)
