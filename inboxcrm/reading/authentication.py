"""stub"""

from __future__ import annotations

from collections.abc import Sequence

from inboxcrm.reading.headers import Header
from inboxcrm.reading.reading import Address


def sender_verified(header: Header, sender: Address, authserv_ids: Sequence[str] | None) -> bool | None:
    """By the provider's own Authentication-Results."""
    return None
