"""Acts that wait for a second person."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "staff_0002"
down_revision = "staff_0001"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "staff_approvals",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("route", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("form", JSONText(), nullable=False),
        sa.Column("told", JSONText(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.Column("asked_by", key, nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_by", key, nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["auth_identities.id"], name=op.f("fk_staff_approvals_asked_by_auth_identities")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["auth_identities.id"], name=op.f("fk_staff_approvals_decided_by_auth_identities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_approvals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_staff_approvals_public_id")),
    )
    op.create_index(op.f("ix_staff_approvals_state_id"), "staff_approvals", ["state", "id"])
    op.create_index(op.f("ix_staff_approvals_asked_by"), "staff_approvals", ["asked_by"])
    op.create_index(op.f("ix_staff_approvals_decided_by"), "staff_approvals", ["decided_by"])
