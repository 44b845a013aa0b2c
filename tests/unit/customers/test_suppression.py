"""Mail must not go to a suppressed address or domain; what people asked for outlives customers and is not taken back for them."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from inboxcrm.customers.suppression import SuppressionError, lift, restore, suppress, suppressed
from inboxcrm.model import Customer, SuppressionKind, SuppressionReason, SuppressionScope
from inboxcrm.model.database import looking, writing
from tests.cast import ANNA, NOW, Office

BULK, ALL = SuppressionScope.BULK, SuppressionScope.ALL


def hits(engine: Engine, addresses: list[str], scope: SuppressionScope = BULK) -> set[str]:
    with looking(engine) as session:
        return set(suppressed(session, addresses, scope))


def leave(session: Session, address: str) -> int:
    return suppress(session, address, reason=SuppressionReason.LEFT, now=NOW, proof={"request": "one-click"}).id


def test_an_address_is_known_however_it_is_written(engine: Engine) -> None:
    with writing(engine) as session:
        leave(session, "Anna+news@Nordlicht.DE")
    assert hits(engine, [ANNA, "ANNA@nordlicht.de", "berta@nordlicht.de"]) == {ANNA, "ANNA@nordlicht.de"}


def test_a_domain_covers_its_subdomains_and_no_other_domain(engine: Engine) -> None:
    with writing(engine) as session:
        suppress(
            session, "@Nordlicht.de", kind=SuppressionKind.DOMAIN, reason=SuppressionReason.PERSON, now=NOW, by="lina"
        )
    given = ["a@nordlicht.de", "b@mail.nordlicht.de", "c@notnordlicht.de", "d@nordlicht.de.example"]
    assert hits(engine, given) == {"a@nordlicht.de", "b@mail.nordlicht.de"}


def test_who_left_the_newsletter_still_gets_answers_and_who_is_blocked_gets_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        leave(session, ANNA)
        suppress(session, "x@y.example", reason=SuppressionReason.HARD_BOUNCE, scope=ALL, now=NOW)
    assert hits(engine, [ANNA, "x@y.example"], ALL) == {"x@y.example"}
    assert hits(engine, [ANNA, "x@y.example"], BULK) == {ANNA, "x@y.example"}


def test_the_first_proof_stays(engine: Engine) -> None:
    with writing(engine) as session:
        first = leave(session, ANNA)
        again = suppress(session, ANNA, reason=SuppressionReason.LEFT, now=NOW, proof={"request": "another"})
        assert (again.id, again.proof) == (first, {"request": "one-click"})


def test_a_request_to_stop_is_taken_off_only_with_a_new_consent_which_is_kept(engine: Engine) -> None:
    with writing(engine) as session:
        left = leave(session, ANNA)
    with writing(engine) as session, pytest.raises(SuppressionError, match="asked for no more mail"):
        lift(session, left, now=NOW, by="lina", consent="  ")
    assert hits(engine, [ANNA]) == {ANNA}
    with writing(engine) as session:
        lifted = lift(session, left, now=NOW, by="lina", consent="asked for it at the fair on 3 May")
    assert (lifted.lifted_by, lifted.proof["consent"]) == ("lina", "asked for it at the fair on 3 May")
    assert hits(engine, [ANNA]) == set()


def test_it_outlives_the_customer(engine: Engine) -> None:
    office = Office(engine)
    customer = office.customer()
    with writing(engine) as session:
        leave(session, ANNA)
    with writing(engine) as session:
        session.execute(delete(Customer).where(Customer.id == customer))
    assert hits(engine, [ANNA]) == {ANNA}


@pytest.mark.parametrize(
    ("kind", "value"),
    [(SuppressionKind.ADDRESS, "nobody"), (SuppressionKind.DOMAIN, "localhost"), (SuppressionKind.DOMAIN, "gmail.com")],
)
def test_what_is_neither_address_nor_domain_of_one_firm_is_refused_in_words(
    engine: Engine, kind: SuppressionKind, value: str
) -> None:
    with writing(engine) as session, pytest.raises(SuppressionError, match=value):
        suppress(session, value, kind=kind, reason=SuppressionReason.PERSON, now=NOW)


def test_what_was_taken_off_by_mistake_is_in_force_again_as_it_was(engine: Engine) -> None:
    with writing(engine) as session:
        number = leave(session, ANNA)
        lift(session, number, now=NOW, by="lina", consent="at the fair")
    assert hits(engine, [ANNA]) == set()
    with writing(engine) as session:
        again = restore(session, number)
        assert (again.lifted_at, again.lifted_by, again.proof) == (None, "", {"request": "one-click"})
    assert hits(engine, [ANNA]) == {ANNA}
    with writing(engine) as session, pytest.raises(SuppressionError, match="4711"):
        restore(session, 4711)
