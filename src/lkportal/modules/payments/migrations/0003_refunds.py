"""Refunds by the company's people, and what of an attempt is promised to one."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Minor, UTCDateTime

revision = "payments_0003"
down_revision = "payments_0002"
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("payments_attempts", sa.Column("promised", Minor(), server_default="0", nullable=False))
    op.create_table(
        "payments_refunds",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("payment_id", _KEY, nullable=False),
        sa.Column("attempt_id", _KEY, nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column("amount", Minor(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("given_before", Minor(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("next_ask_at", UTCDateTime(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_refunds_amount")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments_payments.id"], name=op.f("fk_payments_refunds_payment_id")),
        sa.ForeignKeyConstraint(["attempt_id"], ["payments_attempts.id"], name=op.f("fk_payments_refunds_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_refunds")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_refunds_public_id")),
        sa.UniqueConstraint("key", name=op.f("uq_payments_refunds_key")),
        sa.UniqueConstraint("payment_id", "token", name=op.f("uq_payments_refunds_payment_id_token")),
    )
    op.create_index(op.f("ix_payments_refunds_attempt_id"), "payments_refunds", ["attempt_id"], unique=False)
    op.create_index(
        "ix_payments_refunds_due",
        "payments_refunds",
        ["next_ask_at"],
        unique=False,
        sqlite_where=sa.text("next_ask_at IS NOT NULL"),
        postgresql_where=sa.text("next_ask_at IS NOT NULL"),
    )
