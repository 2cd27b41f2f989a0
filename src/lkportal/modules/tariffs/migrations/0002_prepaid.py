"""prepaid"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Minor, UTCDateTime

revision = "tariffs_0002"
down_revision = "tariffs_0001"


def upgrade() -> None:
    op.create_table(
        "tariffs_promises",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("amount", Minor(), nullable=False),
        sa.Column("fee", Minor(), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_tariffs_promises_amount")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_tariffs_promises_account_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_tariffs_promises_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs_promises")),
        sa.UniqueConstraint("account_id", "token", name=op.f("uq_tariffs_promises_account_id_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tariffs_promises_public_id")),
    )
    with op.batch_alter_table("tariffs_promises", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tariffs_promises_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(
            "uq_tariffs_promises_open",
            ["account_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "tariffs_charges",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("origin", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("amount", Minor(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_tariffs_charges_amount")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_tariffs_charges_account_id")),
        sa.ForeignKeyConstraint(["service_id"], ["tariffs_services.id"], name=op.f("fk_tariffs_charges_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs_charges")),
        sa.UniqueConstraint("origin", name=op.f("uq_tariffs_charges_origin")),
    )
    with op.batch_alter_table("tariffs_charges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tariffs_charges_account_id_id"), ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tariffs_charges_service_id"), ["service_id"], unique=False)
