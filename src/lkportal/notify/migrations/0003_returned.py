"""Addresses that letters came back from."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "notify_0003"
down_revision = "notify_0002"


def upgrade() -> None:
    op.create_table(
        "notify_returned",
        sa.Column(
            "identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("marked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_notify_returned_identity_id")),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_notify_returned")),
    )
