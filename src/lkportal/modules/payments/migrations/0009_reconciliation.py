"""Reconciliation with providers."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Minor, UTCDateTime

revision = "payments_0009"
down_revision = "payments_0008"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "payments_reconciliations",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("theirs_count", sa.Integer(), nullable=False),
        sa.Column("theirs", Minor(), nullable=False),
        sa.Column("theirs_back", Minor(), nullable=False),
        sa.Column("ours_count", sa.Integer(), nullable=False),
        sa.Column("ours", Minor(), nullable=False),
        sa.Column("ours_back", Minor(), nullable=False),
        sa.Column("compared_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_reconciliations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_reconciliations_public_id")),
        sa.UniqueConstraint(
            "gateway", "day", "currency", name=op.f("uq_payments_reconciliations_gateway_day_currency")
        ),
    )
    op.create_index(op.f("ix_payments_reconciliations_day"), "payments_reconciliations", ["day"])
    _differences()


def _differences() -> None:
    op.create_table(
        "payments_differences",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("reconciliation_id", _KEY, nullable=False),
        sa.Column("attempt_id", _KEY, nullable=True),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("theirs", Minor(), nullable=False),
        sa.Column("ours", Minor(), nullable=False),
        sa.Column("their_state", sa.String(length=16), nullable=False),
        sa.Column("our_state", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("resolved_by", sa.String(length=120), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_differences")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_differences_public_id")),
        sa.UniqueConstraint(
            "reconciliation_id",
            "subject",
            "kind",
            name=op.f("uq_payments_differences_reconciliation_id_subject_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"],
            ["payments_reconciliations.id"],
            name=op.f("fk_payments_differences_reconciliation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payments_attempts.id"], name=op.f("fk_payments_differences_attempt_id")
        ),
    )
    _indexes()


def _indexes() -> None:
    op.create_index(op.f("ix_payments_differences_attempt_id"), "payments_differences", ["attempt_id"])
    op.create_index(
        "ix_payments_differences_open",
        "payments_differences",
        ["state"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
