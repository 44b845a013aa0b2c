"""The watch against a real server: news arrives, whatever happens to connections and servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from random import Random
from typing import Any

import pytest

from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.mailbox.errors import LoginRefused, MailboxError
from inboxcrm.mailbox.watch import Watch
from inboxcrm.settings import Account, Server
from tests.servers.dovecot import Dovecot, running
from tests.servers.proxy import Proxy
from tests.servers.scripted import HANG_UP, ScriptedServer

PATIENCE = 20.0
"""Seconds after which a test gives up waiting; none waits that long when all is well."""


class Ear:
    """Hears what the watch says."""

    def __init__(self) -> None:
        self.news: Queue[tuple[str, str]] = Queue()
        self.states: Queue[tuple[str, bool, MailboxError | None]] = Queue()

    def next_news(self) -> tuple[str, str]:
        return self.news.get(timeout=PATIENCE)

    def until_state(self, wanted: Callable[[bool, MailboxError | None], bool]) -> tuple[bool, MailboxError | None]:
        while True:
            _address, watching, error = self.states.get(timeout=PATIENCE)
            if wanted(watching, error):
                return watching, error

    def until_watching(self) -> None:
        self.until_state(lambda watching, _error: watching)

    def forget(self) -> None:
        while True:
            try:
                self.news.get_nowait()
            except Empty:
                return


@contextmanager
def watching(renew_seconds: float = 600, **options: Any) -> Iterator[tuple[Watch, Ear]]:
    ear = Ear()
    watch = Watch(
        lambda *said: ear.news.put(said),
        lambda *said: ear.states.put(said),
        renew_seconds=renew_seconds,
        timeout=options.pop("timeout", 10),
        rng=Random(1),  # noqa: S311
        **options,
    )
    watch.start()
    try:
        yield watch, ear
    finally:
        watch.stop()
        assert not watch.alive


def behind(proxy: Proxy, account: Account) -> Account:
    return account.model_copy(update={"imap": Server(host=proxy.host, port=proxy.port, security="none")})


def test_a_mail_that_arrives_in_inbox_or_sent_is_news(dovecot: Dovecot, user: str) -> None:
    with watching() as (watch, ear):
        watch.add(dovecot.settings_for(user), lambda: dovecot.password_of(user), ["INBOX", "Sent"])
        ear.until_watching()
        ear.forget()
        dovecot.deliver(user, b"Subject: hello\n\nhello\n")
        assert ear.next_news() == (user, "INBOX")
        dovecot.deliver(user, b"Subject: hello\n\nhello\n", "Sent")
        while ear.next_news() != (user, "Sent"):
            pass


def test_the_beginning_of_a_watch_is_news_because_mail_may_have_come_before_it(dovecot: Dovecot, user: str) -> None:
    with watching() as (watch, ear):
        watch.add(dovecot.settings_for(user), lambda: dovecot.password_of(user), ["INBOX"])
        assert ear.next_news() == (user, "INBOX")


def test_news_comes_through_an_encrypted_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tls=True) as server, watching(renew_seconds=0.3) as (watch, ear):
        monkeypatch.setenv("SSL_CERT_FILE", str(server.ca_file))
        user = "lina@brightvalve.example"
        account = server.settings_for(user, imap=Server(host="localhost", port=server.tls_port))
        watch.add(account, lambda: server.password_of(user), ["INBOX", "Sent"])
        ear.until_watching()
        for _number in range(5):
            ear.forget()
            server.deliver(user, b"Subject: hello\n\nhello\n")
            while ear.next_news() != (user, "INBOX"):
                pass


def test_many_accounts_share_one_thread(dovecot: Dovecot, user: str) -> None:
    users = [f"{number}.{user}" for number in range(12)]
    with watching() as (watch, ear):
        for one in users:
            account = dovecot.settings_for(one)
            watch.add(account, lambda one=one: dovecot.password_of(one), ["INBOX", "Sent"])
        for _one in users:
            ear.until_watching()
        ear.forget()
        for one in users:
            dovecot.deliver(one, b"Subject: hello\n\nhello\n")
        heard: set[tuple[str, str]] = set()
        while len(heard) < len(users):
            heard.add(ear.next_news())
        assert heard == {(one, "INBOX") for one in users}


def test_after_a_cut_connection_it_connects_again_and_misses_nothing(dovecot: Dovecot, user: str) -> None:
    with Proxy(dovecot.host, dovecot.port) as proxy, watching() as (watch, ear):
        watch.add(behind(proxy, dovecot.settings_for(user)), lambda: dovecot.password_of(user), ["INBOX"])
        ear.until_watching()
        ear.forget()
        proxy.cut()
        dovecot.deliver(user, b"Subject: while away\n\nhello\n")
        ear.until_state(lambda watching, error: not watching and error is not None)
        ear.until_watching()
        assert ear.next_news() == (user, "INBOX")


@pytest.mark.parametrize("fault", ["cut_after", "reset_after"])
@pytest.mark.parametrize("count", [0, 7, 40, 150, 400, 600])
def test_a_connection_that_breaks_while_it_is_opened_is_tried_again(
    dovecot: Dovecot, user: str, fault: str, count: int
) -> None:
    with Proxy(dovecot.host, dovecot.port) as proxy, watching() as (watch, ear):
        getattr(proxy, fault)(count)
        watch.add(behind(proxy, dovecot.settings_for(user)), lambda: dovecot.password_of(user), ["INBOX"])
        watching_now, error = ear.until_state(lambda _watching, _error: True)
        if not watching_now:
            assert error is not None
            assert not error.permanent
            proxy.heal()
            watch.nudge()
            ear.until_watching()


def test_a_server_that_restarts_is_watched_again() -> None:
    with running() as server, watching(timeout=2) as (watch, ear):
        user = "lina@brightvalve.example"
        watch.add(server.settings_for(user), lambda: server.password_of(user), ["INBOX"])
        ear.until_watching()
        server.restart()
        watch.nudge()
        ear.until_state(lambda watching, error: not watching and error is not None)
        ear.until_watching()
        ear.forget()
        server.deliver(user, b"Subject: again\n\nhello\n")
        assert ear.next_news() == (user, "INBOX")


def test_a_silent_dead_connection_is_found_out_when_the_idle_is_renewed(dovecot: Dovecot, user: str) -> None:
    with (
        Proxy(dovecot.host, dovecot.port) as proxy,
        watching(renew_seconds=0.5, timeout=1) as (watch, ear),
    ):
        watch.add(behind(proxy, dovecot.settings_for(user)), lambda: dovecot.password_of(user), ["INBOX"])
        ear.until_watching()
        proxy.stall_after(0)
        _watching, error = ear.until_state(lambda watching, error: not watching and error is not None)
        assert error is not None
        assert not error.permanent
        proxy.heal()
        ear.until_watching()


def test_renewing_keeps_the_connection_and_its_news(dovecot: Dovecot, user: str) -> None:
    with Proxy(dovecot.host, dovecot.port) as proxy, watching(renew_seconds=0.1) as (watch, ear):
        watch.add(behind(proxy, dovecot.settings_for(user)), lambda: dovecot.password_of(user), ["INBOX"])
        ear.until_watching()
        for _renewal in range(5):
            assert ear.next_news() == (user, "INBOX")
        assert proxy.connections == 1


def test_a_wrong_password_is_tried_once_and_then_the_account_is_given_up(dovecot: Dovecot, user: str) -> None:
    tries: list[str] = []

    def password() -> str:
        tries.append("wrong")
        return "wrong"

    with watching() as (watch, ear):
        watch.add(dovecot.settings_for(user), password, ["INBOX", "Sent"])
        _watching, error = ear.until_state(lambda _watching, error: error is not None)
        assert isinstance(error, LoginRefused)
        assert error.permanent
        watch.nudge()
        watch.add(dovecot.settings_for(f"other.{user}"), lambda: dovecot.password_of(f"other.{user}"), ["INBOX"])
        ear.until_watching()
        assert tries == ["wrong"]


def test_an_account_that_was_given_up_is_watched_again_once_it_is_added_anew(dovecot: Dovecot, user: str) -> None:
    with watching() as (watch, ear):
        watch.add(dovecot.settings_for(user), lambda: "wrong", ["INBOX"])
        ear.until_state(lambda _watching, error: isinstance(error, LoginRefused))
        watch.add(dovecot.settings_for(user), lambda: dovecot.password_of(user), ["INBOX"])
        ear.until_watching()


def test_a_server_without_idle_is_left_to_the_poll() -> None:
    with running(capability="IMAP4rev1 ID UIDPLUS SPECIAL-USE") as server, watching() as (watch, ear):
        user = "lina@brightvalve.example"
        watch.add(server.settings_for(user), lambda: server.password_of(user), ["INBOX"])
        assert ear.until_state(lambda _watching, _error: True) == (False, None)


def test_a_folder_that_has_gone_leaves_the_others_watched(dovecot: Dovecot, user: str) -> None:
    with watching() as (watch, ear):
        watch.add(dovecot.settings_for(user), lambda: dovecot.password_of(user), ["Nirgends", "INBOX"])
        assert ear.until_state(lambda _watching, _error: True) == (False, None)
        ear.forget()
        dovecot.deliver(user, b"Subject: hello\n\nhello\n")
        assert ear.next_news() == (user, "INBOX")


def test_a_removed_account_is_watched_no_longer(dovecot: Dovecot, user: str) -> None:
    other = f"other.{user}"
    with watching() as (watch, ear):
        for one in (user, other):
            watch.add(dovecot.settings_for(one), lambda one=one: dovecot.password_of(one), ["INBOX"])
            ear.until_watching()
        watch.remove(user)
        ear.forget()
        dovecot.deliver(user, b"Subject: unheard\n\nhello\n")
        dovecot.deliver(other, b"Subject: heard\n\nhello\n")
        assert ear.next_news()[0] == other


def test_one_server_that_hangs_does_not_hold_up_the_others(dovecot: Dovecot, user: str) -> None:
    with ScriptedServer({"LOGIN": lambda _session, _line: None}) as silent, watching(timeout=60) as (watch, ear):
        watch.add(silent.account(), lambda: "secret", ["INBOX"])
        watch.add(dovecot.settings_for(user), lambda: dovecot.password_of(user), ["INBOX"])
        ear.until_watching()
        ear.forget()
        dovecot.deliver(user, b"Subject: hello\n\nhello\n")
        assert ear.next_news() == (user, "INBOX")


def test_news_sent_in_one_piece_with_the_beginning_of_idle_is_not_lost() -> None:
    with ScriptedServer({"IDLE": "+ idling\r\n* 4 EXISTS\r\n"}) as server, watching() as (watch, ear):
        watch.add(server.account(), lambda: "secret", ["INBOX"])
        assert ear.next_news() == ("lina@scripted.example", "INBOX")


def test_goodbye_inside_idle_is_a_lost_connection() -> None:
    replies = ["+ idling\r\n* BYE too long (try later)\r\n", "+ idling\r\n"]
    with ScriptedServer({"IDLE": list(replies)}) as server, watching() as (watch, ear):
        watch.add(server.account(), lambda: "secret", ["INBOX"])
        ear.until_watching()
        server.sessions[0].send("* BYE too long (try later)\r\n")
        _watching, error = ear.until_state(lambda watching, _error: not watching)
        assert error is not None
        assert not error.permanent
        assert str(error).endswith("too long (try later)")
        ear.until_watching()


def test_a_busy_server_is_tried_again_later() -> None:
    busy = "{tag} NO [UNAVAILABLE] too many connections\r\n"
    with ScriptedServer({"LOGIN": [busy, busy, "{tag} OK in\r\n"]}) as server, watching() as (watch, ear):
        watch.add(server.account(), lambda: "secret", ["INBOX"])
        _watching, error = ear.until_state(lambda _watching, error: error is not None)
        assert error is not None
        assert not error.permanent
        watch.nudge()
        ear.until_watching()


def test_stopping_does_not_wait_for_a_server_that_hangs() -> None:
    with ScriptedServer(greeting="") as silent, watching(timeout=60) as (watch, _ear):
        watch.add(silent.account(), lambda: "secret", ["INBOX"])
        watch.stop(timeout=2)
        assert not watch.alive


def test_a_connection_that_comes_after_the_stop_is_closed() -> None:
    asked: Queue[None] = Queue()
    go_on: Queue[None] = Queue()
    closed: Queue[None] = Queue()

    class Late(Mailbox):
        def abandon(self) -> None:
            super().abandon()
            closed.put(None)

    def connect(account: Account, password: str, *, timeout: float) -> Mailbox:
        asked.put(None)
        go_on.get(timeout=PATIENCE)
        return Late.open(account, password, timeout=timeout)

    with ScriptedServer() as server, watching(connect=connect) as (watch, _ear):
        watch.add(server.account(), lambda: "secret", ["INBOX"])
        asked.get(timeout=PATIENCE)
        watch.stop()
        go_on.put(None)
        closed.get(timeout=PATIENCE)


def test_a_server_that_hangs_up_at_once_is_tried_again_with_growing_patience() -> None:
    with ScriptedServer(greeting=HANG_UP) as server, watching() as (watch, ear):
        watch.add(server.account(), lambda: "secret", ["INBOX"])
        _watching, error = ear.until_state(lambda _watching, error: error is not None)
        assert error is not None
        assert not error.permanent
