"""readings"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Milli, UTCDateTime

revision = "readings_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "readings_meters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resource", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("installed_on", sa.Date(), nullable=True),
        sa.Column("verified_until", sa.Date(), nullable=True),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_readings_meters_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings_meters")),
        sa.UniqueConstraint("public_id", name=op.f("uq_readings_meters_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_readings_meters_source_source_key")),
    )
    with op.batch_alter_table("readings_meters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_readings_meters_account_id"), ["account_id"], unique=False)

    op.create_table(
        "readings_registers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("meter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.Column("decimals", sa.Integer(), nullable=False),
        sa.Column("last_milli", Milli(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("last_period", sa.Date(), nullable=True),
        sa.Column("usual_milli", Milli(), nullable=True),
        sa.ForeignKeyConstraint(["meter_id"], ["readings_meters.id"], name=op.f("fk_readings_registers_meter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings_registers")),
        sa.UniqueConstraint("meter_id", "code", name=op.f("uq_readings_registers_meter_id_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_readings_registers_public_id")),
    )
    op.create_table(
        "readings_readings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("register_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value_milli", Milli(), nullable=False),
        sa.Column("added_milli", Milli(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("rolled_over", sa.Boolean(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_readings_readings_account_id")),
        sa.ForeignKeyConstraint(
            ["register_id"], ["readings_registers.id"], name=op.f("fk_readings_readings_register_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings_readings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_readings_readings_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_readings_readings_source_source_key")),
    )
    with op.batch_alter_table("readings_readings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_readings_readings_account_id_period"), ["account_id", "period"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_readings_readings_register_id_taken_on"), ["register_id", "taken_on"], unique=False
        )
