"""equipment and promotions"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Minor, UTCDateTime

revision = "tariffs_0003"
down_revision = "tariffs_0002"


def upgrade() -> None:
    op.create_table(
        "tariffs_promotions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("price", Minor(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("connect_price", Minor(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("months BETWEEN 1 AND 60", name=op.f("ck_tariffs_promotions_months")),
        sa.CheckConstraint("price >= 0 AND connect_price >= 0", name=op.f("ck_tariffs_promotions_prices")),
        sa.CheckConstraint("since <= until", name=op.f("ck_tariffs_promotions_days")),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["tariffs_offerings.id"], name=op.f("fk_tariffs_promotions_offering_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs_promotions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tariffs_promotions_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_tariffs_promotions_source_source_key")),
    )
    with op.batch_alter_table("tariffs_promotions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tariffs_promotions_offering_id"), ["offering_id"], unique=False)

    op.create_table(
        "tariffs_devices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("serial", sa.String(length=60), nullable=False),
        sa.Column("rented", sa.Boolean(), nullable=False),
        sa.Column("silent_since", UTCDateTime(), nullable=True),
        sa.Column("last_seen_at", UTCDateTime(), nullable=True),
        sa.Column("given_back", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('router', 'box', 'sim', 'other')", name=op.f("ck_tariffs_devices_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_tariffs_devices_account_id")),
        sa.ForeignKeyConstraint(["service_id"], ["tariffs_services.id"], name=op.f("fk_tariffs_devices_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs_devices")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tariffs_devices_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_tariffs_devices_source_source_key")),
    )
    with op.batch_alter_table("tariffs_devices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tariffs_devices_account_id_id"), ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tariffs_devices_service_id"), ["service_id"], unique=False)

    with op.batch_alter_table("tariffs_offerings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("at_address", sa.Boolean(), server_default=sa.true(), nullable=False))

    with op.batch_alter_table("tariffs_orders", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("promotion_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("price_months", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.create_index(batch_op.f("ix_tariffs_orders_promotion_id"), ["promotion_id"], unique=False)
        batch_op.create_index(
            "uq_tariffs_orders_promotion",
            ["account_id", "promotion_id"],
            unique=True,
            sqlite_where=sa.text("promotion_id IS NOT NULL AND state IN ('waiting', 'processed')"),
            postgresql_where=sa.text("promotion_id IS NOT NULL AND state IN ('waiting', 'processed')"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_tariffs_orders_promotion_id"), "tariffs_promotions", ["promotion_id"], ["id"]
        )

    with op.batch_alter_table("tariffs_services", schema=None) as batch_op:
        batch_op.add_column(sa.Column("price_until", sa.Date(), nullable=True))
