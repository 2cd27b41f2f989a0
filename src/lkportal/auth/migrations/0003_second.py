"""Second factors: what a person has and for what it is asked, sign-ins that wait for it, authenticators, recovery codes."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "auth_0003"
down_revision = "auth_0002"
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _columns()
    _entries()
    _totp()
    _recovery_codes()


def _columns() -> None:
    for name, longest in (("phone", 20), ("asks", 60), ("second_ways", 60)):
        column = sa.Column(name, sa.String(length=longest), server_default="", nullable=False)
        op.add_column("auth_identities", column)
    op.add_column("auth_identities", sa.Column("phone_confirmed_at", UTCDateTime(), nullable=True))
    op.add_column("auth_sessions", sa.Column("methods", sa.String(length=100), server_default="", nullable=False))
    op.add_column("auth_sessions", sa.Column("second_at", UTCDateTime(), nullable=True))


def _entries() -> None:
    op.create_table(
        "auth_entries",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("identity_id", _KEY, nullable=False),
        sa.Column("methods", sa.String(length=100), nullable=False),
        sa.Column("wanted", sa.String(length=1000), nullable=False),
        sa.Column("bound", sa.String(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_auth_entries_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_entries")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_auth_entries_token_hash")),
    )
    op.create_index(op.f("ix_auth_entries_identity_id"), "auth_entries", ["identity_id"], unique=False)
    op.create_index(op.f("ix_auth_entries_expires_at"), "auth_entries", ["expires_at"], unique=False)


def _totp() -> None:
    op.create_table(
        "auth_totp",
        sa.Column("identity_id", _KEY, nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("used_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_auth_totp_identity_id")),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_auth_totp")),
    )


def _recovery_codes() -> None:
    op.create_table(
        "auth_recovery_codes",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("identity_id", _KEY, nullable=False),
        sa.Column("mark", sa.String(length=4), nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["auth_identities.id"], name=op.f("fk_auth_recovery_codes_identity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_recovery_codes")),
    )
    op.create_index(op.f("ix_auth_recovery_codes_identity_id"), "auth_recovery_codes", ["identity_id"], unique=False)
