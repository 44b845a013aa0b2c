"""Connections that break at any byte: the pass goes on where it was, and in the end the log equals the truth."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from inboxcrm.settings import Server
from tests.integration.service.installation import SENDERS, STRANGER, Installation, Truth, mail
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy

SEEDS = (1, 2)


def files(dovecot: Dovecot, user: str) -> list[str]:
    """Every mail file of the user with its flags, as they lie on the disk. A mail moves from new to cur when it is first seen."""
    return sorted(
        path.name.partition(":")[0] + path.name.partition(":2,")[2]
        for folder in ("INBOX", "Sent")
        for part in ("new", "cur")
        for path in (dovecot.maildir(user, folder) / part).iterdir()
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_cut_at_random_bytes_until_it_gets_through(dovecot: Dovecot, user: str, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  nothing is guarded by it
    truth = Truth()
    for number in range(80):
        other = (*SENDERS, STRANGER)[number % 5]
        text = "Please quote. " * chance.randrange(1, 400)
        if number % 4 == 3:
            dovecot.deliver(user, mail(number, user, other, text=text), "Sent")
        else:
            dovecot.deliver(user, mail(number, other, user, text=text))
        truth.add(number, other)
    before = files(dovecot, user)

    with Proxy(dovecot.host, dovecot.port) as proxy:
        account = dovecot.settings_for(user, imap=Server(host=proxy.host, port=proxy.port, security="none"))
        place = Installation(tmp_path / "home", (account,), changes={"sync": {"batch": 10, "readers": 1}})
        for attempt in range(200):
            # Longer lives later, so that it gets through in the end; some end in the log-in, some between two commands.
            break_off = proxy.reset_after if chance.random() < 0.3 else proxy.cut_after
            break_off(chance.randrange(1, 3_000 + 2_000 * attempt))
            if place.sync()[0].ok:
                break
        else:
            pytest.fail(f"it never got through (seed {seed})")
        proxy.heal()
        assert place.sync()[0].ok
        connections = proxy.connections

    assert connections > 10, "the proxy never cut anything"
    assert place.log() == truth.log()
    assert place.messages() == sorted(truth.mails)
    assert not place.troubles()
    assert place.locations()[(user, "INBOX")] == dovecot.uids(user)
    assert files(dovecot, user) == before
    assert not any("\\Seen" in flags for flags in dovecot.flags(user).values())


def test_a_mail_that_breaks_every_connection_is_put_off_and_the_others_are_read(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    truth = Truth()
    for number in range(30):
        text = "x" * 76 + "\r\n"
        # One mail is so large that no connection lives long enough for it.
        dovecot.deliver(user, mail(number, "anna@ahlers.example", user, text=text * (2_000 if number == 12 else 1)))
        if number != 12:
            truth.add(number, "anna@ahlers.example")

    with Proxy(dovecot.host, dovecot.port) as proxy:
        proxy.cut_after(60_000)
        account = dovecot.settings_for(user, imap=Server(host=proxy.host, port=proxy.port, security="none"))
        place = Installation(tmp_path / "home", (account,), changes={"sync": {"batch": 40, "readers": 1}})
        for _attempt in range(10):
            place.sync()
            if place.troubles():
                break
        place.sync()
        while_it_breaks = place.log()
        troubles = len(place.troubles())
        proxy.heal()
        last = place.sync()[0]

    assert while_it_breaks == truth.log()
    assert troubles == 1
    assert last.ok
    assert place.log()[("12@mails.example", "Ahlers")] == 1
    assert not place.troubles()
