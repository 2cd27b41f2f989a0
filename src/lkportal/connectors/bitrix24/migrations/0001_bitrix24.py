"""Which deal is which request."""

import sqlalchemy as sa
from alembic import op

revision = "bitrix24_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "bitrix24_deals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("ticket", sa.String(length=16), nullable=False),
        sa.Column("deal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bitrix24_deals")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_bitrix24_deals_deal_id")),
        sa.UniqueConstraint("ticket", name=op.f("uq_bitrix24_deals_ticket")),
    )
    op.create_index(op.f("ix_bitrix24_deals_over"), "bitrix24_deals", ["over"])
