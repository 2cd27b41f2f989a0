"""Passkeys of people, and the challenges that were answered."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "auth_0005"
down_revision = "auth_0004"
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "auth_passkeys",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", _KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("credential_hash", sa.String(length=64), nullable=False),
        sa.Column("credential", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.String(length=4000), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("rp_id", sa.String(length=254), nullable=False),
        sa.Column("transports", sa.String(length=100), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.Column("suspended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_auth_passkeys_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_passkeys")),
        sa.UniqueConstraint("credential_hash", name=op.f("uq_auth_passkeys_credential_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_auth_passkeys_public_id")),
    )
    op.create_index(op.f("ix_auth_passkeys_identity_id"), "auth_passkeys", ["identity_id"], unique=False)
    op.create_table(
        "auth_spent_challenges",
        sa.Column("value_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("value_hash", name=op.f("pk_auth_spent_challenges")),
    )
    op.create_index(op.f("ix_auth_spent_challenges_expires_at"), "auth_spent_challenges", ["expires_at"], unique=False)
