"""tickets"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "tickets_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "tickets_macros",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("texts", JSONText(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets_macros")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tickets_macros_public_id")),
    )
    op.create_table(
        "tickets_tickets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("facts", JSONText(), nullable=False),
        sa.Column("about_kind", sa.String(length=60), nullable=False),
        sa.Column("about_id", sa.String(length=16), nullable=False),
        sa.Column("about_title", sa.String(length=200), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("solved_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("answer_due", UTCDateTime(), nullable=True),
        sa.Column("solve_due", UTCDateTime(), nullable=True),
        sa.Column("paused", sa.Integer(), nullable=True),
        sa.Column("last_side", sa.String(length=12), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("remark", sa.String(length=1000), nullable=False),
        sa.Column("rated_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_tickets_tickets_account_id")),
        sa.ForeignKeyConstraint(["assignee_id"], ["auth_identities.id"], name=op.f("fk_tickets_tickets_assignee_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_tickets_tickets_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets_tickets")),
        sa.UniqueConstraint("account_id", "token", name=op.f("uq_tickets_tickets_account_id_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tickets_tickets_public_id")),
    )
    with op.batch_alter_table("tickets_tickets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_tickets_tickets_account_id_changed_at"), ["account_id", "changed_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tickets_tickets_assignee_id_state"), ["assignee_id", "state"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_tickets_tickets_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_tickets_state_opened_at"), ["state", "opened_at"], unique=False)

    op.create_table(
        "tickets_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("inner", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_tickets_messages_identity_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets_tickets.id"], name=op.f("fk_tickets_messages_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets_messages")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tickets_messages_public_id")),
    )
    with op.batch_alter_table("tickets_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tickets_messages_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_messages_ticket_id_id"), ["ticket_id", "id"], unique=False)
        batch_op.create_index(
            "uq_tickets_messages_token",
            ["ticket_id", "token"],
            unique=True,
            sqlite_where=sa.text("token != ''"),
            postgresql_where=sa.text("token != ''"),
        )

    op.create_table(
        "tickets_seen",
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_tickets_seen_identity_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets_tickets.id"], name=op.f("fk_tickets_seen_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "identity_id", name=op.f("pk_tickets_seen")),
    )
    with op.batch_alter_table("tickets_seen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tickets_seen_identity_id"), ["identity_id"], unique=False)

    op.create_table(
        "tickets_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("stored_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["tickets_messages.id"], name=op.f("fk_tickets_files_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets_files")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tickets_files_public_id")),
    )
    with op.batch_alter_table("tickets_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tickets_files_message_id"), ["message_id"], unique=False)
