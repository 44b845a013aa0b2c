"""Alembic's entry: runs the migrations on the connection that `inboxcrm.model.database.upgrade` hands in."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Enum

from inboxcrm.model.base import Base, UtcDateTime


def _render(kind: str, column_type: Any, _context: Any) -> str | Literal[False]:
    """Migrations name plain types, so that they stay what they are when the model's own types change."""
    if kind == "type" and isinstance(column_type, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(column_type, Enum):
        return f"sa.String(length={column_type.length})"
    return False


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    """The full-text index is made by hand in a migration; the model doesn't know it."""
    return not (name or "").startswith(("search_fts", "ix_search_document_tokens"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_render,
    include_name=_ours,
)
context.run_migrations()
