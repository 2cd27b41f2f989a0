"""Counts of rate limits, shared by processes."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "core_0002"
down_revision = "core_0001"


def upgrade() -> None:
    op.create_table(
        "core_rate_limits",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("slice", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_core_rate_limits")),
    )
    with op.batch_alter_table("core_rate_limits", schema=None) as batch_op:
        batch_op.create_index("ix_core_rate_limits_expires_at", ["expires_at"], unique=False)
