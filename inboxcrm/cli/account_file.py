"""Writes an account into the text of inboxcrm.toml and leaves everything else in it as it stands, comments included.
Pure.
"""

from __future__ import annotations

import re

from inboxcrm.i18n import _
from inboxcrm.mailbox.secrets import quoted
from inboxcrm.settings import Account, Server


def account_block(account: Account) -> str:
    """The [[accounts]] table of an account: what differs from the defaults."""
    lines = ["[[accounts]]", f"address = {quoted(account.address)}"]
    for key in ("name", "provider", "username", "secret", "sent_folder"):
        if value := getattr(account, key):
            lines.append(f"{key} = {quoted(value)}")
    if account.folders:
        lines.append(f"folders = [{', '.join(quoted(name) for name in account.folders)}]")
    lines += _server("imap", account.imap)
    if account.smtp is not None:
        lines += _server("smtp", account.smtp)
    return "\n".join(lines) + "\n"


def with_account(text: str, account: Account) -> str:
    """The file's `text` with this account at its end; a new file begins with a line on what it is."""
    if not text.strip():
        text = "# " + _("Settings of inboxcrm; config/inboxcrm.toml of the project shows all there are.") + "\n"
    return text.rstrip("\n") + "\n\n" + account_block(account)


def with_secret(text: str, number: int, secret: str) -> str:
    """The file's `text` with another `secret` in the account `number` (from 0), nothing else changed.

    Raises ValueError when the file has no such table (accounts written as inline tables can't be edited).
    """
    lines = text.split("\n")
    headers = [at for at, line in enumerate(lines) if re.match(r"\s*\[\[\s*accounts\s*\]\]", line)]
    if number >= len(headers):
        msg = f"there is no table [[accounts]] number {number + 1}"
        raise ValueError(msg)
    start = headers[number]
    end = next((at for at in range(start + 1, len(lines)) if re.match(r"\s*\[", lines[at])), len(lines))
    setting = f"secret = {quoted(secret)}"
    for at in range(start + 1, end):
        if re.match(r"\s*secret\s*=", lines[at]):
            lines[at] = setting
            return "\n".join(lines)
    lines.insert(start + 1, setting)
    return "\n".join(lines)


def _server(name: str, server: Server) -> list[str]:
    return [
        f"{name} = {{ host = {quoted(server.host)}, port = {server.port}, security = {quoted(server.security)} }}",
    ]
