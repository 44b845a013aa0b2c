"""The demo as people run it: its mail servers alone, and the whole of it as a process."""

from __future__ import annotations

import json
import re
import shutil
import smtplib
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from inboxcrm.demo.cast import cast
from inboxcrm.demo.letters import INBOX, SENT
from inboxcrm.demo.life import ASKS_FOR_SAMPLES
from inboxcrm.demo.mailbox import history
from inboxcrm.demo.servers import MailServers
from tests.servers.demo import RunningDemo

COMMAND = (sys.executable, "-m", "inboxcrm", "demo")
USER, PASSWORD = "lina@lanting-valve.example", "demo"
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def letters():
    return history(cast(), NOW).letters[:40]


@contextmanager
def logged_in(servers: MailServers) -> Iterator[IMAPClient]:
    client = IMAPClient("127.0.0.1", servers.imap_port, ssl=False)
    client.normalise_times = False
    client.login(USER, PASSWORD)
    try:
        yield client
    finally:
        client.shutdown()


def test_mails_are_served_as_they_were_delivered_with_their_times(tmp_path, letters):
    with MailServers(tmp_path, USER, PASSWORD) as servers:
        servers.deliver(letters)
        with logged_in(servers) as client:
            served = {}
            for folder in (INBOX, SENT):
                client.select_folder(folder, readonly=True)
                for mail in client.fetch(client.search(), ["BODY.PEEK[]", "INTERNALDATE"]).values():
                    served[mail[b"BODY[]"]] = mail[b"INTERNALDATE"].astimezone(UTC)
    assert served == {one.raw: one.at for one in letters}


def test_whoever_waits_is_told_of_a_new_mail(tmp_path, letters):
    with MailServers(tmp_path, USER, PASSWORD) as servers, logged_in(servers) as client:
        client.select_folder("INBOX", readonly=True)
        client.idle()
        incoming = next(one for one in letters if one.folder == INBOX)
        threading.Thread(target=servers.deliver, args=([incoming],)).start()
        assert (1, b"EXISTS") in client.idle_check(timeout=60)


def test_a_restart_changes_neither_uids_nor_uidvalidity(tmp_path, letters):
    seen = []
    for _ in range(2):
        with MailServers(tmp_path, USER, PASSWORD) as servers:
            if not seen:
                servers.deliver(letters)
            with logged_in(servers) as client:
                state = client.select_folder("INBOX", readonly=True)
                mails = client.fetch(client.search(), ["BODY.PEEK[]", "INTERNALDATE"])
                seen.append(
                    (state[b"UIDVALIDITY"], {uid: (m[b"BODY[]"], m[b"INTERNALDATE"]) for uid, m in mails.items()})
                )
    assert seen[0] == seen[1]


def test_a_wrong_password_is_refused(tmp_path):
    with MailServers(tmp_path, USER, PASSWORD) as servers:
        with pytest.raises(LoginError), closing(socket.socket()):
            IMAPClient("127.0.0.1", servers.imap_port, ssl=False).login(USER, "wrong")
        with smtplib.SMTP("127.0.0.1", servers.smtp_port) as smtp, pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login(USER, "wrong")


def test_what_is_sent_stays_in_the_folder(tmp_path):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = USER, "somebody@customer.example", "Hello"
    mail.set_content("To nowhere.")
    with MailServers(tmp_path, USER, PASSWORD) as servers, smtplib.SMTP("127.0.0.1", servers.smtp_port) as smtp:
        smtp.login(USER, PASSWORD)
        smtp.send_message(mail)
    (kept,) = tmp_path.rglob("*.eml")
    assert "To nowhere." in kept.read_text(encoding="utf-8")


@pytest.fixture
def demo(tmp_path):
    started: list[RunningDemo] = []

    def start(*options: str) -> RunningDemo:
        home = tmp_path / "home of the person"
        home.mkdir(exist_ok=True)
        command = [*COMMAND, "--home", str(tmp_path / "demo"), *options]
        started.append(RunningDemo(command, home=home))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture(scope="module")
def read_once(tmp_path_factory) -> Path:
    """The folder of a demo that was begun, read its mailbox and ended; not to be changed."""
    home = tmp_path_factory.mktemp("once")
    running = RunningDemo([*COMMAND, "--home", str(home / "demo"), "--once", "--no-browser"], home=home)
    try:
        running.until("The communication log wrote itself")
        assert running.process.wait(120) == 0
    finally:
        running.end()
    return home / "demo"


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{folder / 'inboxcrm.db'}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()


@pytest.mark.xdist_group("demo")
def test_the_demo_shows_the_log_goes_on_living_and_stops_cleanly(tmp_path, demo):
    running = demo("--pace", "0.2", "--no-browser")
    address = running.until(r"http://127\.0\.0\.1:\d+/")[0]
    running.until("The communication log wrote itself")
    with urlopen(address) as page:  # noqa: S310  our own page
        assert "Lina" in page.read().decode()
    for _ in range(3):
        running.until(r"^\d\d:\d\d:\d\d [←→] ")
    assert running.stop() == 0
    assert "Traceback" not in running.said
    assert list((tmp_path / "home of the person").iterdir()) == []


