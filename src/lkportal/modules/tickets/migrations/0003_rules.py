"""rules of handing over"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "tickets_0003"
down_revision = "tickets_0002"


def upgrade() -> None:
    op.create_table(
        "tickets_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=60), nullable=False),
        sa.Column("words", JSONText(), nullable=False),
        sa.Column("segment", sa.String(length=12), nullable=False),
        sa.Column("assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["auth_identities.id"], name=op.f("fk_tickets_rules_assignee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets_rules")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tickets_rules_public_id")),
    )
