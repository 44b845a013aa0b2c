"""The ways out of a mail: what its fields say, which tokens are believed, and that leaving once is enough."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from inboxcrm.customers.suppression import lift, suppressed
from inboxcrm.model import Suppression, SuppressionReason, SuppressionScope
from inboxcrm.model.database import looking, writing
from inboxcrm.newsletter.keys import leaving_key
from inboxcrm.newsletter.leaving import Click, Leave, Signing, leave, links
from tests.newsletters import KEY, LINA, NOW

SIGNING = Signing(KEY)
ANNA = Leave(7, 42, "de", "anna@nordlicht.de")
BASE = "https://news.brightvalve.example"
ADDRESS = st.builds("{}@{}".format, st.text("abcäж.-+", min_size=1, max_size=20), st.sampled_from(["firma.de", "x.cn"]))


@given(st.builds(Leave, st.integers(1), st.integers(0), st.sampled_from(["de", "zh", "ar"]), ADDRESS))
def test_a_token_says_what_was_put_into_it_and_fits_into_addresses_and_subjects(left: Leave) -> None:
    token = SIGNING.token(left)
    assert SIGNING.read_token(token) == left
    assert not set(token) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@given(st.integers(0, 200), st.sampled_from("abcXYZ019-_."))
def test_a_token_that_was_changed_is_not_believed(place: int, letter: str) -> None:
    token = SIGNING.token(ANNA)
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    found = SIGNING.read_token(changed)
    assert found is None or found == ANNA


@pytest.mark.parametrize("token", ["", ".", "a.b", "x" * 500, SIGNING.click(Click(1, "https://x.example")), "é"])
def test_what_is_no_token_of_a_mail_is_none(token: str) -> None:
    assert SIGNING.read_token(token) is None


def test_tokens_of_another_installation_are_not_believed() -> None:
    assert SIGNING.read_token(Signing(b"j" * 32).token(ANNA)) is None


@pytest.mark.parametrize(
    "subject",
    [
        "unsubscribe {token}",
        "Unsubscribe {token}",
        "Re: unsubscribe {token}",
        "FW: UNSUBSCRIBE  {token} ",
        "unsubscribe {first} {rest}",
        "unsubscribe\r\n {first}\r\n {rest}",
        "{token}",
    ],
)
def test_the_subject_of_a_mail_that_leaves_is_read_however_programs_fold_it(subject: str) -> None:
    token = SIGNING.token(ANNA)
    assert SIGNING.find_token(subject.format(token=token, first=token[:40], rest=token[40:])) == ANNA


@pytest.mark.parametrize("subject", ["", "unsubscribe", "Ball valves", "unsubscribe " + "x" * 90])
def test_other_subjects_hold_no_token(subject: str) -> None:
    assert SIGNING.find_token(subject) is None


def test_without_public_pages_a_mail_names_the_way_by_mail_alone() -> None:
    found = links(SIGNING, ANNA, LINA)
    assert found.headers == (("List-Unsubscribe", f"<mailto:{LINA}?subject=unsubscribe%20{found.token}>"),)
    assert found.leave == f"mailto:{LINA}?subject=unsubscribe%20{found.token}"
    assert found.counted("https://brightvalve.example") == "https://brightvalve.example"


def test_with_public_pages_one_click_is_enough_as_rfc_8058_words_it() -> None:
    found = links(SIGNING, ANNA, LINA, BASE + "/")
    fields = dict(found.headers)
    assert fields["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    first, second = fields["List-Unsubscribe"].split(", ")
    assert first == f"<{BASE}/u/{found.token}>"  # exactly one https address (RFC 8058, 3.1)
    assert second.startswith("<mailto:")  # and the way by mail always (RFC 2369)
    assert found.leave == f"{BASE}/u/{found.token}"
    mail = message_from_bytes(
        b"".join(f"{n}: {v}\r\n".encode() for n, v in found.headers) + b"\r\n", policy=policy.SMTP
    )
    assert mail["List-Unsubscribe"].count("https://") == 1


def test_clicks_are_counted_only_where_the_issue_says_so_and_lead_where_the_text_says() -> None:
    assert links(SIGNING, ANNA, LINA, BASE).counted("https://a.example/x") == "https://a.example/x"
    assert links(SIGNING, ANNA, LINA, count_clicks=True).counted("https://a.example") == "https://a.example"
    found = links(SIGNING, ANNA, LINA, BASE, count_clicks=True)
    counted = found.counted("https://a.example/x?y=1")
    assert SIGNING.read_click(counted.removeprefix(f"{BASE}/c/")) == Click(42, "https://a.example/x?y=1")
    assert found.counted("mailto:lina@brightvalve.example") == "mailto:lina@brightvalve.example"


def test_leaving_keeps_the_first_proof_and_needs_no_row_of_the_recipient(engine: Engine) -> None:
    for hours in (0, 1, 2):
        with writing(engine) as session:
            leave(session, ANNA, {"message_id": f"{hours}@x"}, NOW + timedelta(hours=hours))
    with looking(engine) as session:
        (row,) = session.scalars(select(Suppression))
        assert (row.reason, row.scope, row.value) == (SuppressionReason.LEFT, SuppressionScope.BULK, ANNA.address)
        assert row.proof["message_id"] == "0@x"
        assert row.proof["issue_id"] == 7


def test_who_tries_an_issue_on_himself_leaves_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        assert leave(session, Leave(7, 0, "en", LINA), {}, NOW) is None
        assert suppressed(session, [LINA], SuppressionScope.BULK) == {}


def test_who_came_back_by_his_own_wish_can_leave_again(engine: Engine) -> None:
    with writing(engine) as session:
        first = leave(session, ANNA, {}, NOW)
        assert first is not None
        lift(session, first.id, now=NOW, by="lina", consent="She asked for the news at the fair.")
        assert suppressed(session, [ANNA.address], SuppressionScope.BULK) == {}
        leave(session, ANNA, {}, NOW + timedelta(days=1))
        assert suppressed(session, [ANNA.address], SuppressionScope.BULK)


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = leaving_key(tmp_path / "home")
    assert leaving_key(tmp_path / "home") == first
    assert len(first) >= 32
    assert (tmp_path / "home" / "leaving.key").stat().st_mode & 0o777 == 0o600
    assert [one.name for one in (tmp_path / "home").iterdir()] == ["leaving.key"]
