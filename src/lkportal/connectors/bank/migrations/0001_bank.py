"""What came by bank."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, Minor, UTCDateTime

revision = "bank_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "bank_operations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("import_id", sa.String(length=16), nullable=False),
        sa.Column("own_account", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", Minor(), nullable=False),
        sa.Column("payer", sa.String(length=300), nullable=False),
        sa.Column("payer_inn", sa.String(length=12), nullable=False),
        sa.Column("payer_account", sa.String(length=34), nullable=False),
        sa.Column("payer_bank", sa.String(length=9), nullable=False),
        sa.Column("purpose", sa.String(length=1000), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("candidates", JSONText(), nullable=False),
        sa.Column("matched_by", sa.String(length=8), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payment", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'posted') = (account_id IS NOT NULL)", name=op.f("ck_bank_operations_posted")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_bank_operations_amount")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_bank_operations_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_operations")),
        sa.UniqueConstraint("key", name=op.f("uq_bank_operations_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_operations_public_id")),
    )
    op.create_index(op.f("ix_bank_operations_account_id"), "bank_operations", ["account_id"])
    op.create_index(op.f("ix_bank_operations_decided_at"), "bank_operations", ["decided_at"])
    is_open = sa.text("state IN ('new', 'unmatched')")
    op.create_index(
        "ix_bank_operations_open", "bank_operations", ["id"], sqlite_where=is_open, postgresql_where=is_open
    )
