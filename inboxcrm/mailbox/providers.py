"""Mail providers: hosts, ports and quirks, from config/providers.toml. It only looks things up; it asks no server and
guesses nothing.

A person's own copy of the file goes before the shipped one, and a mistake in it is named with its line.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from inboxcrm.i18n import _, language
from inboxcrm.mailbox.errors import ProvidersInvalid
from inboxcrm.model import FolderRole
from inboxcrm.sections import Section
from inboxcrm.settings import Account, Server
from inboxcrm.shipped import find
from inboxcrm.toml_lines import line_of

FILE_NAME = "providers.toml"


class FolderNames(Section):
    """Usual names of special folders."""

    sent: tuple[str, ...]
    drafts: tuple[str, ...]


class Provider(Section):
    """One provider; the comment at the top of config/providers.toml explains every field."""

    key: str
    name: str = Field(min_length=1)
    domains: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()
    imap: Server
    smtp: Server
    auth: Literal["password", "app_password", "oauth"] = "password"
    app_password_url: str = ""
    login: Literal["address", "local"] = "address"
    saves_sent_mail: bool | None = None
    authserv_ids: tuple[str, ...] = ()
    max_connections: int = Field(5, ge=1)
    advice: Mapping[str, str] = Field(default_factory=dict)

    @property
    def words(self) -> str:
        """What a person has to do first, in the language of this context, else in English; "" for nothing."""
        return self.advice.get(language()) or self.advice.get("en", "")

    @property
    def watchable(self) -> int:
        """How many folders may be watched, each on a connection of its own, so that some connections are left for
        reading.
        """
        return max(1, self.max_connections - 2)

    def username(self, address: str) -> str:
        """The name to log in with."""
        return address.partition("@")[0] if self.login == "local" else address


class _File(Section):
    folder_names: FolderNames
    providers: Mapping[str, Provider]


class Providers:
    """The providers of one file."""

    def __init__(self, folder_names: FolderNames, providers: Iterable[Provider]) -> None:
        self.folder_names: Mapping[FolderRole, tuple[str, ...]] = {
            FolderRole.SENT: folder_names.sent,
            FolderRole.DRAFTS: folder_names.drafts,
        }
        self.by_key: Mapping[str, Provider] = {provider.key: provider for provider in providers}
        self._by_domain = {domain.lower(): provider for provider in self.by_key.values() for domain in provider.domains}

    def of_domain(self, domain: str) -> Provider | None:
        """The provider whose own domain this is. A whole name goes before a pattern."""
        wanted = domain.lower().rstrip(".")
        if wanted in self._by_domain:
            return self._by_domain[wanted]
        patterns = ((pattern, one) for pattern, one in self._by_domain.items() if "*" in pattern)
        return next((one for pattern, one in patterns if fnmatchcase(wanted, pattern)), None)

    def of_exchangers(self, hosts: Iterable[str]) -> Provider | None:
        """The provider that a domain with these mail exchangers (DNS MX, best first) is hosted by."""
        for host in hosts:
            name = f".{host.lower().rstrip('.')}"
            ends = ((end, one) for one in self.by_key.values() for end in one.mx if name.endswith(f".{end.lower()}"))
            # Of several ends the longest: pec.aruba.it is not aruba.it.
            best = max(ends, key=lambda pair: len(pair[0]), default=None)
            if best is not None:
                return best[1]
        return None

    def of_account(self, account: Account) -> Provider | None:
        """The provider that the settings name, else the one of the address's domain; None for others."""
        return self.by_key.get(account.provider) or self.of_domain(account.address.rpartition("@")[2])


def load(home: Path | None = None) -> Providers:
    """The providers from the person's own file in `home`/config, else the shipped one. Raises ProvidersInvalid."""
    path = find(home, "config", FILE_NAME)
    return _read(path, path.stat().st_mtime_ns)


@cache
def folder_names() -> Mapping[FolderRole, tuple[str, ...]]:
    """The shipped names of the Sent and Drafts folders in many languages."""
    return load().folder_names


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Providers:
    text = path.read_text(encoding="utf-8")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProvidersInvalid(f"{path}: {error}") from error
    tables = values.get("providers")
    if isinstance(tables, dict):
        values["providers"] = {
            key: {**table, "key": key} if isinstance(table, dict) else table for key, table in tables.items()
        }
    try:
        file = _File.model_validate(values)
    except ValidationError as error:
        raise ProvidersInvalid("\n".join(_explained(path, text, one) for one in error.errors())) from error
    return Providers(file.folder_names, file.providers.values())


def _explained(path: Path, text: str, problem: object) -> str:
    assert isinstance(problem, dict)  # noqa: S101  pydantic's ErrorDetails is a TypedDict
    place = tuple(problem["loc"])
    expected = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        expected = _("there is no such field; the comment at the top of the file lists them")
    line = line_of(text, place)
    where = _("{path}, line {line}").format(path=path, line=line) if line else str(path)
    return f"{where}: {'.'.join(map(str, place))}: {expected}"
