"""Which newsletter mails lie in Sent."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_UNFILED = sa.text("state = 'sent' AND NOT filed")


def upgrade() -> None:
    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.add_column(sa.Column("filed", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index("ix_recipient_unfiled", ["issue_id"], sqlite_where=_UNFILED, postgresql_where=_UNFILED)


def downgrade() -> None:
    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.drop_index("ix_recipient_unfiled")
        batch_op.drop_column("filed")
