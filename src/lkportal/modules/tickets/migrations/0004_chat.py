"""chat"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "tickets_0004"
down_revision = "tickets_0003"


def upgrade() -> None:
    op.create_table(
        "tickets_managers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.String(length=120), nullable=False),
        sa.Column("week", JSONText(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_tickets_managers_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets_managers")),
        sa.UniqueConstraint("identity_id", name=op.f("uq_tickets_managers_identity_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tickets_managers_public_id")),
    )
    op.create_table(
        "tickets_managed",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("manager_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_tickets_managed_account_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["tickets_managers.id"], name=op.f("fk_tickets_managed_manager_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_tickets_managed")),
    )
    with op.batch_alter_table("tickets_managed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tickets_managed_manager_id"), ["manager_id"], unique=False)

    with op.batch_alter_table("tickets_tickets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("talk", sa.String(length=48), nullable=True))
        batch_op.add_column(sa.Column("merged_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.create_index(batch_op.f("ix_tickets_tickets_merged_id"), ["merged_id"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_tickets_tickets_talk"), ["talk"])
        batch_op.create_foreign_key(
            batch_op.f("fk_tickets_tickets_merged_id"), "tickets_tickets", ["merged_id"], ["id"]
        )
