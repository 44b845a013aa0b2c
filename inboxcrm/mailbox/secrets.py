"""Passwords of mailboxes: in the system's keyring, in the environment, or in a file that only its owner can read;
never in the settings.

The setting `secret` of an account names the place: "keyring", "env:NAME" or "file". Nothing here ever logs or shows a
password.
"""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

from inboxcrm.i18n import _
from inboxcrm.mailbox.errors import SecretMissing
from inboxcrm.settings import Account

SERVICE = "inboxcrm"
"""The name under which the keyring lists our entries."""

FILE_NAME = "secrets.toml"


def keyring_usable() -> bool:
    """Whether this system has a keyring that really keeps something (a server without a desktop has none)."""
    import keyring  # noqa: PLC0415  it costs 50 ms and 4 MB, and most servers have none

    backend = keyring.get_keyring()
    members = getattr(backend, "backends", None)
    if members is not None:  # the chainer, which is only as good as what it chains
        return any(one.priority > 0 for one in members)
    module = type(backend).__module__
    return not module.endswith((".fail", ".null"))


def read_password(account: Account, home: Path) -> str:
    """The account's password from where its `secret` says. Raises SecretMissing, saying where it was looked for and
    what to do.
    """
    where = account.secret
    if where == "keyring":
        return _from_keyring(account.address)
    if where.startswith("env:"):
        return _from_environment(account.address, where.removeprefix("env:"))
    if where == "file":
        return _from_file(account.address, home / FILE_NAME)
    message = _(
        'The account {address} doesn\'t say where its password is: set \'secret\' to "keyring", "env:NAME" or "file", '
        "or run 'inboxcrm init' again."
    )
    raise SecretMissing(message.format(address=account.address))


def store_password(address: str, password: str, home: Path, where: str) -> str:
    """Keeps a password at `where` ("keyring", "file" or "env:NAME") and returns the value for the setting `secret`.

    "env:NAME" stores nothing: the person sets the variable. Raises SecretMissing when the place can't keep it.
    """
    if where == "keyring":
        _into_keyring(address, password)
    elif where == "file":
        _into_file(address, password, home / FILE_NAME)
    elif not where.startswith("env:"):
        message = _('A password can be kept in "keyring", "env:NAME" or "file", not in {where}.')
        raise SecretMissing(message.format(where=repr(where)))
    return where


def _into_keyring(address: str, password: str) -> None:
    import keyring.errors  # noqa: PLC0415  see keyring_usable

    try:
        keyring.set_password(SERVICE, address.lower(), password)
    except keyring.errors.KeyringError as error:
        message = _("The keyring can't keep the password ({reason}); choose the file or the environment.")
        raise SecretMissing(message.format(reason=str(error) or type(error).__name__)) from error


def _from_keyring(address: str) -> str:
    import keyring.errors  # noqa: PLC0415  see keyring_usable

    try:
        password = keyring.get_password(SERVICE, address.lower())
    except keyring.errors.KeyringError as error:
        message = _("The keyring can't be read ({reason}). Unlock it, or keep the password elsewhere: 'inboxcrm init'.")
        raise SecretMissing(message.format(reason=str(error) or type(error).__name__)) from error
    if not password:
        message = _("The keyring has no password for {address}. Run 'inboxcrm init' again to store it.")
        raise SecretMissing(message.format(address=address))
    return password


def _from_environment(address: str, name: str) -> str:
    password = os.environ.get(name, "")
    if not password:
        message = _("The password of {address} should be in the environment variable {name}, which is not set.")
        raise SecretMissing(message.format(address=address, name=name))
    return password


def _from_file(address: str, path: Path) -> str:
    password = _passwords(path).get(address.lower())
    if not password:
        message = _("{path} has no password for {address}. Run 'inboxcrm init' again to store it.")
        raise SecretMissing(message.format(path=path, address=address))
    return password


def _passwords(path: Path) -> dict[str, str]:
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            message = _("Others on this machine can read {path}, so it isn't used. Close it: chmod 600 {path}")
            raise SecretMissing(message.format(path=path))
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = _("The passwords in {path} can't be read: {reason}")
        raise SecretMissing(message.format(path=path, reason=error)) from error
    section = table.get("passwords")
    if not isinstance(section, dict):
        message = _('{path} should have a table [passwords] with lines "address" = "password".')
        raise SecretMissing(message.format(path=path))
    return {str(address).lower(): str(password) for address, password in section.items()}


def _into_file(address: str, password: str, path: Path) -> None:
    """Writes the file anew beside the old one and puts it in its place, never readable by others in between."""
    passwords = {**_passwords(path), address.lower(): password}
    lines = ["# Passwords of the mailboxes that inboxcrm reads. Keep this file to yourself (chmod 600).", "[passwords]"]
    lines += [f"{quoted(one)} = {quoted(secret)}" for one, secret in sorted(passwords.items())]
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write("\n".join(lines) + "\n")
    temporary.replace(path)


def quoted(text: str) -> str:
    """`text` as a TOML basic string."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    pieces = (
        escapes.get(one) or (one if one.isprintable() or ord(one) > 0x9F else f"\\u{ord(one):04x}") for one in text
    )
    return '"' + "".join(pieces) + '"'
