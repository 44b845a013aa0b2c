"""Which newsletters need a file of their folder, and the removal of a file that none needs any more.

No issue is changed by it: whoever removes a picture takes it out of the text first.
"""

from __future__ import annotations

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, selectinload

from inboxcrm.followup.library import Document
from inboxcrm.i18n import _
from inboxcrm.model import Issue, IssueState, Recipient, RecipientState
from inboxcrm.newsletter import files, markup
from inboxcrm.newsletter.files import FileError
from inboxcrm.newsletter.occasions import PRODUCTS_FILE, all_products
from inboxcrm.newsletter.press import Press

_OVER = (IssueState.DONE, IssueState.CANCELLED)


def issues_with(session: Session, name: str) -> list[Issue]:
    """The issues that aren't over and carry the file: attached, shown in a text, or as a product's picture. An issue is over when none
    of its mails is to be made once more, for the server or for Sent.
    """
    to_be_made = exists().where(
        Recipient.issue_id == Issue.id,
        or_(
            Recipient.state.in_((RecipientState.SENDING, RecipientState.UNKNOWN)),
            and_(Recipient.state == RecipientState.SENT, ~Recipient.filed),
        ),
    )
    found = session.scalars(
        select(Issue)
        .where(or_(Issue.state.not_in(_OVER), to_be_made))
        .options(selectinload(Issue.texts))
        .order_by(Issue.id)
    )
    return [one for one in found if _carries(one, name)]


def check(session: Session, press: Press, name: str) -> Document:
    """The file, when it may be removed. Raises FileError, which says who needs it, and ProductsFileError."""
    found = files.find(press.settings.home, name)
    if name == PRODUCTS_FILE:
        raise FileError(_("{name} is the list of new products; edit it, or delete it in its folder.").format(name=name))
    for issue in issues_with(session, name):
        what = _("{name} goes with “{issue}”, which isn't over: take it out there first.")
        raise FileError(what.format(name=name, issue=issue.name))
    for product in all_products(press.settings.products, press.settings.home):
        if product.picture == name:
            what = _("{name} is the picture of “{product}” in the list of your products: take it out there first.")
            raise FileError(what.format(name=name, product=next(iter(product.name.values()))))
    return found


def remove(session: Session, press: Press, name: str) -> None:
    """Deletes a file that no newsletter needs. Raises what `check` raises."""
    found = check(session, press, name)
    try:
        found.path.unlink()
    except OSError as error:
        raise FileError(_("{name} can't be removed: {reason}").format(name=name, reason=error.strerror)) from error


def _carries(issue: Issue, name: str) -> bool:
    products = issue.variables.get("products", [])
    if name in issue.images or any(isinstance(one, dict) and one.get("picture") == name for one in products):
        return True
    return any(
        picture.src == name
        for text in issue.texts
        for picture in markup.safe(markup.to_html(text.body, text.format), str).pictures
    )