@pytest.mark.xdist_group("demo")
def test_a_request_for_samples_lifts_a_customer_from_c_to_b_before_ones_eyes(tmp_path, demo):
    star = cast().company(ASKS_FOR_SAMPLES).english
    running = demo("--pace", "0.5", "--no-browser")
    running.until(f"Open {re.escape(star)}, grade C")
    running.until(rf"★ {re.escape(star)} C → B Asked for samples on [^“]+ “.+”")
    changes = rows(
        tmp_path / "demo",
        "SELECT c.name, g.from_grade, g.to_grade, g.changed_by FROM grade_change g JOIN customer c ON c.id = g.customer_id",
    )
    assert (star, "C", "B", "rules") in changes
    assert running.stop() == 0


@pytest.mark.xdist_group("demo")
def test_every_mail_with_a_listed_customer_stands_in_that_customers_log_once(read_once):
    logged = rows(
        read_once,
        "SELECT m.message_id, c.name FROM log_entry e JOIN message m ON m.id = e.message_id "
        "JOIN customer c ON c.id = e.customer_id",
    )
    assert len(logged) == len(set(logged))
    domains = {
        person.domain: one.english
        for one in cast().companies
        if one.listed
        for person in one.people
        if person.domain == one.domain and "correolibre" not in one.domain
    }
    parties = rows(
        read_once,
        "SELECT DISTINCT m.message_id, p.domain FROM message m JOIN party p ON p.message_id = m.id "
        "WHERE p.role IN ('from', 'to', 'cc')",
    )
    expected = {(message_id, domains[domain]) for message_id, domain in parties if domain in domains}
    assert expected <= set(logged)
    unlisted = {one.domain for one in cast().companies if not one.listed}
    assert not [
        row
        for row in rows(
            read_once,
            "SELECT p.domain FROM log_entry e JOIN party p ON p.message_id = e.message_id WHERE p.role = 'from'",
        )
        if row[0] in unlisted
    ]


@pytest.mark.xdist_group("demo")
def test_a_demo_that_is_gone_on_with_doubles_nothing(tmp_path, demo, read_once):
    folder = tmp_path / "demo"
    shutil.copytree(read_once, folder)
    before = rows(folder, "SELECT count(*) FROM log_entry")
    again = demo("--once", "--no-browser")
    again.until("Going on")
    again.until("The communication log wrote itself")
    assert again.process.wait(120) == 0
    assert rows(folder, "SELECT count(*) FROM log_entry") == before
    assert rows(folder, "SELECT count(*), count(DISTINCT message_id) FROM location")[0][0] > 600


@pytest.mark.xdist_group("demo")
def test_a_taken_port_is_told_in_words(tmp_path, demo):
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        running = demo("--port", str(port), "--no-browser")
        assert running.process.wait(120) == 1
    said = running.rest()
    assert str(port) in said
    assert "Traceback" not in said


@pytest.mark.xdist_group("demo")
def test_an_approved_follow_up_goes_out_and_the_customer_answers(tmp_path, demo):
    running = demo("--pace", "30", "--no-browser")
    address = running.until(r"http://127\.0\.0\.1:\d+/")[0]
    running.until("The communication log wrote itself")
    program = Program(address)
    draft = program.eventually(lambda: program.get("drafts")["drafts"])[0]
    program.post(f"drafts/{draft['id']}/approve")
    program.eventually(lambda: program.get(f"drafts/{draft['id']}")["state"] == "sent")
    log = f"customers/{draft['customer']['id']}/log?limit=2"
    program.eventually(
        lambda: (
            [(one["direction"], one["subject"]) for one in program.get(log)["entries"]]
            == [("in", draft["subject"]), ("out", draft["subject"])]
        )
    )
    assert running.stop() == 0


class Program:
    """A program that uses the API of the demo, where one is logged in without being asked."""

    def __init__(self, address: str) -> None:
        self._api = f"{address}api/v1/"
        self._opener = build_opener(HTTPCookieProcessor())
        self._token = self.get("session")["csrf_token"]

    def get(self, path: str) -> Any:
        with self._opener.open(self._api + path) as answer:
            return json.load(answer)

    def post(self, path: str) -> Any:
        headers = {"X-CSRF-Token": self._token, "Content-Type": "application/json"}
        with self._opener.open(Request(self._api + path, b"{}", headers)) as answer:  # noqa: S310  our own page
            return json.load(answer)

    def eventually(self, true: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 90
        while not (found := true()):
            assert time.monotonic() < deadline, "it never came true"
            time.sleep(0.3)
        return found
