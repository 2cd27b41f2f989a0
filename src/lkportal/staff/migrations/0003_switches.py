"""Changes of modules and settings at the desk: what was, what is, who changed it and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "staff_0003"
down_revision = "staff_0002"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "staff_switchings",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("before", JSONText(), nullable=False),
        sa.Column("after", JSONText(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_switchings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_staff_switchings_public_id")),
    )
    op.create_index(op.f("ix_staff_switchings_subject_id"), "staff_switchings", ["subject", "id"])
