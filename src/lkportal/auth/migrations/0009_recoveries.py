"""Recoveries of forgotten passwords as rows with a state."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "auth_0009"
down_revision = "auth_0008"
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "auth_recoveries",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", _KEY, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("started_by", sa.String(length=10), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("bound", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("moved_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'nobody', 'sent', 'done', 'void', 'expired')",
            name=op.f("ck_auth_recoveries_known_state"),
        ),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_auth_recoveries_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_recoveries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_auth_recoveries_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_auth_recoveries_token_hash")),
    )
    op.create_index(op.f("ix_auth_recoveries_identity_id"), "auth_recoveries", ["identity_id"], unique=False)
    op.create_index(op.f("ix_auth_recoveries_expires_at"), "auth_recoveries", ["expires_at"], unique=False)
