"""The running service: mail is logged as it arrives, pushed or polled; lost servers, refused passwords and broken edits survived."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from inboxcrm import model
from inboxcrm.model import AccountState, TextState
from inboxcrm.model.database import looking, writing
from inboxcrm.service import daemon
from inboxcrm.service.events import Events, Topic
from inboxcrm.service.home import HomeInUseError, held
from inboxcrm.settings import Server, Settings, load
from tests.integration.service.installation import Installation, mail
from tests.servers.dovecot import Dovecot, running
from tests.servers.proxy import Proxy

PATIENCE = 30.0


def eventually(true: Callable[[], object]) -> None:
    """Waits until it is true; fails after half a minute."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


@contextmanager
def serving(settings: Settings) -> Iterator[Events]:
    """The service in a thread of this process, its pages on a free port, for tests run side by side; gives its news board."""
    settings = settings.model_copy(update={"web": settings.web.model_copy(update={"port": 0})})
    stop, ready = threading.Event(), threading.Event()
    boards: list[Events] = []
    failures: list[BaseException] = []

    def pages(_settings: Settings, _engine: object, events: Events) -> object:
        boards.append(events)
        return _nothing

    def run() -> None:
        try:
            daemon.run(settings, stop=stop, pages=pages, on_ready=lambda _address: ready.set())
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(PATIENCE)
    assert not failures, failures
    try:
        yield boards[0]
    finally:
        begun = time.monotonic()
        stop.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert time.monotonic() - begun < 10, "a clean stop takes at most ten seconds"


async def _nothing(_scope: object, _receive: object, _send: object) -> None:
    """Pages that nobody asks for."""


@pytest.fixture
def place(dovecot: Dovecot, user: str, tmp_path: Path) -> Installation:
    """An installation for the one account `user`, with pages on a free port."""
    return made(tmp_path, dovecot.settings_for(user))


def made(tmp_path: Path, *accounts: object, **sync: int) -> Installation:
    return Installation(
        tmp_path / "home",
        accounts,  # type: ignore[arg-type]
        changes={"web": {"port": 0}, "sync": {"readers": 1, "poll_seconds": 5, **sync}},
    )


def account_of(place: Installation) -> model.Account:
    with looking(place.engine) as session:
        return session.scalars(select(model.Account)).one()


def is_watched(place: Installation) -> bool:
    with looking(place.engine) as session:
        return bool(session.scalar(select(model.Account.watching)))


def test_mail_is_logged_as_it_arrives_in_every_watched_folder(place: Installation, dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, mail(1, "anna@ahlers.example", user))
    with serving(place.settings) as events, events.subscribe() as news:
        eventually(lambda: is_watched(place) and place.messages() == ["1@mails.example"])

        dovecot.deliver(user, mail(2, "bruno@bruno.example", user))
        dovecot.deliver(user, mail(3, user, "carla@carvalho.example"), "Sent")
        eventually(lambda: len(place.messages()) == 3)

        told = [event.data for event in news.waiting() if event.topic == Topic.MAIL]
    assert place.log() == {
        ("1@mails.example", "Ahlers"): 1,
        ("2@mails.example", "Bruno"): 1,
        ("3@mails.example", "Carvalho"): 1,
    }
    assert {event["folder"] for event in told} == {"INBOX", "Sent"}
    account = account_of(place)
    assert (account.state, account.error) == (AccountState.OK, "")
    assert account.last_mail_at is not None
    assert account.watching is False, "a stopped service watches nothing"


