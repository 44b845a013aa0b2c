"""What tests of newsletters share: a home with a picture, a press, customers in the database, issues with texts."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from inboxcrm.followup.calendar import Calendar
from inboxcrm.followup.places import Place
from inboxcrm.model import Account, Contact, ContactAddress, Customer, Grade, Issue, IssueText
from inboxcrm.newsletter.audience import Audience
from inboxcrm.newsletter.layouts import Layouts
from inboxcrm.newsletter.leaving import Signing
from inboxcrm.newsletter.press import Press
from inboxcrm.reading.addresses import normal
from inboxcrm.settings import Account as AccountSettings
from inboxcrm.settings import Newsletter, Public, Server, Settings

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
"""A Monday."""
LINA = "lina@brightvalve.example"
KEY = b"k" * 32
BODY = """\
{{ salutation }}

three **new** valves have left our test bench{% if customer.products %}, one of them close to your {{ customer.products }}{% endif %}.

{{ products }}

- more at https://brightvalve.example/new?a=1&b=2
- [write to me](mailto:lina@brightvalve.example "button")

{{ closing }}
"""
PRODUCTS = [
    {
        "name": {"en": "Ball valve DN25", "de": "Kugelhahn DN25"},
        "text": {"en": "316L & tested {{ at }} 64 bar", "de": "aus 316L"},
        "picture": "valve.png",
        "link": "https://brightvalve.example/dn25",
    },
    {"name": "Gate valve", "text": "", "picture": "", "link": ""},
]


def png(width: int = 4, height: int = 3) -> bytes:
    """A small picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x1e\x78\xa0" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def home_in(folder: Path) -> Path:
    """A home folder with a picture for newsletters."""
    (folder / "newsletter").mkdir(parents=True, exist_ok=True)
    (folder / "newsletter" / "valve.png").write_bytes(png())
    return folder


def settings_in(home: Path, *, base_url: str = "https://news.brightvalve.example", **more: Any) -> Settings:
    """Lina's settings."""
    account = AccountSettings(
        address=LINA,
        name="Lina Chen",
        signature="Lina Chen\nBright Valve Co., Ltd.",
        imap=Server(host="imap.brightvalve.example", port=993),
        smtp=Server(host="smtp.brightvalve.example", port=465),
    )
    newsletter = Newsletter(company="Bright Valve Co., Ltd.", postal_address="8 Yongjiang Road, Ningbo 315000, China")
    return Settings(
        **{
            "home": home,
            "accounts": (account,),
            "newsletter": newsletter,
            "public": Public(base_url=base_url),
            **more,
        }
    )


def press_in(home: Path, **settings: Any) -> Press:
    """What issues are made with: ids in a row, the calendar of Ningbo."""
    counted = iter(range(1, 10_000_000))
    return Press(
        settings_in(home_in(home), **settings),
        Layouts(home),
        Signing(KEY),
        Calendar(Place(ZoneInfo("Asia/Shanghai"), "CN")),
        lambda domain: f"{next(counted)}.issue@{domain}",
    )


def issue_of(
    texts: Mapping[str, str] | None = None,
    *,
    subjects: Sequence[str] = ("News for {{ customer.name }}",),
    written_in: str = "markdown",
    **fields: Any,
) -> Issue:
    """An issue, not in any database: by default the product news in English."""
    values: dict[str, Any] = {
        "id": 7,
        "name": "Summer",
        "account_id": 1,
        "layout": "products",
        "fallback_language": "en",
        "images": [],
        "variables": {"products": PRODUCTS},
        "audience": Audience().packed(),
        "count_clicks": False,
        "test_share": 0,
        "test_hours": 48,
        "working_hours": True,
    }
    issue = Issue(**{**values, **fields})
    issue.texts = [
        IssueText(language=language, subjects=list(subjects), format=written_in, body=body)
        for language, body in (texts or {"en": BODY}).items()
    ]
    return issue


def account_in(session: Session) -> Account:
    """Lina's account."""
    account = Account(address=LINA)
    session.add(account)
    session.flush()
    return account


def customer_in(
    session: Session,
    name: str,
    *addresses: str,
    grade: Grade = Grade.C,
    person: str = "",
    language: str = "",
    **fields: Any,
) -> Contact:
    """A customer with one contact who has these addresses; returns the contact."""
    customer = Customer(name=name, grade=grade, created_at=NOW, **fields)
    session.add(customer)
    session.flush()
    contact = Contact(customer_id=customer.id, name=person, language=language, created_at=NOW)
    contact.addresses = [ContactAddress(address=normal(one), written=one) for one in addresses]
    session.add(contact)
    session.flush()
    return contact
