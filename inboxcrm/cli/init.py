"""`inboxcrm init`: sets up one mailbox. It finds the servers, logs in, looks at the folders, and only then writes
anything.

Every question can be answered beforehand by an option, so that it also runs unattended.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from inboxcrm.cli.context import fail, home_of, make_home
from inboxcrm.i18n import _

if TYPE_CHECKING:
    from inboxcrm.mailbox.discover import Servers
    from inboxcrm.settings import Account

Security = Literal["tls", "starttls", "none"]

_FIRST = _("1. The mailbox")
_SERVERS = _("2. Its servers, where init doesn't find them")
_CHOICES = _("3. What to read, and where the password is kept")


def init_command(  # noqa: PLR0917  each is an option of its own
    ctx: typer.Context,
    address: Annotated[
        str, typer.Option(metavar="ADDRESS", help=_("Mail address of the mailbox."), rich_help_panel=_FIRST)
    ] = "",
    name: Annotated[
        str, typer.Option(help=_("Your name as it stands in the mails you send."), rich_help_panel=_FIRST)
    ] = "",
    password_env: Annotated[
        str,
        typer.Option(
            metavar="VARIABLE", help=_("Environment variable that holds the password."), rich_help_panel=_FIRST
        ),
    ] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help=_("Read the password from standard input."), rich_help_panel=_FIRST)
    ] = False,
    username: Annotated[
        str, typer.Option(help=_("Log-in name where it isn't the address."), rich_help_panel=_FIRST)
    ] = "",
    provider: Annotated[
        str, typer.Option(metavar="KEY", help=_("Provider by its key in providers.toml."), rich_help_panel=_SERVERS)
    ] = "",
    imap_host: Annotated[str, typer.Option(metavar="HOST", help=_("IMAP server."), rich_help_panel=_SERVERS)] = "",
    imap_port: Annotated[int, typer.Option(metavar="PORT", help=_("Its port."), rich_help_panel=_SERVERS)] = 0,
    imap_security: Annotated[
        Security | None,
        typer.Option(
            help=_("How that connection is protected; 'none' only on this machine."), rich_help_panel=_SERVERS
        ),
    ] = None,
    smtp_host: Annotated[str, typer.Option(metavar="HOST", help=_("SMTP server."), rich_help_panel=_SERVERS)] = "",
    smtp_port: Annotated[int, typer.Option(metavar="PORT", help=_("Its port."), rich_help_panel=_SERVERS)] = 0,
    smtp_security: Annotated[
        Security | None, typer.Option(help=_("How that connection is protected."), rich_help_panel=_SERVERS)
    ] = None,
    sent_folder: Annotated[
        str, typer.Option(metavar="NAME", help=_("Folder of sent mail."), rich_help_panel=_CHOICES)
    ] = "",
    folders: Annotated[
        list[str] | None,
        typer.Option(
            "--folders", metavar="NAME", help=_("Read this folder too; may be repeated."), rich_help_panel=_CHOICES
        ),
    ] = None,
    secret: Annotated[
        str,
        typer.Option(
            metavar="keyring|env:NAME|file",
            help=_("Where the password is kept: the keyring, an environment variable, or a file only you can read."),
            rich_help_panel=_CHOICES,
        ),
    ] = "",
    user: Annotated[
        str, typer.Option(metavar="NAME", help=_("First person who may log in to the pages."), rich_help_panel=_CHOICES)
    ] = "",
    user_password_env: Annotated[
        str,
        typer.Option(
            metavar="VARIABLE",
            help=_("Environment variable that holds that person's password."),
            rich_help_panel=_CHOICES,
        ),
    ] = "",
    check: Annotated[
        bool, typer.Option("--check/--no-check", help=_("Log in to the servers before anything is written."))
    ] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=_("Ask nothing; take the defaults."))] = False,
) -> None:
    """Sets up one mailbox.

    1. The address. 2. Its servers. 3. The password, and the log-in. 4. The folders. 5. The log-in for sending.
    6. Write: the password to its place, the settings, the database, the first user. 7. Say how to go on.
    """
    from inboxcrm.cli.questions import Questions  # noqa: PLC0415  `--help` needs none of these
    from inboxcrm.cli.setup import Setup, server_from  # noqa: PLC0415
    from inboxcrm.mailbox.providers import load as load_providers  # noqa: PLC0415
    from inboxcrm.settings import load  # noqa: PLC0415

    home = home_of(ctx)
    settings = load(home)
    setup = Setup(
        console=Console(highlight=False, markup=False),
        questions=Questions(attended=not yes and sys.stdin.isatty()),
        home=home,
        settings=settings,
        check=check,
    )
    address = (address or setup.questions.text("--address", _("Mail address"))).strip()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        fail(_("{address} is no mail address.").format(address=address))
    known = setup.known(address)
    if known is not None:
        account = known
        setup.console.print(
            _("{address} stands in the settings already; its password is renewed.").format(address=address)
        )
        provider_found = load_providers(home).of_account(known)
    else:
        found = setup.servers(
            address,
            provider,
            server_from(imap_host, imap_port, imap_security, {"tls": 993, "starttls": 143, "none": 143}),
            server_from(smtp_host, smtp_port, smtp_security, {"tls": 465, "starttls": 587, "none": 25}),
        )
        provider_found = found.provider
        account = _account(
            address, name=name, username=username, sent_folder=sent_folder, folders=folders or [], found=found
        )
    setup.advise(provider_found)

    for variable in (password_env, user_password_env):
        if variable and not os.environ.get(variable):
            fail(_("The environment variable {name} is not set.").format(name=variable))
    password = os.environ.get(password_env, "")
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    account, password = setup.logged_in(account, password, provider_found)
    setup.check_sending(account, password)

    account = account.model_copy(
        update={"secret": setup.place_of_secret(address, wanted=secret or account.secret, from_env=password_env)}
    )
    make_home(home)
    setup.write(account, password, is_new=known is None)
    first_user = setup.first_user(ctx, user, user_password_env, address)
    setup.farewell(account, first_user)


def _account(
    address: str, *, name: str, username: str, sent_folder: str, folders: list[str], found: Servers
) -> Account:
    from pydantic import ValidationError  # noqa: PLC0415

    from inboxcrm.settings import Account  # noqa: PLC0415

    login = username or found.username
    try:
        return Account(
            address=address,
            name=name,
            provider=found.provider.key if found.provider else "",
            username="" if login == address else login,
            imap=found.imap,
            smtp=found.smtp,
            sent_folder=sent_folder,
            folders=tuple(folders),
        )
    except ValidationError as error:
        fail("\n".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()))
