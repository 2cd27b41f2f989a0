"""How people arrange the home page of an account."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "accounts_0004"
down_revision = "accounts_0003"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "accounts_home_layouts",
        sa.Column("identity_id", KEY, autoincrement=False, nullable=False),
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("cards", sa.String(length=4000), nullable=False),
        sa.Column("before", sa.String(length=4000), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["auth_identities.id"], name=op.f("fk_accounts_home_layouts_identity_id")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts_accounts.id"], name=op.f("fk_accounts_home_layouts_account_id")
        ),
        sa.PrimaryKeyConstraint("identity_id", "account_id", name=op.f("pk_accounts_home_layouts")),
    )
    op.create_index(op.f("ix_accounts_home_layouts_account_id"), "accounts_home_layouts", ["account_id"])
