"""stub"""

from __future__ import annotations

from datetime import date, datetime

from inboxcrm.reading.headers import Header
from inboxcrm.reading.mime import Part
from inboxcrm.reading.reading import Automatic


def by_header(header: Header, subject: str) -> Automatic | None:
    if header.token("auto-submitted") not in ("", "no"):
        return Automatic.AUTO_REPLY
    if "list-id" in header or "list-post" in header or header.token("precedence") in ("bulk", "list", "junk"):
        return Automatic.LIST
    return None


def by_text(header: Header, text: str) -> Automatic | None:
    return None


def back_on(subject: str, text: str, written: datetime | None) -> date | None:
    return None


def is_complaint(root: Part) -> bool:
    return root.type == "multipart/report" and any(child.type == "message/feedback-report" for child in root.children)


def is_invitation(parts: list[Part]) -> bool:
    return any(part.method in ("REQUEST", "REPLY", "CANCEL", "COUNTER") for part in parts)
