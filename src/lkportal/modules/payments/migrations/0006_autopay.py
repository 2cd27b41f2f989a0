"""Saved methods, what was agreed about autopay, and what it did."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Minor, UTCDateTime

revision = "payments_0006"
down_revision = "payments_0005"
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ON = sa.text("state = 'on'")
_OPEN = sa.text("state IN ('planned', 'charging')")


def upgrade() -> None:
    _methods()
    _autopays()
    _runs()


def _methods() -> None:
    op.create_table(
        "payments_methods",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", _KEY, nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("origin", sa.String(length=36), nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("expires", sa.String(length=7), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_payments_methods_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_methods")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_methods_public_id")),
        sa.UniqueConstraint("origin", name=op.f("uq_payments_methods_origin")),
    )
    op.create_index("ix_payments_methods_account_id", "payments_methods", ["account_id"])


def _autopays() -> None:
    op.create_table(
        "payments_autopays",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("account_id", _KEY, nullable=False),
        sa.Column("method_id", _KEY, nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("cap", Minor(), nullable=False),
        sa.Column("below", Minor(), nullable=False),
        sa.Column("top_up", Minor(), nullable=False),
        sa.Column("about", sa.String(length=128), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("agreed", sa.String(length=1000), nullable=False),
        sa.Column("agreed_by", sa.String(length=40), nullable=False),
        sa.Column("agreed_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=5), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_why", sa.String(length=20), nullable=False),
        sa.CheckConstraint("cap > 0", name=op.f("ck_payments_autopays_cap")),
        sa.CheckConstraint("day BETWEEN 1 AND 28", name=op.f("ck_payments_autopays_day")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_payments_autopays_account_id")),
        sa.ForeignKeyConstraint(["method_id"], ["payments_methods.id"], name=op.f("fk_payments_autopays_method_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_autopays")),
    )
    op.create_index("ix_payments_autopays_account_id", "payments_autopays", ["account_id"])
    op.create_index(
        "uq_payments_autopays_on",
        "payments_autopays",
        ["account_id"],
        unique=True,
        sqlite_where=_ON,
        postgresql_where=_ON,
    )


def _runs() -> None:
    op.create_table(
        "payments_autopay_runs",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("account_id", _KEY, nullable=False),
        sa.Column("autopay_id", _KEY, nullable=False),
        sa.Column("payment_id", _KEY, nullable=True),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("amount", Minor(), nullable=False),
        sa.Column("cap", Minor(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payments_autopay_runs_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts_accounts.id"], name=op.f("fk_payments_autopay_runs_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["autopay_id"], ["payments_autopays.id"], name=op.f("fk_payments_autopay_runs_autopay_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments_payments.id"], name=op.f("fk_payments_autopay_runs_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_autopay_runs")),
        sa.UniqueConstraint("account_id", "period", name=op.f("uq_payments_autopay_runs_account_id")),
    )
    op.create_index(
        "ix_payments_autopay_runs_open",
        "payments_autopay_runs",
        ["due_on"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
