"""The one folder in which everything of a demo lives: its mails, its settings, its database.

It refuses a folder that belongs to a real installation, and writes nowhere else.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from inboxcrm import settings
from inboxcrm.demo.cast import Cast
from inboxcrm.demo.customer_list import FILE_NAME as CUSTOMERS
from inboxcrm.demo.customer_list import customer_list
from inboxcrm.demo.newsletter import write_products
from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _, language
from inboxcrm.mailbox.secrets import store_password
from inboxcrm.newsletter.files import FOLDER
from inboxcrm.newsletter.occasions import PRODUCTS_FILE

PASSWORD = "demo"  # noqa: S105  of a mailbox that exists only while the demo runs, on this machine
USER = "Lina"
"""Who is logged in on the pages."""

_MARK = "demo.json"

_SETTINGS = """\
# The settings of a demo, written anew at each start. The mailbox is served by the demo itself, on this machine only.

[[accounts]]
address = "{address}"
name = "{name}"
aliases = [{aliases}]
secret = "file"
authserv_ids = ["mx.{domain}"]
saves_sent_mail = false

[accounts.imap]
host = "127.0.0.1"
port = {imap_port}
security = "none"

[accounts.smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "none"

[sending]
undo_seconds = 5
drafts_seconds = 3

[newsletter]
company = "{company}"
postal_address = "{postal_address}"
per_hour = 1200
per_domain_per_hour = 0

[web]
port = {web_port}

[person]
language = "{language}"
time_zone = "{zone}"
"""


class DemoHomeError(InboxcrmError):
    """The folder can't be used for a demo."""


@dataclass(frozen=True, slots=True)
class DemoHome:
    """The folder, and whether it is new: then it has to be filled."""

    folder: Path
    new: bool

    def finished(self, now: datetime) -> None:
        """Notes that the mailbox is filled, so that the next demo in this folder goes on with it."""
        (self.folder / _MARK).write_text(json.dumps({"made": now.isoformat()}) + "\n", encoding="utf-8")


def open_home(given: Path | None) -> DemoHome:
    """The folder `given`, or a fresh one among the temporary files.

    Raises DemoHomeError for a folder that holds anything but a demo, or that can't be made.
    """
    try:
        if given is None:
            return DemoHome(Path(tempfile.mkdtemp(prefix="inboxcrm-demo-")), new=True)
        folder = given.expanduser().absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (folder / _MARK).is_file():
            return DemoHome(folder, new=False)
        if any(folder.iterdir()):
            msg = _("The folder {folder} is not empty and not a demo's. Choose an empty or a new one with --home.")
            raise DemoHomeError(msg.format(folder=folder))
    except OSError as error:
        msg = _("The folder {folder} can't be used ({reason}). Choose another with --home.")
        raise DemoHomeError(msg.format(folder=given or tempfile.gettempdir(), reason=error.strerror)) from error
    return DemoHome(folder, new=True)


def write_settings(folder: Path, cast: Cast, *, imap_port: int, smtp_port: int, web_port: int) -> settings.Settings:
    """Writes inboxcrm.toml, the password's file and the customer list, and reads the settings back.

    Settings of a real installation in the environment are left out of account for this process and its children.
    """
    for name in [name for name in os.environ if name.startswith("INBOXCRM_")]:
        del os.environ[name]
    seller = cast.seller
    text = _SETTINGS.format(
        address=seller.person.address,
        name=seller.person.name,
        aliases=", ".join(f'"{alias}"' for alias in seller.aliases),
        domain=seller.domain,
        company=seller.company,
        postal_address=seller.address,
        imap_port=imap_port,
        smtp_port=smtp_port,
        web_port=web_port,
        language=language(),
        zone=_zone(seller.zone),
    )
    (folder / settings.FILE_NAME).write_text(text, encoding="utf-8")
    if not (folder / FOLDER / PRODUCTS_FILE).exists():
        write_products(folder, cast, datetime.now(UTC).date())
    (folder / CUSTOMERS).write_text(customer_list(cast, USER), encoding="utf-8")
    store_password(seller.person.address, PASSWORD, folder, "file")
    return settings.load(folder)


def _zone(fallback: str) -> str:
    """The time zone of whoever looks, so that clock times on the pages are theirs."""
    name = datetime.now(UTC).astimezone().tzinfo
    link = Path("/etc/localtime")
    if link.is_symlink() and "zoneinfo/" in (target := str(link.readlink())):
        return target.partition("zoneinfo/")[2]
    return "UTC" if str(name) == "UTC" else fallback
