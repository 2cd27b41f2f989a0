"""Exports for bookkeeping."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Minor, UTCDateTime

revision = "payments_0008"
down_revision = "payments_0007"


def upgrade() -> None:
    op.create_table(
        "payments_exports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("total", Minor(), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("ready_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_exports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_exports_public_id")),
        sa.UniqueConstraint("origin", name=op.f("uq_payments_exports_origin")),
    )
