"""The tables of the settings file that stand for themselves: newsletters, public pages, the writer, documents, the digest, our products
and fairs. `inboxcrm.settings` puts them together with the others.
"""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Section(BaseModel):
    """One table of the file. Unknown keys are refused: a misspelt key must not pass for a setting."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
