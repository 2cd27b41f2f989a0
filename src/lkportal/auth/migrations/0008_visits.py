"""The history of sign-ins, as each person may read it."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "auth_0008"
down_revision = "auth_0007"
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "auth_visits",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("identity_id", _KEY, nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("methods", sa.String(length=100), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_auth_visits_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_visits")),
    )
    op.create_index(op.f("ix_auth_visits_identity_id_id"), "auth_visits", ["identity_id", "id"], unique=False)
    op.create_index(op.f("ix_auth_visits_at"), "auth_visits", ["at"], unique=False)
