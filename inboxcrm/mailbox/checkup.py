"""Looks whether an account can be read and sent from, step by step, and says for each step what to do when it fails.

It logs in like the service does, opens INBOX for reading only, and changes and sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from inboxcrm.i18n import _
from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.mailbox.errors import FolderUnclear, LoginRefused, MailboxError
from inboxcrm.mailbox.folders import ListedFolder, the_one
from inboxcrm.mailbox.network import place_of
from inboxcrm.mailbox.providers import Provider, Providers
from inboxcrm.mailbox.secrets import read_password
from inboxcrm.mailbox.submission import check_login
from inboxcrm.model import FolderRole
from inboxcrm.settings import Account

_CLOCK_MARGIN = timedelta(minutes=5)


class Outcome(StrEnum):
    """WARN: works, but a person should know. FAIL: doesn't work until a person does something."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, in words, and what to do where it isn't well. `account` is "" for all
    of them.
    """

    check: str
    outcome: Outcome
    words: str
    remedy: str = ""
    account: str = ""


def check_account(
    account: Account, home: Path, providers: Providers, *, now: datetime, timeout: float
) -> Iterator[Finding]:
    """The findings about one account, one by one as they come: password, IMAP log-in, features, folders, clock, SMTP.

    `timeout`: seconds of silence of a server that are borne.
    """
    for finding in _check(account, home, providers, now, timeout):
        yield Finding(finding.check, finding.outcome, finding.words, finding.remedy, account.address)


def _check(account: Account, home: Path, providers: Providers, now: datetime, timeout: float) -> Iterator[Finding]:
    provider = providers.of_account(account)
    try:
        password = read_password(account, home)
    except MailboxError as error:
        yield Finding(_("password"), Outcome.FAIL, str(error), _("Run 'inboxcrm init' again."))
        return
    yield Finding(_("password"), Outcome.OK, _("found ({where})").format(where=account.secret))
    try:
        with Mailbox.open(account, password, timeout=timeout) as mailbox:
            yield _logged_in(account, mailbox)
            yield _features(mailbox)
            folders = mailbox.folders(providers.folder_names)
            yield from _folders(account, folders)
            yield from _inbox(mailbox, now)
    except MailboxError as error:
        yield Finding("IMAP", Outcome.FAIL, str(error), _remedy(error, provider))
    if account.smtp is None:
        yield Finding("SMTP", Outcome.WARN, _("not set"), _("Reading works without it; sending will not."))
        return
    try:
        submission = check_login(account.smtp, account.login, password, timeout=timeout)
    except MailboxError as error:
        yield Finding("SMTP", Outcome.FAIL, str(error), _remedy(error, provider))
    else:
        extra = ", SMTPUTF8" if submission.takes_utf8_addresses else ""
        words = _("{server}: logged in, {protection}").format(
            server=place_of(account.smtp), protection=account.smtp.security + extra
        )
        yield Finding("SMTP", Outcome.OK, words)


def _logged_in(account: Account, mailbox: Mailbox) -> Finding:
    server = " ".join(mailbox.server[key] for key in ("name", "version") if mailbox.server.get(key))
    words = _("{server}: logged in, {protection}").format(
        server=place_of(account.imap), protection=account.imap.security + (f", {server}" if server else "")
    )
    local = account.imap.host in {"localhost", "127.0.0.1", "::1"}
    if account.imap.security == "none" and not local:
        return Finding(
            "IMAP", Outcome.WARN, words, _("The password crosses the network in the clear: set security to 'tls'.")
        )
    return Finding("IMAP", Outcome.OK, words)


def _features(mailbox: Mailbox) -> Finding:
    told = ", ".join(
        f"{name} {'✓' if name in mailbox.capabilities else '–'}"
        for name in ("IDLE", "ID", "CONDSTORE", "UIDPLUS", "SPECIAL-USE")
    )
    if not mailbox.pushes:
        remedy = _("The server can't push (IDLE); it is asked every minute instead. Nothing to do.")
        return Finding(_("features"), Outcome.WARN, told, remedy)
    return Finding(_("features"), Outcome.OK, told)


def _folders(account: Account, folders: list[ListedFolder]) -> Iterator[Finding]:
    names = {folder.name for folder in folders if folder.selectable}
    missing = [name for name in account.folders if name not in names]
    if missing:
        words = _("not on the server: {folders}").format(folders=", ".join(missing))
        yield Finding(_("folders"), Outcome.FAIL, words, _("Mend 'folders' in inboxcrm.toml."))
    try:
        sent = the_one(folders, FolderRole.SENT)
    except FolderUnclear as error:
        yield Finding(_("folders"), Outcome.FAIL, str(error), _("Set 'sent_folder' in inboxcrm.toml."))
        return
    if sent is None:
        words = _("no folder for sent mail was found among: {folders}").format(folders=", ".join(sorted(names)[:30]))
        yield Finding(_("folders"), Outcome.FAIL, words, _("Set 'sent_folder' in inboxcrm.toml."))
    elif not missing:
        words = ", ".join(["INBOX", _("{folder} (sent)").format(folder=sent.name), *account.folders])
        yield Finding(_("folders"), Outcome.OK, words)


def _inbox(mailbox: Mailbox, now: datetime) -> Iterator[Finding]:
    """INBOX can be opened; and the newest mail has not arrived in the future, which would mean that our clock is
    slow.
    """
    state = mailbox.examine("INBOX")
    uids = mailbox.uids(max(1, state.uid_next - 50))[-1:] if state.exists else []
    newest = max((head.received_at for head in mailbox.heads(uids)), default=None)
    words = _("{count} mails").format(count=state.exists)
    if newest is None:
        yield Finding("INBOX", Outcome.OK, words)
    elif newest > now + _CLOCK_MARGIN:
        words = _("the newest mail arrived at {time}, which is {minutes} minutes ahead of this clock").format(
            time=newest.isoformat(timespec="seconds"), minutes=round((newest - now).total_seconds() / 60)
        )
        remedy = _("Set this machine's clock ('timedatectl set-ntp true'), unless somebody put that mail there.")
        yield Finding("INBOX", Outcome.WARN, words, remedy)
    else:
        words += ", " + _("the newest of {time}").format(time=newest.isoformat(sep=" ", timespec="minutes"))
        yield Finding("INBOX", Outcome.OK, words)


def _remedy(error: MailboxError, provider: Provider | None) -> str:
    """What to do about an error that doesn't say so itself."""
    if isinstance(error, LoginRefused):
        if provider is not None and (provider.words or provider.app_password_url):
            return " ".join(filter(None, (provider.words, provider.app_password_url)))
        return _("Check the password, and whether the provider wants an app password; then run 'inboxcrm init' again.")
    if not error.permanent:
        return _("Try again in a few minutes; the service does so by itself.")
    return _("Check host, port and security in inboxcrm.toml.")
