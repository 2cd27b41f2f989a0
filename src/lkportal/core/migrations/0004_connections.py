"""Tables of connectors: how each connection stands, and what is told to the other side."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "core_0004"
down_revision = "core_0003"


def upgrade() -> None:
    op.create_table(
        "core_connections",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("heard_at", UTCDateTime(), nullable=True),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=120), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("busy_until", UTCDateTime(), nullable=True),
        sa.Column("holder", sa.String(length=36), nullable=False),
        sa.Column("cursor", JSONText(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_core_connections")),
    )
    op.create_table(
        "core_dispatches",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=16), nullable=False),
        sa.Column("connector", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("facts", JSONText(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("error", sa.String(length=120), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_dispatches")),
        sa.UniqueConstraint("connector", "kind", "subject", name=op.f("uq_core_dispatches_connector_kind_subject")),
        sa.UniqueConstraint("key", name=op.f("uq_core_dispatches_key")),
    )
    _indexes()


def _indexes() -> None:
    waiting, refused = sa.text("state = 'waiting'"), sa.text("state = 'refused'")
    op.create_index(
        "ix_core_dispatches_waiting",
        "core_dispatches",
        ["connector", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(
        "ix_core_dispatches_refused", "core_dispatches", ["created_at"], sqlite_where=refused, postgresql_where=refused
    )
