"""Sign-in names, unique among logins, e-mails and phones; one-time codes and links."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Encrypted, UTCDateTime

revision = "auth_0004"
down_revision = "auth_0003"
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _names()
    _codes()


def _names() -> None:
    op.create_table(
        "auth_names",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("identity_id", _KEY, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_auth_names_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_names")),
        sa.UniqueConstraint("name", name=op.f("uq_auth_names_name")),
    )
    op.create_index(op.f("ix_auth_names_identity_id"), "auth_names", ["identity_id"], unique=False)
    op.execute(
        "INSERT INTO auth_names (name, identity_id, created_at)"
        " SELECT login, id, created_at FROM auth_identities WHERE login <> '' ORDER BY id"
    )
    # A confirmed mailbox is a name too, of whoever was first.
    op.execute(
        "INSERT INTO auth_names (name, identity_id, created_at)"
        " SELECT i.email, min(i.id), min(i.created_at) FROM auth_identities i"
        " WHERE i.email <> '' AND i.email_confirmed_at IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM auth_names n WHERE n.name = i.email) GROUP BY i.email"
    )


def _codes() -> None:
    op.create_table(
        "auth_codes",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("identity_id", _KEY, nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("target", Encrypted("auth_codes.target"), nullable=True),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_auth_codes_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_codes")),
        sa.UniqueConstraint("browser_hash", name=op.f("uq_auth_codes_browser_hash")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_auth_codes_link_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_auth_codes_public_id")),
    )
    op.create_index(op.f("ix_auth_codes_identity_id"), "auth_codes", ["identity_id"], unique=False)
    op.create_index(op.f("ix_auth_codes_expires_at"), "auth_codes", ["expires_at"], unique=False)
