"""People known elsewhere: links, sign-ins under way, strangers, logout tokens, sessions that began at a provider."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "auth_0007"
down_revision = "auth_0006"
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _links()
    _flows()
    _strangers()
    _logout()
    _sessions()


def _links() -> None:
    op.create_table(
        "auth_external",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", _KEY, nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=254), nullable=False),
        sa.Column("linked_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_auth_external_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_external")),
        sa.UniqueConstraint("public_id", name=op.f("uq_auth_external_public_id")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_auth_external_issuer_subject")),
    )
    op.create_index(op.f("ix_auth_external_identity_id"), "auth_external", ["identity_id"], unique=False)


def _flows() -> None:
    op.create_table(
        "auth_external_flows",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("identity_id", _KEY, nullable=True),
        sa.Column("wanted", sa.String(length=1000), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_external_flows")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_auth_external_flows_state_hash")),
    )
    op.create_index(op.f("ix_auth_external_flows_expires_at"), "auth_external_flows", ["expires_at"], unique=False)


def _strangers() -> None:
    op.create_table(
        "auth_external_strangers",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("identity_id", _KEY, nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("label", sa.String(length=254), nullable=False),
        sa.Column("two", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.String(length=1000), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["auth_identities.id"], name=op.f("fk_auth_external_strangers_identity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_external_strangers")),
        sa.UniqueConstraint("browser_hash", name=op.f("uq_auth_external_strangers_browser_hash")),
    )
    op.create_index(op.f("ix_auth_external_strangers_expires_at"), "auth_external_strangers", ["expires_at"])


def _logout() -> None:
    op.create_table(
        "auth_logout_tokens",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_logout_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_auth_logout_tokens_token_hash")),
    )
    op.create_index(op.f("ix_auth_logout_tokens_expires_at"), "auth_logout_tokens", ["expires_at"], unique=False)


def _sessions() -> None:
    op.create_table(
        "auth_external_sessions",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("external_id", _KEY, nullable=False),
        sa.Column("session_id", _KEY, nullable=False),
        sa.Column("sid_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["external_id"], ["auth_external.id"], name=op.f("fk_auth_external_sessions_external_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_external_sessions")),
    )
    for name in ("external_id", "session_id"):
        op.create_index(op.f(f"ix_auth_external_sessions_{name}"), "auth_external_sessions", [name], unique=False)
