"""Who is suppressed doesn't depend on how many addresses are asked about, or on how many suppressions there are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from inboxcrm.customers.suppression import lift, suppress, suppressed
from inboxcrm.model import SuppressionKind, SuppressionReason, SuppressionScope
from inboxcrm.model.database import writing
from tests.cast import NOW


@pytest.mark.parametrize("others", [0, 5, 500])
def test_many_are_told_as_each_would_be_alone(engine: Engine, others: int) -> None:
    asked = [f"buyer{one}@mail.firm{one}.example" for one in range(400)]
    with writing(engine) as session:
        for one in range(others):
            suppress(session, f"x{one}@elsewhere.example", reason=SuppressionReason.PERSON, now=NOW)
        suppress(session, asked[1], reason=SuppressionReason.LEFT, now=NOW)
        suppress(session, asked[1], reason=SuppressionReason.ASKED, now=NOW - timedelta(days=1))
        suppress(session, asked[2], reason=SuppressionReason.PERSON, now=NOW, scope=SuppressionScope.ALL)
        firm = suppress(session, "firm3.example", reason=SuppressionReason.PERSON, now=NOW, kind=SuppressionKind.DOMAIN)
        again = suppress(session, asked[4], reason=SuppressionReason.HARD_BOUNCE, now=NOW)
        lift(session, again.id, now=NOW, by="lina")
        for scope in SuppressionScope:
            alone = {key: row.id for one in asked[:9] for key, row in suppressed(session, [one], scope).items()}
            assert {key: row.id for key, row in suppressed(session, asked, scope).items()} == alone
        found = suppressed(session, asked, SuppressionScope.BULK)
        assert set(found) == set(asked[1:4])
        assert found[asked[1]].reason is SuppressionReason.ASKED
        assert found[asked[3]].id == firm.id
