"""tariffs"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Minor, UTCDateTime

revision = "tariffs_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "tariffs_offerings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("family", sa.String(length=60), nullable=False),
        sa.Column("icon", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("connect_price", Minor(), nullable=False),
        sa.Column("prepaid", sa.Boolean(), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('plan', 'addon')", name=op.f("ck_tariffs_offerings_kind")),
        sa.CheckConstraint("months BETWEEN 0 AND 60", name=op.f("ck_tariffs_offerings_months")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs_offerings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tariffs_offerings_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_tariffs_offerings_source_source_key")),
    )
    op.create_table(
        "tariffs_prices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("amount", Minor(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_tariffs_prices_amount")),
        sa.ForeignKeyConstraint(["offering_id"], ["tariffs_offerings.id"], name=op.f("fk_tariffs_prices_offering_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs_prices")),
        sa.UniqueConstraint("offering_id", "since", name=op.f("uq_tariffs_prices_offering_id_since")),
    )
    op.create_table(
        "tariffs_segments",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("segment", sa.String(length=40), nullable=False),
        sa.Column("told_by", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_tariffs_segments_account_id")),
        sa.PrimaryKeyConstraint("account_id", "segment", name=op.f("pk_tariffs_segments")),
    )
    op.create_table(
        "tariffs_services",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("price", Minor(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("charge_on", sa.Date(), nullable=True),
        sa.Column("anchor", sa.Integer(), nullable=False),
        sa.Column("renews", sa.Boolean(), nullable=False),
        sa.Column("frozen_on", sa.Date(), nullable=True),
        sa.Column("frozen_until", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_tariffs_services_account_id")),
        sa.ForeignKeyConstraint(
            ["offering_id"], ["tariffs_offerings.id"], name=op.f("fk_tariffs_services_offering_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs_services")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tariffs_services_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_tariffs_services_source_source_key")),
    )
    with op.batch_alter_table("tariffs_services", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tariffs_services_account_id_state"), ["account_id", "state"], unique=False)
        batch_op.create_index(
            "ix_tariffs_services_charge_on",
            ["charge_on"],
            unique=False,
            sqlite_where=sa.text("state <> 'ended'"),
            postgresql_where=sa.text("state <> 'ended'"),
        )
        batch_op.create_index(batch_op.f("ix_tariffs_services_offering_id"), ["offering_id"], unique=False)

    op.create_table(
        "tariffs_orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("service_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("offering_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("before_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("price", Minor(), nullable=False),
        sa.Column("monthly", Minor(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_tariffs_orders_account_id")),
        sa.ForeignKeyConstraint(["before_id"], ["tariffs_offerings.id"], name=op.f("fk_tariffs_orders_before_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["auth_identities.id"], name=op.f("fk_tariffs_orders_decided_by")),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_tariffs_orders_identity_id")),
        sa.ForeignKeyConstraint(["offering_id"], ["tariffs_offerings.id"], name=op.f("fk_tariffs_orders_offering_id")),
        sa.ForeignKeyConstraint(["service_id"], ["tariffs_services.id"], name=op.f("fk_tariffs_orders_service_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariffs_orders")),
        sa.UniqueConstraint("account_id", "token", name=op.f("uq_tariffs_orders_account_id_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tariffs_orders_public_id")),
    )
    with op.batch_alter_table("tariffs_orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tariffs_orders_account_id_id"), ["account_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tariffs_orders_decided_by"), ["decided_by"], unique=False)
        batch_op.create_index(
            "ix_tariffs_orders_due",
            ["effective_on"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(batch_op.f("ix_tariffs_orders_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tariffs_orders_service_id"), ["service_id"], unique=False)
        batch_op.create_index(
            "uq_tariffs_orders_waiting",
            ["account_id", "subject"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
