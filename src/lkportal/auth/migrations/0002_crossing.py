"""A sign-in crosses to another host of the portal: tokens and sessions know the session they come from."""

import sqlalchemy as sa
from alembic import op

revision = "auth_0002"
down_revision = "auth_0001"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("auth_tokens", sa.Column("session_id", key, nullable=True))
    op.add_column("auth_sessions", sa.Column("origin_id", key, nullable=True))
    op.create_index(op.f("ix_auth_sessions_origin_id"), "auth_sessions", ["origin_id"], unique=False)
