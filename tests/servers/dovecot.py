"""A real Dovecot for tests: started without root's help on free ports in a folder of its own, and broken on request.

It can deliver mails, be restarted, lose its UIDVALIDITY, offer TLS, hide capabilities and speak of its folders in any
language. It never touches a Dovecot that the machine runs otherwise.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from imapclient import IMAPClient
from imapclient.imap_utf7 import encode as modified_utf7

from inboxcrm.settings import Account, Server
from tests.servers.parts import program

PASSWORD = "geheim-密码-1"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder that every user has from the start. `role` is its SPECIAL-USE attribute without the backslash, "" for
    none.
    """

    name: str
    role: str = ""


USUAL = (Mailbox("Sent", "Sent"), Mailbox("Drafts", "Drafts"), Mailbox("Trash", "Trash"), Mailbox("Junk", "Junk"))


class Dovecot:
    """One server. Users are made by `add_user`, or by the first `deliver` or `settings_for`.

    `mailboxes`: the folders of each user besides INBOX. `special_use`: whether the server tells their roles.
    `capability`: the whole list of capabilities that it announces after the log-in, None for Dovecot's own; use it to
    hide IDLE or ID. `tls` adds an IMAPS port and STARTTLS with a certificate of its own (`ca_file`; point
    SSL_CERT_FILE to it).
    """

    def __init__(
        self,
        *,
        mailboxes: Sequence[Mailbox] = USUAL,
        special_use: bool = True,
        capability: str | None = None,
        tls: bool = False,
        settings: str = "",
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.host = "127.0.0.1"
        self.port = free_port()
        self.tls_port = free_port() if tls else 0
        self.ca_file = self.folder / "ca.pem"
        self._mailboxes = tuple(mailboxes)
        self._special_use = special_use
        self._capability = capability
        self._extra = settings
        self._passwords: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self._lock = threading.Lock()
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid())
        self._mail_user = pwd.getpwnam("mail") if root else me
        self._internal_user = "dovecot" if root else me.pw_name
        self._login_user = "dovenull" if root else me.pw_name
        if tls:
            make_certificates(self.folder)
        (self.folder / "dovecot.conf").write_text(self._configuration(), encoding="utf-8")

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> Dovecot:
        """Starts the server and waits until it answers."""
        log = (self.folder / "start.log").open("ab")
        self._process = subprocess.Popen(
            [str(program("dovecot", "dovecot-imapd")), "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        log.close()
        _wait_for(lambda: _greets(self.host, self.port), self._process, self.folder)
        return self

    def stop(self) -> None:
        """Stops the server and cuts every connection; its mails stay."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=15)
        # Processes that serve somebody would linger for some seconds more.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def restart(self) -> None:
        """Cuts every connection and starts again on the same port with the same mails."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stops the server and removes its mails."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Dovecot:
        return self.start()

    def __exit__(self, *_args: object) -> None:
        self.close()

    # --- people -------------------------------------------------------------------------------------------------------

    def add_user(self, user: str, password: str = PASSWORD) -> None:
        """Makes `user` (a mail address), or changes the password."""
        with self._lock:
            if self._passwords.get(user) == password:
                return
            self._passwords[user] = password
            self._write_password(user, password)
            maildir = self.maildir(user)
            for part in ("cur", "new", "tmp"):
                self._make_folder(maildir / part)

    def password_of(self, user: str) -> str:
        """The user's password."""
        return self._passwords[user]

    def settings_for(self, user: str, **changes: object) -> Account:
        """The settings of an account at this server; the password is in the environment under `secret_name(user)`."""
        if user not in self._passwords:
            self.add_user(user)
        name = secret_name(user)
        os.environ[name] = self._passwords[user]
        values: dict[str, object] = {
            "address": user,
            "secret": f"env:{name}",
            "imap": Server(host=self.host, port=self.port, security="none"),
        }
        return Account.model_validate({**values, **changes})

    def client(self, user: str) -> IMAPClient:
        """A logged-in client of one's own, for looking at and changing the mailbox as its owner would."""
        if user not in self._passwords:
            self.add_user(user)
        client = IMAPClient(self.host, self.port, ssl=False, timeout=20)
        client.normalise_times = False
        client.plain_login(user, self._passwords[user])
        return client

    # --- mails --------------------------------------------------------------------------------------------------------

    def maildir(self, user: str, folder: str = "INBOX") -> Path:
        """Where the mails of a folder lie (Maildir++)."""
        base = self.folder / "mail" / user / "Maildir"
        return (
            base if folder.upper() == "INBOX" else base / f".{modified_utf7(folder.replace('/', '.')).decode('ascii')}"
        )

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX", received_at: datetime | None = None) -> None:
        """Puts one mail into a folder as a delivery agent does: at once, unread. `received_at`: its INTERNALDATE
        (default: now).
        """
        if user not in self._passwords:
            self.add_user(user)
        target = self.maildir(user, folder)
        if not (target / "new").is_dir():
            self.make_folder(user, folder)
        when = (received_at or datetime.now(UTC)).timestamp()
        name = f"{int(when)}.M{next(self._numbers)}P{os.getpid()}.test,S={len(raw)}"
        temporary = target / "tmp" / name
        temporary.write_bytes(raw)
        os.chown(temporary, self._mail_user.pw_uid, self._mail_user.pw_gid)
        os.utime(temporary, (when, when))
        temporary.rename(target / "new" / name)

    def append(self, user: str, raw: bytes, folder: str = "INBOX", received_at: datetime | None = None) -> None:
        """Puts one mail into a folder through IMAP APPEND, as a mail program does."""
        with self.client(user) as client:
            client.append(folder, raw, (), received_at)

    def make_folder(self, user: str, folder: str) -> None:
        """Makes a folder where it is missing."""
        if folder.upper() != "INBOX" and not self.maildir(user, folder).is_dir():
            with self.client(user) as client:
                client.create_folder(folder)

    def expunge(self, user: str, uids: Sequence[int], folder: str = "INBOX") -> None:
        """Deletes mails for good, as another mail program of the person would."""
        with self.client(user) as client:
            client.select_folder(folder)
            client.delete_messages(list(uids), silent=True)
            client.uid_expunge(list(uids))

    def uids(self, user: str, folder: str = "INBOX") -> list[int]:
        """The UIDs that lie in a folder now."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            return sorted(client.search("ALL"))

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, frozenset[str]]:
        """The flags of every mail, by UID; without \\Recent, which belongs to the connection, not to the mail."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search("ALL") or [], ["FLAGS"])
            return {
                uid: frozenset(flag.decode() for flag in item[b"FLAGS"]) - {"\\Recent"} for uid, item in found.items()
            }

    def change_uidvalidity(self, user: str, folder: str = "INBOX") -> int:
        """Gives the folder a new UIDVALIDITY and new UIDs from 1, as after a restore; returns the new value.

        Connections that have the folder open see it after they open it again.
        """
        maildir = self.maildir(user, folder)
        with self.client(user) as client:
            old = client.folder_status(folder, ["UIDVALIDITY"])[b"UIDVALIDITY"]
        new = int(old) + 1
        uidlist = maildir / "dovecot-uidlist"
        uidlist.write_text(f"3 V{new} N1 G{os.urandom(16).hex()}\n", encoding="ascii")
        os.chown(uidlist, self._mail_user.pw_uid, self._mail_user.pw_gid)
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
        return new

    # --- inside -------------------------------------------------------------------------------------------------------

    def _make_folder(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        part = path
        while part != self.folder:
            os.chown(part, self._mail_user.pw_uid, self._mail_user.pw_gid)
            part = part.parent

    def _write_password(self, user: str, password: str) -> None:
        """One file a user: Dovecot looks at most once a second whether a file has changed, but finds a new one at once."""
        path = self.folder / "users" / user
        if path.exists():
            time.sleep(1.1)
        path.parent.mkdir(mode=0o755, exist_ok=True)
        path.write_text(f"{user}:{{PLAIN}}{password}::::::\n", encoding="utf-8")
        path.chmod(0o644)

    def _configuration(self) -> str:
        mailboxes = "".join(
            f'  mailbox "{box.name}" {{\n    auto = create\n'
            + (f"    special_use = \\{box.role}\n" if box.role and self._special_use else "")
            + "  }\n"
            for box in self._mailboxes
        )
        tls = self.tls_port != 0
        return f"""
protocols = imap
listen = {self.host}
base_dir = {self.folder}/run
state_dir = {self.folder}/state
log_path = {self.folder}/dovecot.log
instance_name = {self.folder.name}
default_internal_user = {self._internal_user}
default_login_user = {self._login_user}
default_internal_group = {self._internal_user}
ssl = {"yes" if tls else "no"}
{f"ssl_cert = <{self.folder}/server.pem" if tls else ""}
{f"ssl_key = <{self.folder}/server.key" if tls else ""}
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_cache_size = 0
mail_location = maildir:~/Maildir
mail_max_userip_connections = 1000
mailbox_idle_check_interval = 1 secs
maildir_very_dirty_syncs = no
first_valid_uid = 1
{f"imap_capability = {self._capability}" if self._capability else ""}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {self.folder}/users/%u
}}
userdb {{
  driver = static
  args = uid={self._mail_user.pw_uid} gid={self._mail_user.pw_gid} home={self.folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
{mailboxes}}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  client_limit = 1000
  inet_listener imap {{
    address = {self.host}
    port = {self.port}
  }}
  inet_listener imaps {{
    address = {self.host}
    port = {self.tls_port}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 1000
}}
{self._extra}
"""


def secret_name(user: str) -> str:
    """The environment variable in which the tests keep this user's password."""
    return "TEST_PASSWORD_" + "".join(letter if letter.isalnum() else "_" for letter in user).upper()


@contextmanager
def running(**options: object) -> Iterator[Dovecot]:
    """A Dovecot with the options of the class, for the length of a block; skips or fails the test where there is
    none.
    """
    program("dovecot", "dovecot-imapd")
    program("imap", "dovecot-imapd", Path("/usr/lib/dovecot"), Path("/usr/libexec/dovecot"))
    server = Dovecot(**options)  # type: ignore[arg-type]  # the options are those of the class
    try:
        yield server.start()
    finally:
        server.close()


def free_port() -> int:
    """A TCP port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _greets(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=5) as probe:
            return probe.recv(64).startswith(b"* OK")
    except OSError:
        return False


def _wait_for(ready: object, process: subprocess.Popen[bytes], folder: Path) -> None:
    assert callable(ready)
    deadline = time.monotonic() + 30
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            logs = "\n".join(path.read_text("utf-8", "replace") for path in sorted(folder.glob("*.log")))
            msg = f"Dovecot did not start:\n{logs}"
            raise RuntimeError(msg)
        time.sleep(0.02)


def make_certificates(folder: Path) -> None:
    """A throw-away certificate for "localhost" and 127.0.0.1 that vouches for itself."""
    run = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    subprocess.run(
        [
            *run,
            *("-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", str(folder / "server.key"), "-out", str(folder / "server.pem")),
        ],
        check=True,
        capture_output=True,
    )
    shutil.copy(folder / "server.pem", folder / "ca.pem")
    (folder / "server.key").chmod(0o600)
