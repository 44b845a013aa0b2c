"""Signals, business records and grades."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current_value", sa.Integer(), nullable=False),
        sa.Column("potential_value", sa.Integer(), nullable=False),
        sa.Column("willingness", sa.Integer(), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("suggested", sa.String(length=24), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("rules_version", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_assessment_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_assessment")),
    )
    op.create_table(
        "grade_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_grade", sa.String(length=24), nullable=False),
        sa.Column("to_grade", sa.String(length=24), nullable=False),
        sa.Column("changed_by", sa.String(length=24), nullable=False),
        sa.Column("dimensions", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("rules_version", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("wrong_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_grade_change_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_change")),
    )
    with op.batch_alter_table("grade_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grade_change_at"), ["at"], unique=False)
        batch_op.create_index("ix_grade_change_customer_id_at", ["customer_id", "at"], unique=False)

    op.create_table(
        "grade_pin",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_grade_pin_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_grade_pin")),
    )
    op.create_table(
        "business_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("thread_id", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("products", sa.JSON(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=3), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("incoterm", sa.String(length=3), nullable=False),
        sa.Column("port", sa.String(length=80), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("opened_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_business_record_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_business_record_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["thread_id"], ["thread.id"], name=op.f("fk_business_record_thread_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_record")),
    )
    with op.batch_alter_table("business_record", schema=None) as batch_op:
        batch_op.create_index("ix_business_record_customer_id_kind", ["customer_id", "kind", "stage"], unique=False)
        batch_op.create_index(batch_op.f("ix_business_record_thread_id"), ["thread_id"], unique=False)

    op.create_table(
        "record_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["log_entry.id"], name=op.f("fk_record_step_entry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["business_record.id"], name=op.f("fk_record_step_record_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_step")),
        sa.UniqueConstraint("record_id", "stage", "entry_id", name=op.f("uq_record_step_record_id_stage_entry_id")),
    )
    with op.batch_alter_table("record_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_record_step_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "signal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_signal_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["log_entry.id"], name=op.f("fk_signal_entry_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sa.UniqueConstraint("entry_id", "kind", name=op.f("uq_signal_entry_id_kind")),
    )
    with op.batch_alter_table("signal", schema=None) as batch_op:
        batch_op.create_index("ix_signal_customer_id_at", ["customer_id", "at"], unique=False)
        batch_op.create_index("ix_signal_state", ["state"], unique=False)

    op.create_table(
        "unjudged",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_unjudged_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_unjudged")),
    )
    op.execute("INSERT INTO unjudged (customer_id) SELECT id FROM customer")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("own_text", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("signals", sa.JSON(), nullable=True))
        batch_op.create_index(
            "ix_message_without_signals",
            ["text_state"],
            unique=False,
            sqlite_where=sa.text("signals IS NULL"),
            postgresql_where=sa.text("signals IS NULL"),
        )

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("status_pinned", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_column("status_pinned")

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_without_signals")
        batch_op.drop_column("signals")
        batch_op.drop_column("own_text")

    op.drop_table("unjudged")

    with op.batch_alter_table("signal", schema=None) as batch_op:
        batch_op.drop_index("ix_signal_state")
        batch_op.drop_index("ix_signal_customer_id_at")

    op.drop_table("signal")
    with op.batch_alter_table("record_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_step_entry_id"))

    op.drop_table("record_step")
    with op.batch_alter_table("business_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_business_record_thread_id"))
        batch_op.drop_index("ix_business_record_customer_id_kind")

    op.drop_table("business_record")
    op.drop_table("grade_pin")
    with op.batch_alter_table("grade_change", schema=None) as batch_op:
        batch_op.drop_index("ix_grade_change_customer_id_at")
        batch_op.drop_index(batch_op.f("ix_grade_change_at"))

    op.drop_table("grade_change")
    op.drop_table("assessment")
