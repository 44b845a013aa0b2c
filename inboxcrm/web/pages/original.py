"""One mail as it came: its heads from the database, and its own HTML in a frame that can do nothing.

The frame has its own address and its own policy: no script, no form, a foreign origin, and images from elsewhere only
when a person asked for them, for this once.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup
from sqlalchemy import select

from inboxcrm.errors import InboxcrmError
from inboxcrm.i18n import _
from inboxcrm.model import Customer, LogEntry, Message, Standing
from inboxcrm.reading.display import safe_html
from inboxcrm.web.headers import FRAMING_POLICY, mail_policy
from inboxcrm.web.rendering import page
from inboxcrm.web.site import Looking, TheSite

router = APIRouter(include_in_schema=False)


@router.get("/messages/{message_id}")
def show_original(
    request: Request,
    session: Looking,
    message_id: int,
    images: Annotated[bool, Query()] = False,
    entry: Annotated[int | None, Query()] = None,
) -> Response:
    """Who wrote what to whom, the attachments, and the frame with the mail."""
    message = _known(session.get(Message, message_id))
    logs = session.execute(
        select(Customer.id, Customer.name, LogEntry.id.label("entry"))
        .join(LogEntry, LogEntry.customer_id == Customer.id)
        .where(LogEntry.message_id == message_id)
        .order_by(Customer.name)
    ).all()
    back = next((row for row in logs if row.entry == entry), logs[0] if logs else None)
    response = page(request, "original.html", message=message, logs=logs, back=back, images=images)
    response.headers["content-security-policy"] = FRAMING_POLICY
    return response


@router.get("/messages/{message_id}/body")
def show_body(
    request: Request, site: TheSite, session: Looking, message_id: int, images: Annotated[bool, Query()] = False
) -> Response:
    """The mail's HTML, made safe, for the frame; or in words why it can't be shown."""
    _known(session.get(Message, message_id))
    try:
        body = Markup(safe_html(site.originals.get(session, message_id), remote_images=images))  # noqa: S704  made safe
        problem = ""
    except InboxcrmError as error:
        body, problem = Markup(""), str(error)
    text = site.templates.get_template("original_body.html").render(body=body, problem=problem)
    return HTMLResponse(
        text,
        headers={"content-security-policy": mail_policy(remote_images=images), "x-frame-options": "SAMEORIGIN"},
    )


def _known(message: Message | None) -> Message:
    # Mail that a person ignored, and mail among ourselves, is nobody's to read here.
    if message is None or message.standing in {Standing.IGNORED, Standing.INTERNAL}:
        raise HTTPException(404, _("There is no such mail here."))
    return message
