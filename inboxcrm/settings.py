"""Typed settings: what a person may set, with type, default and help in one place.

They come from `inboxcrm.toml` in the home folder and from the environment (`INBOXCRM_WEB__PORT=8100`), the environment
winning. A wrong value is refused with the file, the line, the key and what was expected. Passwords are never here:
see `inboxcrm.mailbox.secrets`.
"""

from __future__ import annotations

import os
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from inboxcrm.errors import InboxcrmError
from inboxcrm.toml_lines import line_of

FILE_NAME = "inboxcrm.toml"

MailAddress = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^@\s]+@[^@\s]+$")]


class SettingsError(InboxcrmError):
    """A settings file or variable can't be used; the message names the place and what to do."""


class Section(BaseModel):
    """One table of the file. Unknown keys are refused: a misspelt key must not pass for a setting."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


class Newsletter(Section):
    """Newsletters: what stands in them, whom they spare, and how fast they go out. The limits are an account's, so that the mailbox
    survives; its follow-ups count too.
    """

    company: str = Field("", description="Your company's name as readers see it; empty: the account's name.")
    postal_address: str = Field(
        "", description="The company's postal address for the foot of each mail; many countries ask for it by law."
    )
    not_written_days: int = Field(
        14,
        ge=0,
        le=3650,
        description="Whom you wrote to personally within so many days is left out, unless an audience says otherwise.",
    )
    min_gap_days: int = Field(
        20,
        ge=0,
        le=3650,
        description="Who got an issue within so many days is left out, unless an audience says otherwise.",
    )
    kilobytes_of_files: int = Field(
        1500, ge=1, le=20_000, description="Size of all pictures and other files of one issue, at the most."
    )
    per_hour: int = Field(
        60,
        ge=0,
        description="Newsletter mails an account sends within an hour, at the most, evenly spread; 0: no limit.",
    )
    per_day: int = Field(
        300,
        ge=0,
        description="Mails an account has sent within 24 hours, follow-ups included, after which newsletters wait; 0: no limit.",
    )
    per_domain_per_hour: int = Field(
        20, ge=0, description="Newsletter mails that go to one domain within an hour, at the most; 0: no limit."
    )
    connections: int = Field(
        1,
        ge=1,
        le=16,
        description="Connections to the outgoing server at the same time; a crash leaves at most one mail of each unclear.",
    )
    file_in_sent: bool = Field(
        True, description="Whether newsletter mails are put into Sent where the server doesn't do it by itself."
    )


class Public(Section):
    """The small web server for readers of newsletters: leaving by a link, and counting clicks. It shows nothing else, and is off until
    it has a port.
    """

    host: str = Field("127.0.0.1", description="Address that the public pages listen on.")
    port: int = Field(0, ge=0, le=65535, description="TCP port of the public pages; 0: there are none.")
    base_url: str = Field(
        "",
        pattern=r"^(|https://[^\s?#]+)$",
        description="How the public pages are reached from outside, like https://news.example.com; empty: by mail only.",
    )


class Writer(Section):
    """A language model that may polish drafts. Off by default: the texts of drafts, and no other mail, then leave this machine."""

    enabled: bool = Field(False, description="Whether drafts are polished before you see them.")
    url: str = Field(
        "",
        pattern=r"^(|https://\S+|http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/\S*)?)$",
        description="Base address of an OpenAI-compatible service, like https://api.example.com/v1; http on this machine only.",
    )
    model: str = Field("", description="Name of the model, as the service calls it.")
    key_variable: str = Field(
        "INBOXCRM_WRITER_KEY", description="Environment variable that holds the service's key; without it none is sent."
    )
    timeout_seconds: int = Field(30, ge=1, le=300, description="How long an answer is waited for.")
    style: str = Field("", description="How you want to sound, in your own words, for the writer.")

    @model_validator(mode="after")
    def _complete(self) -> Writer:
        if self.enabled and not (self.url and self.model):
            msg = "a writer that is enabled needs url and model"
            raise ValueError(msg)
        return self


class Documents(Section):
    """Files that may go with mails: catalogue, certificates. They lie in the folder "documents" of the home."""

    megabytes_per_mail: float = Field(
        15,
        gt=0,
        le=100,
        description="Size of all documents of one mail, at the most; many servers refuse more than 20.",
    )


class Digest(Section):
    """A short mail to yourself each working morning: what waits for you. Off by default."""

    enabled: bool = Field(False, description="Whether the digest is sent.")
    hour: int = Field(8, ge=0, le=23, description="From which hour on, on your clock.")
    account: str = Field("", description="Address of the account that it is sent from and to; empty: the first.")


class Product(Section):
    """One product of ours, to be recognised in mails."""

    name: str = Field(min_length=1, description="The name under which it stands in the records.")
    also: tuple[str, ...] = Field((), description="Other ways to write it, in any language.")
    new_since: date | None = Field(None, description="The day from which newsletters tell of it as new.")
    text: str | dict[str, str] = Field(
        "", description='What newsletters say of it; in several languages: { en = "…", de = "…" }.'
    )
    picture: str = Field("", description="Its picture: a file in the folder “newsletter” of the home.")
    link: str = Field(
        "", pattern=r"^(|https?://\S+)$", description="The page where newsletters say that there is more."
    )


class TradeFair(Section):
    """A trade fair where we have a stand, for newsletters to tell of."""

    name: str = Field(min_length=1, description="Its name.")
    starts: date = Field(description="Its first day.")
    ends: date = Field(description="Its last day.")
    city: str = Field("", description="Where it is.")
    stand: str = Field("", description="Hall and stand.")
    link: str = Field("", pattern=r"^(|https?://\S+)$", description="Its page.")

    @model_validator(mode="after")
    def _in_order(self) -> TradeFair:
        if self.ends < self.starts:
            msg = "a fair ends on the day it starts, or later"
            raise ValueError(msg)
        return self


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
