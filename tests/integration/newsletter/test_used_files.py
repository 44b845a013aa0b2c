"""Files of newsletters are removed when no newsletter needs them, on either database."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from inboxcrm.model import IssueState, Recipient, RecipientState
from inboxcrm.newsletter import files
from inboxcrm.newsletter.files import FileError
from inboxcrm.newsletter.press import Press
from inboxcrm.newsletter.used_files import remove
from inboxcrm.sections import Product
from tests.newsletters import BODY, NOW, account_in, issue_of, press_in

PICTURE = "valve.png"


def issue_in(session: Session, state: IssueState, **fields: Any) -> int:
    """An issue called Summer that shows no picture unless `fields` say so."""
    values: dict[str, Any] = {"variables": {}, **fields}
    issue = issue_of(id=None, state=state, account_id=account_in(session).id, created_at=NOW, **values)
    session.add(issue)
    session.flush()
    return issue.id


def is_there(press: Press) -> bool:
    return PICTURE in [one.name for one in files.all_of(press.settings.home)]


@pytest.mark.parametrize(
    "fields",
    [
        {"images": [PICTURE]},
        {"texts": {"en": BODY, "de": f"![Ventil]({PICTURE})"}},
        {"texts": {"en": f'<p><img src="{PICTURE}" alt="The valve"></p>'}, "written_in": "html"},
        {"variables": {"products": [{"name": "Valve", "picture": PICTURE}]}},
    ],
)
@pytest.mark.parametrize("state", [IssueState.DRAFT, IssueState.APPROVED, IssueState.SENDING, IssueState.PAUSED])
def test_what_an_issue_needs_stays_and_the_issue_is_named(
    session: Session, press: Press, state: IssueState, fields: dict[str, Any]
) -> None:
    issue_in(session, state, **fields)
    with pytest.raises(FileError, match="“Summer”"):
        remove(session, press, PICTURE)
    assert is_there(press)


def test_what_none_needs_is_removed(session: Session, press: Press) -> None:
    issue_in(session, IssueState.DRAFT, texts={"en": f"Look at my-{PICTURE}, ![it](other-{PICTURE})"})
    remove(session, press, PICTURE)
    assert not is_there(press)
    with pytest.raises(FileError, match="There is no document"):
        remove(session, press, PICTURE)


@pytest.mark.parametrize("state", [IssueState.DONE, IssueState.CANCELLED])
def test_an_issue_that_is_over_needs_no_file_once_its_mails_lie_in_sent(
    session: Session, press: Press, state: IssueState
) -> None:
    mail = Recipient(
        issue_id=issue_in(session, state, images=[PICTURE]),
        address="a@firm.example",
        written="a@firm.example",
        language="en",
        message_id="1@brightvalve.example",
        state=RecipientState.SENT,
        due_at=NOW,
        filed=False,
    )
    session.add(mail)
    session.flush()
    with pytest.raises(FileError, match="“Summer”"):
        remove(session, press, PICTURE)
    mail.filed = True
    session.flush()
    remove(session, press, PICTURE)
    assert not is_there(press)


def test_the_picture_of_a_product_stays(session: Session, press: Press) -> None:
    configured = press_in(press.settings.home, products=(Product(name="Ball valve", picture=PICTURE),))
    with pytest.raises(FileError, match="“Ball valve”"):
        remove(session, configured, PICTURE)
    (press.settings.home / "newsletter" / "products.csv").write_text(f"name,picture\nGate valve,{PICTURE}\n")
    with pytest.raises(FileError, match="“Gate valve”"):
        remove(session, press, PICTURE)
    with pytest.raises(FileError, match="list of new products"):
        remove(session, press, "products.csv")


@pytest.mark.parametrize("name", ["", "..", "../inboxcrm.db", "newsletter/valve.png", "none.png"])
def test_no_name_leads_out_of_the_folder(session: Session, press: Press, name: str) -> None:
    (press.settings.home / "inboxcrm.db").write_text("data")
    with pytest.raises(FileError):
        remove(session, press, name)
    assert (press.settings.home / "inboxcrm.db").exists()
