"""Typed settings: what a person may set, with type, default and help in one place.

They come from `inboxcrm.toml` in the home folder and from the environment (`INBOXCRM_WEB__PORT=8100`), the environment
winning. A wrong value is refused with the file, the line, the key and what was expected. Passwords are never here:
see `inboxcrm.mailbox.secrets`.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from inboxcrm.errors import InboxcrmError
from inboxcrm.sections import Digest, Documents, Newsletter, Product, Public, Section, TradeFair, Writer
from inboxcrm.toml_lines import line_of

FILE_NAME = "inboxcrm.toml"

MailAddress = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^@\s]+@[^@\s]+$")]


class SettingsError(InboxcrmError):
    """A settings file or variable can't be used; the message names the place and what to do."""


class Server(Section):
    """One mail server."""

    host: str = Field(min_length=1, description="Host name of the server.")
    port: int = Field(ge=1, le=65535, description="TCP port.")
    security: Literal["tls", "starttls", "none"] = Field(
        "tls", description="How the connection is protected; 'none' is for servers on this machine only."
    )


class Privacy(Section):
    """What of a mailbox is none of the customer file's business. Excluded mail leaves no trace here at all."""

    exclude_folders: tuple[str, ...] = Field((), description="Folders that are never read.")
    exclude_senders: tuple[str, ...] = Field((), description="Addresses whose mail is never kept, in either direction.")
    exclude_domains: tuple[str, ...] = Field((), description="Domains whose mail is never kept, in either direction.")
    only_folder: str = Field("", description="Opt-in: log only what is filed in this folder or label; empty for off.")


class Account(Section):
    """One mailbox: how to reach it and which of its folders are read."""

    address: MailAddress = Field(description="The mail address; also names the account.")
    name: str = Field("", description="The person's name as it stands in sent mail.")
    aliases: tuple[MailAddress, ...] = Field((), description="Further addresses of the same person.")
    provider: str = Field("", description="Key of config/providers.toml, for hosts and quirks; empty for others.")
    username: str = Field("", description="Log-in name where it isn't the address.")
    auth: Literal["password"] = Field("password", description="How to log in; an app password counts as password.")
    secret: str = Field("", description="Where the password is: 'keyring', 'env:NAME' or 'file'.")
    imap: Server = Field(description="The server to read from.")
    smtp: Server | None = Field(None, description="The server to send through.")
    sent_folder: str = Field("", description="Name of the Sent folder; empty to find it.")
    drafts_folder: str = Field("", description="Name of the Drafts folder; empty to find it.")
    folders: tuple[str, ...] = Field((), description="Folders to read besides INBOX and Sent.")
    saves_sent_mail: bool | None = Field(None, description="Whether the server itself files what is sent; unset: ask.")
    signature: str = Field(
        "", description='What stands below every drafted mail; several lines between """. Empty: the name.'
    )
    authserv_ids: tuple[str, ...] = Field(
        (), description="Who may vouch for senders (RFC 8601); empty: the provider's."
    )
    privacy: Privacy = Privacy()

    @property
    def login(self) -> str:
        """The name to log in with."""
        return self.username or self.address

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """The address and its aliases, as written."""
        return (self.address, *self.aliases)


class Database(Section):
    """Where everything is kept."""

    url: str = Field("", description="SQLAlchemy URL; empty: SQLite file inboxcrm.db in the home folder.")


class Sync(Section):
    """How mailboxes are read."""

    batch: int = Field(200, ge=1, le=2000, description="Mails taken in one transaction.")
    poll_seconds: int = Field(60, ge=5, le=3600, description="How often folders without IDLE are asked for news.")
    idle_minutes: int = Field(9, ge=1, le=29, description="How long one IDLE lasts before it is begun anew (RFC 2177).")
    timeout_seconds: int = Field(30, ge=5, le=600, description="How long a server may stay silent inside one command.")
    readers: int = Field(
        0, ge=0, le=64, description="Processes that read mails; 0: one less than the machine has cores."
    )
    workers: int = Field(4, ge=1, le=64, description="Accounts that are synchronised at the same time.")


class Web(Section):
    """The pages."""

    host: str = Field(
        "127.0.0.1", description="Address to listen on; keep it local unless a TLS proxy stands before it."
    )
    port: int = Field(8025, ge=0, le=65535, description="TCP port; 0 takes a free one.")
    secure_cookies: bool = Field(False, description="Set when the pages are reached by https.")
    session_hours: int = Field(24 * 14, ge=1, description="How long a log-in lasts without use.")


class Person(Section):
    """The person whose mailbox it is."""

    language: Literal["en", "zh"] = Field("en", description="Language of notices and of the pages before the log-in.")
    time_zone: str = Field("Asia/Shanghai", description="IANA time zone of the person, for days and clock times.")

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415  read only when a zone is checked

        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            msg = f"{value!r} is not a time zone; write it like 'Asia/Shanghai'"
            raise ValueError(msg) from error
        return value