def test_new_mail_goes_before_history(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    for number in range(400):
        dovecot.deliver(user, mail(number, "anna@ahlers.example", user))
    place = made(tmp_path, dovecot.settings_for(user), batch=5)
    with serving(place.settings):
        eventually(lambda: len(place.messages()) > 10 and is_watched(place))
        dovecot.deliver(user, mail("new", "bruno@bruno.example", user))
        eventually(lambda: "new@mails.example" in place.messages())
        history = len(place.messages())
        eventually(lambda: len(place.messages()) == 401)

    assert history < 401
    assert sum(place.log().values()) == 401


def test_without_push_the_folders_are_polled(tmp_path: Path) -> None:
    with running(capability="IMAP4rev1 LITERAL+ SASL-IR LOGIN-REFERRALS ENABLE NAMESPACE") as server:
        user = "lina@brightvalve.example"
        place = made(tmp_path, server.settings_for(user))
        with serving(place.settings):
            eventually(lambda: account_of(place).passed_at)
            server.deliver(user, mail(1, "anna@ahlers.example", user))
            eventually(lambda: place.messages() == ["1@mails.example"])
            assert not is_watched(place)


def test_a_server_that_goes_away_and_comes_back_is_read_on(tmp_path: Path) -> None:
    with running() as server:
        user = "lina@brightvalve.example"
        place = made(tmp_path, server.settings_for(user))
        with serving(place.settings):
            eventually(lambda: is_watched(place))
            server.stop()
            server.deliver(user, mail(1, "anna@ahlers.example", user))
            eventually(lambda: account_of(place).state is AccountState.RETRYING)
            server.start()
            eventually(lambda: place.messages() == ["1@mails.example"])
            eventually(lambda: account_of(place).state is AccountState.OK)


def test_a_connection_that_is_cut_is_opened_again_at_once(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with Proxy(dovecot.host, dovecot.port) as proxy:
        server = Server(host=proxy.host, port=proxy.port, security="none")
        place = made(tmp_path, dovecot.settings_for(user, imap=server))
        with serving(place.settings):
            eventually(lambda: is_watched(place))
            proxy.cut()
            dovecot.deliver(user, mail(1, "anna@ahlers.example", user))
            eventually(lambda: place.messages() == ["1@mails.example"])
            eventually(lambda: is_watched(place))


def test_a_wrong_password_is_tried_once_until_a_person_asks(dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    with Proxy(dovecot.host, dovecot.port) as proxy:
        server = Server(host=proxy.host, port=proxy.port, security="none")
        account = dovecot.settings_for(user, imap=server)
        right = dovecot.password_of(user)
        dovecot.add_user(user, "changed meanwhile")
        place = made(tmp_path, account)
        with serving(place.settings) as events:
            eventually(lambda: account_of(place).state is AccountState.STOPPED)
            attempts = proxy.connections
            events.publish(Topic.WANTED)
            assert user in account_of(place).error
            time.sleep(6)  # longer than a poll takes to come round
            assert proxy.connections == attempts == 1

            dovecot.add_user(user, right)
            dovecot.deliver(user, mail(1, "anna@ahlers.example", user))
            events.publish(Topic.RETRY, {"account": user})
            eventually(lambda: place.messages() == ["1@mails.example"])


def test_a_password_that_changes_while_the_service_runs_is_not_tried_for_ever(
    dovecot: Dovecot, user: str, tmp_path: Path
) -> None:
    with Proxy(dovecot.host, dovecot.port) as proxy:
        server = Server(host=proxy.host, port=proxy.port, security="none")
        place = made(tmp_path, dovecot.settings_for(user, imap=server))
        with serving(place.settings):
            eventually(lambda: is_watched(place) and account_of(place).passed_at)
            before = proxy.connections
            dovecot.add_user(user, "changed meanwhile")
            proxy.cut()
            eventually(lambda: account_of(place).state is AccountState.STOPPED)
            time.sleep(6)  # longer than a poll takes to come round
            # Each of the two that had a connection may find out for itself, once.
            assert proxy.connections <= before + 3


def test_a_text_made_wanted_by_a_click_is_fetched(place: Installation, dovecot: Dovecot, user: str) -> None:
    dovecot.deliver(user, mail(1, "anna@ahlers.example", user, text="We need 12 valves."))
    with serving(place.settings) as events:
        eventually(lambda: account_of(place).passed_at)
        with writing(place.engine) as session:
            message = session.scalars(select(model.Message)).one()
            message.text_state, message.new_text = TextState.WANTED, ""
        events.publish(Topic.WANTED)

        def filled() -> bool:
            with looking(place.engine) as session:
                return session.scalars(select(model.Message)).one().new_text == "We need 12 valves."

        eventually(filled)


def test_edited_settings_come_into_force_and_broken_ones_do_not(
    place: Installation, dovecot: Dovecot, user: str
) -> None:
    colleague = user.replace("lina", "wang")
    dovecot.deliver(user, mail(1, "anna@ahlers.example", user))
    dovecot.deliver(colleague, mail(2, "anna@ahlers.example", colleague))
    place.write_settings()
    file = place.home / "inboxcrm.toml"
    file.write_text(file.read_text() + "[web]\nport = 0\n")
    with serving(load(place.home)) as events, events.subscribe() as news:
        eventually(lambda: place.messages() == ["1@mails.example"])

        good = file.read_text()
        file.write_text(good + "[sync]\nbatch = nonsense\n")

        def told() -> str:
            return next((str(event.data["error"]) for event in news.waiting() if event.topic == Topic.SETTINGS), "")

        words: list[str] = []
        eventually(lambda: words.append(told()) or words[-1])
        assert "inboxcrm.toml" in words[-1]
        dovecot.deliver(user, mail(3, "anna@ahlers.example", user))
        eventually(lambda: "3@mails.example" in place.messages())

        both = place.with_accounts(*place.accounts, dovecot.settings_for(colleague))
        both.write_settings()
        eventually(lambda: "2@mails.example" in place.messages())


def test_two_services_on_one_home_are_refused(place: Installation) -> None:
    with serving(place.settings), pytest.raises(HomeInUseError, match=str(place.home)), held(place.home):
        pass


def test_a_service_without_accounts_runs_and_stops(tmp_path: Path) -> None:
    place = made(tmp_path)
    with serving(place.settings):
        pass
