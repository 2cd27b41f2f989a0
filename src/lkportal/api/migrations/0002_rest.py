"""Tokens of customers, and answers kept by their keys."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "api_0002"
down_revision = "api_0001"


def upgrade() -> None:
    op.create_table(
        "api_answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("caller", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("media", sa.String(length=60), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_answers")),
        sa.UniqueConstraint("caller", "key", name=op.f("uq_api_answers_caller_key")),
    )
    with op.batch_alter_table("api_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_answers_created_at"), ["created_at"], unique=False)

    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(batch_op.f("ix_api_tokens_identity_id"), ["identity_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_api_tokens_identity_id"), "auth_identities", ["identity_id"], ["id"])
