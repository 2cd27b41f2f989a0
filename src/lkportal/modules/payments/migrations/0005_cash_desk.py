"""The cash desk: days, slips, what each slip is made of."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Minor, UTCDateTime

revision = "payments_0005"
down_revision = "payments_0004"
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _days()
    _slips()
    op.create_table(
        "payments_slip_parts",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("slip_id", _KEY, nullable=False),
        sa.Column("payment_id", _KEY, nullable=False),
        sa.Column("amount", Minor(), nullable=False),
        sa.ForeignKeyConstraint(["slip_id"], ["payments_slips.id"], name=op.f("fk_payments_slip_parts_slip_id")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments_payments.id"], name=op.f("fk_payments_slip_parts_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_slip_parts")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_payments_slip_parts_payment_id")),
    )
    op.create_index(op.f("ix_payments_slip_parts_slip_id"), "payments_slip_parts", ["slip_id"], unique=False)


def _days() -> None:
    op.create_table(
        "payments_cash_days",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("cash", Minor(), nullable=False),
        sa.Column("card", Minor(), nullable=False),
        sa.Column("returned_cash", Minor(), nullable=False),
        sa.Column("returned_card", Minor(), nullable=False),
        sa.Column("counted", Minor(), nullable=True),
        sa.Column("closed_by", sa.String(length=120), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("reopened_why", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_cash_days")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_cash_days_public_id")),
        sa.UniqueConstraint("day", name=op.f("uq_payments_cash_days_day")),
    )


def _slips() -> None:
    op.create_table(
        "payments_slips",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("day_id", _KEY, nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("cashier", sa.String(length=120), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("total", Minor(), nullable=False),
        sa.Column("given", Minor(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.Column("reversed_at", UTCDateTime(), nullable=True),
        sa.Column("reversed_by", sa.String(length=120), nullable=False),
        sa.Column("reversed_day_id", _KEY, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("total > 0 AND given >= total", name=op.f("ck_payments_slips_total")),
        sa.ForeignKeyConstraint(["day_id"], ["payments_cash_days.id"], name=op.f("fk_payments_slips_day_id")),
        sa.ForeignKeyConstraint(
            ["reversed_day_id"], ["payments_cash_days.id"], name=op.f("fk_payments_slips_reversed_day_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_slips")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_slips_public_id")),
        sa.UniqueConstraint("actor", "token", name=op.f("uq_payments_slips_actor_token")),
    )
    for column in ("day_id", "reversed_day_id"):
        op.create_index(op.f(f"ix_payments_slips_{column}"), "payments_slips", [column], unique=False)
