"""What reports count, by month."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "staff_0004"
down_revision = "staff_0003"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "staff_totals",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("measure", sa.String(length=60), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(length=90), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_totals")),
        sa.UniqueConstraint(
            "measure", "month", "day", "part", "currency", name=op.f("uq_staff_totals_measure_month_day_part_currency")
        ),
    )
    op.create_table(
        "staff_counts",
        sa.Column("measure", sa.String(length=60), nullable=False),
        sa.Column("counted_at", UTCDateTime(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("measure", name=op.f("pk_staff_counts")),
    )
