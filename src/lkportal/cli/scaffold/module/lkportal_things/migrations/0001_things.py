"""first tables"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "things_0001"
down_revision = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "things_entries",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", key, nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_things_entries_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_things_entries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_things_entries_public_id")),
        sa.UniqueConstraint("account_id", "token", name=op.f("uq_things_entries_account_id_token")),
    )
    op.create_index(op.f("ix_things_entries_account_id_added_at"), "things_entries", ["account_id", "added_at"])
