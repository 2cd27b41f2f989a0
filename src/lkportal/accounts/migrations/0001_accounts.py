"""accounts"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "accounts_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts_brands",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("hosts", JSONText(), nullable=False),
        sa.Column("public_url", sa.String(length=200), nullable=False),
        sa.Column("theme_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_brands")),
        sa.UniqueConstraint("key", name=op.f("uq_accounts_brands_key")),
    )
    op.create_table(
        "accounts_organisations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("tax_number", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_organisations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accounts_organisations_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_accounts_organisations_source_source_key")),
    )
    with op.batch_alter_table("accounts_organisations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_organisations_tax_number"), ["tax_number"], unique=False)

    op.create_table(
        "accounts_premises",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_premises")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accounts_premises_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_accounts_premises_source_source_key")),
    )
    op.create_table(
        "accounts_accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("premise_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("holder", sa.String(length=300), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["brand_id"], ["accounts_brands.id"], name=op.f("fk_accounts_accounts_brand_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts_organisations.id"], name=op.f("fk_accounts_accounts_organisation_id")
        ),
        sa.ForeignKeyConstraint(["premise_id"], ["accounts_premises.id"], name=op.f("fk_accounts_accounts_premise_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_accounts")),
        sa.UniqueConstraint("brand_id", "number", name=op.f("uq_accounts_accounts_brand_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accounts_accounts_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_accounts_accounts_source_source_key")),
    )
    with op.batch_alter_table("accounts_accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_accounts_number"), ["number"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_accounts_accounts_organisation_id_id"), ["organisation_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_accounts_accounts_premise_id"), ["premise_id"], unique=False)

    op.create_table(
        "accounts_staff_roles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("granted_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["auth_identities.id"], name=op.f("fk_accounts_staff_roles_identity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_staff_roles")),
        sa.UniqueConstraint("identity_id", "role", name=op.f("uq_accounts_staff_roles_identity_id_role")),
    )
    op.create_table(
        "accounts_memberships",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(account_id IS NULL) <> (organisation_id IS NULL)", name=op.f("ck_accounts_memberships_one_scope")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts_accounts.id"], name=op.f("fk_accounts_memberships_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["auth_identities.id"], name=op.f("fk_accounts_memberships_identity_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts_organisations.id"], name=op.f("fk_accounts_memberships_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_memberships")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accounts_memberships_public_id")),
    )
    with op.batch_alter_table("accounts_memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accounts_memberships_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_accounts_memberships_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(
            "uq_accounts_memberships_account",
            ["identity_id", "account_id", "role"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.create_index(
            "uq_accounts_memberships_organisation",
            ["identity_id", "organisation_id", "role"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
