"""Webhooks and what was sent there."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Encrypted, JSONText, UTCDateTime

revision = "api_0003"
down_revision = "api_0002"


def upgrade() -> None:
    _webhooks()
    _deliveries()


def _webhooks() -> None:
    op.create_table(
        "api_webhooks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("events", JSONText(), nullable=False),
        sa.Column("secret", Encrypted("api_webhooks.secret"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        sa.Column("sending_until", UTCDateTime(), nullable=True),
        sa.Column("rests_until", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_webhooks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_webhooks_public_id")),
    )


def _deliveries() -> None:
    op.create_table(
        "api_deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("webhook_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column("said", sa.String(length=40), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("tried_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["api_webhooks.id"], name=op.f("fk_api_deliveries_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_deliveries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_api_deliveries_public_id")),
        sa.UniqueConstraint("webhook_id", "event_id", name=op.f("uq_api_deliveries_webhook_id_event_id")),
    )
    with op.batch_alter_table("api_deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_deliveries_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            "ix_api_deliveries_waiting",
            ["webhook_id", "next_at"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