class Engagement(Section):
    """How engagement signals are taken."""

    threshold: float = Field(
        0.6, ge=0, le=1, description="A signal found with this confidence counts; a less sure one waits for a person."
    )


class Sending(Section):
    """How approved drafts go out, and how they lie in the Drafts folder of the mail program until then."""

    put_in_drafts: bool = Field(
        True,
        description="Whether drafts also lie in the Drafts folder of the mail program, to be edited or sent there.",
    )
    drafts_seconds: int = Field(
        15, ge=1, le=3600, description="How often that folder is looked into for what was done there."
    )
    undo_seconds: int = Field(
        60, ge=0, le=3600, description="How long an approved draft can still be taken back before it goes."
    )
    account_per_minute: int = Field(
        10, ge=1, le=1000, description="Mails an account sends within a minute, at the most."
    )
    domain_per_minute: int = Field(
        5, ge=1, le=1000, description="Mails that go to one domain within a minute, at the most."
    )
    daily_cap: int = Field(
        200, ge=1, le=100_000, description="Mails an account sends within 24 hours, at the most; the others wait."
    )
    attempts: int = Field(
        8, ge=1, le=100, description="How often a mail is tried that the server puts off, before a person is asked."
    )
    first_retry_seconds: int = Field(
        60, ge=1, le=86_400, description="Pause before the second attempt; it doubles with every further one."
    )
    longest_retry_seconds: int = Field(3600, ge=1, le=86_400, description="Where those pauses stop growing.")
    answer_seconds: int = Field(
        600,
        ge=1,
        le=3600,
        description="How long the server's answer to a whole mail is waited for (RFC 5321 4.5.3.2.6).",
    )
    settle_seconds: int = Field(
        60, ge=1, le=3600, description="How long a server may take to file in Sent by itself what went through it."
    )


class Settings(BaseSettings):
    """All settings. `home` is the one folder where everything of this installation lives."""

    model_config = SettingsConfigDict(
        env_prefix="INBOXCRM_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    home: Path
    accounts: tuple[Account, ...] = ()
    database: Database = Database()
    sync: Sync = Sync()
    web: Web = Web()
    person: Person = Person()
    engagement: Engagement = Engagement()
    sending: Sending = Sending()
    newsletter: Newsletter = Newsletter()
    public: Public = Public()
    writer: Writer = Writer()
    documents: Documents = Documents()
    digest: Digest = Digest()
    products: tuple[Product, ...] = ()
    fairs: tuple[TradeFair, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which comes in as initial values."""
        return _Environment(settings_cls), init_settings

    @model_validator(mode="after")
    def _accounts_differ(self) -> Settings:
        seen: set[str] = set()
        for account in self.accounts:
            if account.address.lower() in seen:
                msg = f"the account {account.address} stands twice; keep one of the two"
                raise ValueError(msg)
            seen.add(account.address.lower())
        return self

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database.url or f"sqlite:///{self.home / 'inboxcrm.db'}"

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """Every address of every account, as written: none of them is ever a customer."""
        return tuple(address for account in self.accounts for address in account.own_addresses)


class _Environment(EnvSettingsSource):
    """The environment, save INBOXCRM_HOME: it says where the home is when nobody else does (`home_folder`), nothing more."""

    def __call__(self) -> dict[str, Any]:
        values = super().__call__()
        values.pop("home", None)
        return values


def home_folder(given: Path | None = None) -> Path:
    """The home folder: `given`, else INBOXCRM_HOME, else ~/.inboxcrm. It need not exist yet."""
    if given is not None:
        return given.expanduser().absolute()
    if value := os.environ.get("INBOXCRM_HOME"):
        return Path(value).expanduser().absolute()
    return Path.home() / ".inboxcrm"


def load(home: Path) -> Settings:
    """The settings of this home folder; defaults where it has no file.

    Raises SettingsError naming file, line and key, or the environment variable, what was expected and what to do.
    """
    path = home / FILE_NAME
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{path}: {error}; mend that line, or ask 'inboxcrm doctor'"
        raise SettingsError(msg) from error
    try:
        return Settings(**{**values, "home": home})
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(path, text, problem) for problem in error.errors())) from error


def _explain(path: Path, text: str, problem: Any) -> str:
    key = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in problem["loc"]) or "the file"
    variable = "INBOXCRM_" + "__".join(str(part) for part in problem["loc"]).upper()
    expected = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        expected = "there is no such setting; look it up in config/inboxcrm.toml"
    if variable in os.environ:
        return f"environment variable {variable}: {expected} (it is {os.environ[variable]!r})"
    line = line_of(text, problem["loc"])
    place = f"{path}, line {line}" if line else str(path)
    return f"{place}: {key}: {expected}"
