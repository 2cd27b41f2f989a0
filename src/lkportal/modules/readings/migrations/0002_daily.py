"""daily"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, Milli, UTCDateTime

revision = "readings_0002"
down_revision = "readings_0001"


def upgrade() -> None:
    op.create_table(
        "readings_rules",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("resource", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("window_first", sa.Integer(), nullable=True),
        sa.Column("window_last", sa.Integer(), nullable=True),
        sa.Column("late", sa.String(length=12), nullable=True),
        sa.Column("jump_factor", sa.Integer(), nullable=True),
        sa.Column("jump_floor", sa.Integer(), nullable=True),
        sa.Column("norm_milli", Milli(), nullable=True),
        sa.Column("average_months", sa.Integer(), nullable=True),
        sa.Column("average_times", sa.Integer(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings_rules")),
        sa.UniqueConstraint(
            "category", "resource", "valid_from", name=op.f("uq_readings_rules_category_resource_valid_from")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_readings_rules_public_id")),
    )
    op.create_table(
        "readings_cohorts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("resource", sa.String(length=20), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("homes", sa.Integer(), nullable=False),
        sa.Column("middle_milli", Milli(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["accounts_brands.id"], name=op.f("fk_readings_cohorts_brand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings_cohorts")),
        sa.UniqueConstraint(
            "brand_id",
            "category",
            "residents",
            "resource",
            "period",
            name=op.f("uq_readings_cohorts_brand_id_category_residents_resource_period"),
        ),
    )
    op.create_table(
        "readings_file_sendings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("file_key", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("rejects", JSONText(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts_accounts.id"], name=op.f("fk_readings_file_sendings_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings_file_sendings")),
        sa.UniqueConstraint("public_id", name=op.f("uq_readings_file_sendings_public_id")),
    )
    with op.batch_alter_table("readings_file_sendings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_readings_file_sendings_account_id"), ["account_id"], unique=False)

    op.create_table(
        "readings_homes",
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_readings_homes_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_readings_homes")),
    )
    op.create_table(
        "readings_estimates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("register_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("added_milli", Milli(), nullable=False),
        sa.Column("basis", sa.String(length=10), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts_accounts.id"], name=op.f("fk_readings_estimates_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["register_id"], ["readings_registers.id"], name=op.f("fk_readings_estimates_register_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings_estimates")),
        sa.UniqueConstraint("public_id", name=op.f("uq_readings_estimates_public_id")),
        sa.UniqueConstraint("register_id", "period", name=op.f("uq_readings_estimates_register_id_period")),
    )
    with op.batch_alter_table("readings_estimates", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_readings_estimates_account_id_period"), ["account_id", "period"], unique=False
        )

    op.create_table(
        "readings_photos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reading_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_key", sa.String(length=60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_readings_photos_account_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["readings_readings.id"], name=op.f("fk_readings_photos_reading_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings_photos")),
        sa.UniqueConstraint("public_id", name=op.f("uq_readings_photos_public_id")),
    )
    with op.batch_alter_table("readings_photos", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_readings_photos_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_readings_photos_reading_id"), ["reading_id"], unique=False)

    op.create_table(
        "readings_reviews",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reading_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_readings_reviews_account_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["readings_readings.id"], name=op.f("fk_readings_reviews_reading_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings_reviews")),
        sa.UniqueConstraint("public_id", name=op.f("uq_readings_reviews_public_id")),
        sa.UniqueConstraint("reading_id", name=op.f("uq_readings_reviews_reading_id")),
    )
    with op.batch_alter_table("readings_reviews", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_readings_reviews_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_readings_reviews_state_id"), ["state", "id"], unique=False)

    with op.batch_alter_table("readings_meters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("coefficient", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(
            sa.Column("replaces_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_readings_meters_replaces_id"), "readings_meters", ["replaces_id"], ["id"]
        )

    with op.batch_alter_table("readings_readings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("token", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("taken_at", UTCDateTime(), nullable=True))
        batch_op.add_column(
            sa.Column("corrects_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_unique_constraint(batch_op.f("uq_readings_readings_corrects_id"), ["corrects_id"])
        batch_op.create_unique_constraint(
            batch_op.f("uq_readings_readings_register_id_token"), ["register_id", "token"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_readings_readings_corrects_id"), "readings_readings", ["corrects_id"], ["id"]
        )

    with op.batch_alter_table("readings_registers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("estimate", sa.String(length=20), server_default="", nullable=False))
        batch_op.add_column(sa.Column("estimate_period", sa.Date(), nullable=True))
