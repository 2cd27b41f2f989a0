"""notify"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Encrypted, JSONText, UTCDateTime

revision = "notify_0001"
down_revision = None


def upgrade() -> None:
    _letters()
    _messages()


def _letters() -> None:
    op.create_table(
        "notify_letters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account", sa.String(length=16), nullable=True),
        sa.Column("recipient", Encrypted("notify_letters.recipient"), nullable=True),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("template", sa.String(length=120), nullable=False),
        sa.Column("route", sa.String(length=80), nullable=False),
        sa.Column("facts", JSONText(), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_notify_letters_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notify_letters")),
        sa.UniqueConstraint("message_id", name=op.f("uq_notify_letters_message_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_notify_letters_public_id")),
    )
    with op.batch_alter_table("notify_letters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notify_letters_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notify_letters_identity_id"), ["identity_id"], unique=False)


def _messages() -> None:
    op.create_table(
        "notify_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("notice", sa.String(length=80), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("template", sa.String(length=120), nullable=False),
        sa.Column("route", sa.String(length=80), nullable=False),
        sa.Column("facts", JSONText(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_notify_messages_account_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_notify_messages_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notify_messages")),
        sa.UniqueConstraint(
            "event_id", "notice", "identity_id", name=op.f("uq_notify_messages_event_id_notice_identity_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_notify_messages_public_id")),
    )
    with op.batch_alter_table("notify_messages", schema=None) as batch_op:
        batch_op.create_index("ix_notify_messages_identity_id_id", ["identity_id", "id"], unique=False)
        batch_op.create_index(
            "ix_notify_messages_unread",
            ["identity_id"],
            unique=False,
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        )
