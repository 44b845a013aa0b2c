"""Whose judging failed stays noted, so that nobody takes an old grade for the truth."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("unjudged", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_unjudged_failed_at", ["failed_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("unjudged", schema=None) as batch_op:
        batch_op.drop_index("ix_unjudged_failed_at")
        batch_op.drop_column("failed_at")
