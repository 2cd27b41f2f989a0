"""notes"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "dummy_0001"
down_revision = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "dummy_notes",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", key, nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_dummy_notes_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dummy_notes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dummy_notes_public_id")),
    )
    op.create_index(op.f("ix_dummy_notes_account_id"), "dummy_notes", ["account_id"])
