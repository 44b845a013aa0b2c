"""The steps of `inboxcrm init`: each shows what it found, asks what isn't clear, and guesses nothing."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from inboxcrm.cli.account_file import account_block, with_account, with_secret
from inboxcrm.cli.context import fail, open_database
from inboxcrm.cli.questions import Questions
from inboxcrm.i18n import _
from inboxcrm.mailbox.connection import Mailbox
from inboxcrm.mailbox.discover import Dns, Servers, Source, find_servers
from inboxcrm.mailbox.errors import FolderUnclear, LoginRefused, MailboxError
from inboxcrm.mailbox.folders import ListedFolder, the_one
from inboxcrm.mailbox.providers import Provider
from inboxcrm.mailbox.providers import load as load_providers
from inboxcrm.mailbox.secrets import keyring_usable, store_password
from inboxcrm.mailbox.submission import check_login
from inboxcrm.model import FolderRole
from inboxcrm.model.database import looking, writing
from inboxcrm.settings import FILE_NAME, Account, Server, Settings
from inboxcrm.web.users import anybody, create_user

TIMEOUT = 20.0
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Setup:
    """One run of init: who is asked, and what there was before."""

    console: Console
    questions: Questions
    home: Path
    settings: Settings
    check: bool

    def known(self, address: str) -> Account | None:
        """The account in the settings that has this address."""
        return next((one for one in self.settings.accounts if one.address.lower() == address.lower()), None)

    def servers(self, address: str, provider: str, imap: Server | None, smtp: Server | None) -> Servers:
        """Where to read and send: what the options say, else what is found, else what the person answers."""

        providers = load_providers(self.home)
        if provider and provider not in providers.by_key:
            fail(_("providers.toml has no provider {key}.").format(key=provider))
        chosen = providers.by_key.get(provider) or providers.of_domain(address.rpartition("@")[2])
        if imap is not None:
            username = chosen.username(address) if chosen else address
            return Servers(imap, smtp or (chosen.smtp if chosen else None), username, Source.DOMAIN, chosen)
        if provider and chosen is not None:
            found: Servers | None = Servers(
                chosen.imap, smtp or chosen.smtp, chosen.username(address), Source.DOMAIN, chosen
            )
        else:
            with self.console.status(_("Looking for the servers of {address} …").format(address=address)):
                found = find_servers(address, providers, Dns())
        if found is None:
            self.console.print(_("No servers were found for this address; ask your administrator for their names."))
            host = self.questions.text("--imap-host", _("IMAP server"))
            security = self.questions.one_of("--imap-security", _("Protection"), ["tls", "starttls", "none"], "tls")
            port = int(self.questions.text("--imap-port", _("Port"), "993" if security == "tls" else "143"))
            imap = Server.model_validate({"host": host, "port": port, "security": security})
            return Servers(imap, smtp, address, Source.GUESSED)
        self._show_servers(found)
        return found

    def _show_servers(self, found: Servers) -> None:

        sources = {
            Source.DOMAIN: _("known provider"),
            Source.EXCHANGER: _("hosted there, says the DNS (MX)"),
            Source.ANNOUNCED: _("announced in the DNS (SRV)"),
            Source.GUESSED: _("guessed, they answer"),
        }
        table = Table(show_header=False, box=None, pad_edge=False)
        if found.provider is not None:
            table.add_row(_("Provider"), f"{found.provider.name}  ({sources[found.source]})")
        table.add_row("IMAP", f"{found.imap.host}:{found.imap.port}  {found.imap.security}")
        table.add_row("SMTP", f"{found.smtp.host}:{found.smtp.port}  {found.smtp.security}" if found.smtp else "–")
        if found.provider is None:
            table.add_row(_("Source"), sources[found.source])
        self.console.print(table)

    def advise(self, provider: Provider | None) -> None:
        """What the person has to do at the provider first. Ends the command where no password will do."""
        if provider is None:
            return
        if provider.words:
            self.console.print(f"{provider.name}: {provider.words}", style="bold")
        if provider.app_password_url:
            self.console.print(_("Where: {url}").format(url=provider.app_password_url))
        if provider.auth == "oauth":
            fail(_("{name} can't be set up with a password.").format(name=provider.name))

    def logged_in(self, account: Account, password: str, provider: Provider | None) -> tuple[Account, str]:
        """The account with its folders settled, and the password that the server accepted."""

        given = bool(password)
        wants_code = provider is not None and provider.auth == "app_password"
        question = _("App password (authorization code)") if wants_code else _("Password")
        for tries_left in reversed(range(_TRIES)):
            password = password or self.questions.hidden("--password-env", question)
            if not self.check:
                return account, password
            try:
                with (
                    self.console.status(_("Logging in …")),
                    Mailbox.open(account, password, timeout=TIMEOUT) as mailbox,
                ):
                    listed = self._listed(mailbox, account)
            except LoginRefused as error:
                if given or not tries_left or not self.questions.attended:
                    raise
                self.console.print(str(error), style="red")
                password = ""
                continue
            self.console.print(_("✓ Logged in to {server}.").format(server=account.imap.host))
            return self._with_folders(account, listed), password
        raise AssertionError  # the loop returns or raises

    def _listed(self, mailbox: Mailbox, account: Account) -> list[tuple[ListedFolder, int]]:

        folders = mailbox.folders(load_providers(self.home).folder_names)
        return [(one, mailbox.status(one.name).exists if one.selectable else 0) for one in folders[:200]]

    def _with_folders(self, account: Account, listed: list[tuple[ListedFolder, int]]) -> Account:
        """Shows the folders and asks which is Sent where that isn't clear; nothing is guessed."""

        folders = [folder for folder, _mails in listed]
        names = [folder.name for folder in folders if folder.selectable]
        for name in account.folders:
            if name not in names:
                fail(_("There is no folder {name}; there are: {folders}.").format(name=name, folders=", ".join(names)))
        try:
            sent = the_one(folders, FolderRole.SENT)
            sent_name = sent.name if sent else ""
            candidates = [name for name in names if name.upper() != "INBOX"]
        except FolderUnclear as unclear:
            sent_name, candidates = "", list(unclear.candidates)
        if not sent_name and not account.sent_folder and candidates:
            question = _("Which of them holds the mail you sent?")
            chosen = self.questions.one_of("--sent-folder", question, candidates)
            account = account.model_copy(update={"sent_folder": chosen})
            sent_name = chosen
        table = Table(show_header=True, header_style="bold", box=None, pad_edge=False)
        table.add_column(_("Folder"))
        table.add_column(_("Mails"), justify="right")
        table.add_column(_("What inboxcrm does with it"))
        for folder, mails in listed:
            if folder.role is FolderRole.INBOX:
                use = _("reads it")
            elif folder.name in {sent_name, account.sent_folder}:
                use = _("reads it as sent mail")
            elif folder.name in account.folders:
                use = _("reads it too")
            else:
                use = "–"
            table.add_row(folder.name, str(mails) if folder.selectable else "", use)
        self.console.print(table)
        return account

    def check_sending(self, account: Account, password: str) -> None:
        """Tries the log-in for sending. That it fails is said, but stops nothing: reading doesn't need it."""

        if account.smtp is None or not self.check:
            return
        try:
            with self.console.status(_("Trying the log-in for sending …")):
                check_login(account.smtp, account.login, password, timeout=TIMEOUT)
        except MailboxError as error:
            self.console.print(f"! {error}", style="yellow")
            self.console.print(_("  Reading works without it; mend it before you send. 'inboxcrm doctor' checks it."))
        else:
            self.console.print(_("✓ Sending through {server} works.").format(server=account.smtp.host))

    def place_of_secret(self, address: str, *, wanted: str, from_env: str) -> str:
        """Where the password is kept: the keyring, else the environment it came from, else a file; and why."""

        explained = {
            "keyring": _("The password goes into the keyring of this system, encrypted with your log-in."),
            "env": _("The password stays in an environment variable; set it wherever inboxcrm runs."),
            "file": _("The password goes into {file}, which only you can read (mode 0600).").format(
                file=self.home / "secrets.toml"
            ),
        }
        if not wanted:
            default = "keyring" if keyring_usable() else "env" if from_env else "file"
            for place in explained.values():
                if self.questions.attended:
                    self.console.print(f"  {place}")
            question = _("Where shall the password be kept?")
            wanted = self.questions.one_of("--secret", question, list(explained), default)
        if wanted == "env":
            letters = "".join(one if one.isascii() and one.isalnum() else "_" for one in address)
            wanted = f"env:{from_env or f'MAIL_PASSWORD_{letters.upper()}'}"
        kind = wanted.partition(":")[0]
        if kind not in explained or wanted == "env:":
            fail(_("--secret takes keyring, env, env:NAME or file."))
        self.console.print(explained[kind])
        return wanted

    def write(self, account: Account, password: str, *, is_new: bool) -> None:
        """Keeps the password and writes the settings; the settings only when they read back well."""

        path = self.home / FILE_NAME
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        try:
            if is_new:
                text = with_account(text, account)
            else:
                numbers = [one.address.lower() for one in self.settings.accounts]
                text = with_secret(text, numbers.index(account.address.lower()), account.secret)
            Settings(**{**tomllib.loads(text), "home": self.home})
        except (tomllib.TOMLDecodeError, ValidationError, ValueError) as error:
            message = _("{path} can't be extended by a program ({reason}). Put this into it by hand:\n\n{block}")
            fail(message.format(path=path, reason=error, block=account_block(account)))
        store_password(account.address, password, self.home, account.secret)
        temporary = path.with_suffix(".new")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
        self.console.print(_("✓ Wrote {path}.").format(path=path))

    def first_user(self, ctx: typer.Context, name: str, password_env: str, address: str) -> str:
        """Makes the database, and in it the first person who may log in to the pages; "" when there is none yet."""

        engine = open_database(ctx)
        with looking(engine) as session:
            if anybody(session) and not name:
                return ""
        if not self.questions.attended and not (name and password_env):
            self.console.print(_("Nobody can log in to the pages yet: 'inboxcrm users add NAME' changes that."))
            return ""
        name = name or self.questions.text("--user", _("Your name for the pages"), address.partition("@")[0])
        password = os.environ.get(password_env, "") or self.questions.hidden(
            "--user-password-env", _("A password for the pages (not that of the mailbox)"), twice=True
        )
        with writing(engine) as session:
            user = create_user(session, name, password, datetime.now(UTC))
            self.console.print(_("✓ {name} can log in to the pages.").format(name=user.name))
            return user.name

    def farewell(self, account: Account, user: str) -> None:
        """The next commands."""
        if account.secret.startswith("env:"):
            message = _("Set {name} to the password before you start inboxcrm.")
            self.console.print(message.format(name=account.secret.removeprefix("env:")))
        self.console.print()
        self.console.print(_("Next:"))
        table = Table(show_header=False, box=None, pad_edge=False)
        table.add_column(style="bold")
        table.add_row("  inboxcrm customers import FILE", _("your customers, from CSV or Excel"))
        table.add_row("  inboxcrm run", _("watch the mailbox and open the pages"))
        table.add_row("  inboxcrm doctor", _("when something doesn't work"))
        self.console.print(table)
        web = self.settings.web
        self.console.print(f"  http://{web.host}:{web.port}" + (f"  ({user})" if user else ""))


def server_from(host: str, port: int, security: str | None, ports: dict[str, int]) -> Server | None:
    """The server that the options name, None when they name none."""
    if not host:
        return None
    by_port = {number: kind for kind, number in ports.items()}
    kind = security or by_port.get(port, "tls")
    return Server.model_validate({"host": host, "port": port or ports[kind], "security": kind})
