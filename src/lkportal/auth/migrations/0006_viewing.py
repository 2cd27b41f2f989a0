"""A session of the company's people may see pages as a customer, for a while."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "auth_0006"
down_revision = "auth_0005"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("auth_sessions", sa.Column("viewing_identity_id", key, nullable=True))
    op.add_column("auth_sessions", sa.Column("viewing_until", UTCDateTime(), nullable=True))
