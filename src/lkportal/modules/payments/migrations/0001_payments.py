"""The tables of payments: bills, charge lines, the ledger, assertions, payments, attempts."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Encrypted, Milli, Minor, Rate, UTCDateTime

revision = "payments_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "payments_assertions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("balance", Minor(), nullable=False),
        sa.Column("folded", Minor(), nullable=False),
        sa.Column("difference", Minor(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts_accounts.id"], name=op.f("fk_payments_assertions_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_assertions")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_payments_assertions_source_source_key")),
    )
    with op.batch_alter_table("payments_assertions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payments_assertions_account_id_as_of"), ["account_id", "as_of"], unique=False
        )

    op.create_table(
        "payments_bills",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total", Minor(), nullable=False),
        sa.Column("posted", Minor(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_payments_bills_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_bills")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_bills_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_payments_bills_source_source_key")),
    )
    with op.batch_alter_table("payments_bills", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payments_bills_account_id_period"), ["account_id", "period"], unique=False)

    op.create_table(
        "payments_ledgers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance", Minor(), nullable=True),
        sa.CheckConstraint("(kind = 'customer') = (account_id IS NOT NULL)", name=op.f("ck_payments_ledgers_owner")),
        sa.CheckConstraint("(kind = 'customer') = (balance IS NOT NULL)", name=op.f("ck_payments_ledgers_balance")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_payments_ledgers_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_ledgers")),
        sa.UniqueConstraint("account_id", name=op.f("uq_payments_ledgers_account_id")),
        sa.UniqueConstraint("kind", "owner", name=op.f("uq_payments_ledgers_kind_owner")),
    )
    op.create_table(
        "payments_charge_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bill_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=14), nullable=False),
        sa.Column("service", sa.String(length=90), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("volume_milli", Milli(), nullable=True),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("rate_millionths", Rate(), nullable=True),
        sa.Column("amount", Minor(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["bill_id"], ["payments_bills.id"], name=op.f("fk_payments_charge_lines_bill_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_charge_lines")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_payments_charge_lines_source_source_key")),
    )
    with op.batch_alter_table("payments_charge_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payments_charge_lines_bill_id"), ["bill_id"], unique=False)

    op.create_table(
        "payments_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("debit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount", Minor(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("booked_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_entries_amount")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_payments_entries_sides")),
        sa.ForeignKeyConstraint(["credit_id"], ["payments_ledgers.id"], name=op.f("fk_payments_entries_credit_id")),
        sa.ForeignKeyConstraint(["debit_id"], ["payments_ledgers.id"], name=op.f("fk_payments_entries_debit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_entries")),
        sa.UniqueConstraint("origin", name=op.f("uq_payments_entries_origin")),
    )
    with op.batch_alter_table("payments_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payments_entries_credit_id_occurred_on"), ["credit_id", "occurred_on"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_payments_entries_debit_id_occurred_on"), ["debit_id", "occurred_on"], unique=False
        )

    op.create_table(
        "payments_payments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bill_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("amount", Minor(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("paid_at", UTCDateTime(), nullable=True),
        sa.Column("acknowledged_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_payments_amount")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_payments_payments_account_id")),
        sa.ForeignKeyConstraint(["bill_id"], ["payments_bills.id"], name=op.f("fk_payments_payments_bill_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_payments")),
        sa.UniqueConstraint("account_id", "token", name=op.f("uq_payments_payments_account_id_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_payments_public_id")),
    )
    with op.batch_alter_table("payments_payments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payments_payments_account_id_created_at"), ["account_id", "created_at"], unique=False
        )
        batch_op.create_index(
            "ix_payments_payments_attention",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'attention'"),
            postgresql_where=sa.text("state = 'attention'"),
        )
        batch_op.create_index(
            "ix_payments_payments_unacknowledged",
            ["account_id"],
            unique=False,
            sqlite_where=sa.text("state = 'paid' AND acknowledged_at IS NULL"),
            postgresql_where=sa.text("state = 'paid' AND acknowledged_at IS NULL"),
        )

    op.create_table(
        "payments_attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("intent", Encrypted("payments_attempts.intent"), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("refunded", Minor(), nullable=False),
        sa.Column("next_kind", sa.String(length=10), nullable=False),
        sa.Column("next_value", sa.String(length=2000), nullable=False),
        sa.Column("method_title", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("next_ask_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["payment_id"], ["payments_payments.id"], name=op.f("fk_payments_attempts_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_attempts")),
        sa.UniqueConstraint("gateway", "provider_id", name=op.f("uq_payments_attempts_gateway_provider_id")),
        sa.UniqueConstraint("key", name=op.f("uq_payments_attempts_key")),
    )
    with op.batch_alter_table("payments_attempts", schema=None) as batch_op:
        batch_op.create_index(
            "ix_payments_attempts_due",
            ["next_ask_at"],
            unique=False,
            sqlite_where=sa.text("next_ask_at IS NOT NULL"),
            postgresql_where=sa.text("next_ask_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_payments_attempts_payment_id"), ["payment_id"], unique=False)
        batch_op.create_index(
            "uq_payments_attempts_live",
            ["payment_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('intended', 'unknown', 'pending', 'authorized')"),
            postgresql_where=sa.text("state IN ('intended', 'unknown', 'pending', 'authorized')"),
        )
