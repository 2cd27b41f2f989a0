"""Fiscal receipts of one's own register."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Encrypted, JSONText, Minor, UTCDateTime

revision = "payments_0007"
down_revision = "payments_0006"
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "payments_receipts",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("payment_id", _KEY, nullable=False),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("what", Encrypted("payments_receipts.what"), nullable=False),
        sa.Column("total", Minor(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("register", sa.String(length=20), nullable=False),
        sa.Column("register_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("facts", JSONText(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("next_ask_at", UTCDateTime(), nullable=True),
        sa.Column("registered_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["payment_id"], ["payments_payments.id"], name=op.f("fk_payments_receipts_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_receipts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_receipts_public_id")),
        sa.UniqueConstraint("origin", name=op.f("uq_payments_receipts_origin")),
        sa.UniqueConstraint("external_id", name=op.f("uq_payments_receipts_external_id")),
    )
    op.create_index(op.f("ix_payments_receipts_payment_id"), "payments_receipts", ["payment_id"], unique=False)
    op.create_index(
        "ix_payments_receipts_due",
        "payments_receipts",
        ["next_ask_at"],
        unique=False,
        sqlite_where=sa.text("next_ask_at IS NOT NULL"),
        postgresql_where=sa.text("next_ask_at IS NOT NULL"),
    )
