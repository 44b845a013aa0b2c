"""Mail providers: hosts, ports and quirks, from config/providers.toml (the person's own copy goes before the shipped
one).
"""

from __future__ import annotations

from collections.abc import Mapping

from inboxcrm.model import FolderRole


def folder_names() -> Mapping[FolderRole, tuple[str, ...]]:
    """The usual names of the Sent and Drafts folders in many languages."""
    return {
        FolderRole.SENT: ("Sent", "Sent Items", "Sent Messages", "已发送", "Gesendet"),
        FolderRole.DRAFTS: ("Drafts", "草稿箱"),
    }
