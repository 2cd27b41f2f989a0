"""policies, what they insure, premiums"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Minor, UTCDateTime

revision = "insurance_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "insurance_policies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("risks", sa.String(length=1000), nullable=False),
        sa.Column("insured_sum", Minor(), nullable=False),
        sa.Column("deductible", Minor(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("document", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts_accounts.id"], name=op.f("fk_insurance_policies_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insurance_policies")),
        sa.UniqueConstraint("public_id", name=op.f("uq_insurance_policies_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_insurance_policies_source_source_key")),
    )
    with op.batch_alter_table("insurance_policies", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_insurance_policies_account_id_ends_on"), ["account_id", "ends_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_insurance_policies_ends_on"), ["ends_on"], unique=False)
        batch_op.create_index(
            "ix_insurance_policies_unwritten",
            ["id"],
            unique=False,
            sqlite_where=sa.text("document = '' AND state = 'active'"),
            postgresql_where=sa.text("document = '' AND state = 'active'"),
        )

    op.create_table(
        "insurance_objects",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("insured_sum", Minor(), nullable=False),
        sa.ForeignKeyConstraint(["policy_id"], ["insurance_policies.id"], name=op.f("fk_insurance_objects_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insurance_objects")),
        sa.UniqueConstraint("policy_id", "name", name=op.f("uq_insurance_objects_policy_id_name")),
    )
    op.create_table(
        "insurance_premiums",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount", Minor(), nullable=False),
        sa.Column("unpaid", Minor(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("bill", sa.String(length=16), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts_accounts.id"], name=op.f("fk_insurance_premiums_account_id")
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["insurance_policies.id"], name=op.f("fk_insurance_premiums_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insurance_premiums")),
        sa.UniqueConstraint("policy_id", "due_on", name=op.f("uq_insurance_premiums_policy_id_due_on")),
        sa.UniqueConstraint("public_id", name=op.f("uq_insurance_premiums_public_id")),
    )
    with op.batch_alter_table("insurance_premiums", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_insurance_premiums_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "ix_insurance_premiums_asked",
            ["account_id"],
            unique=False,
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        )
        batch_op.create_index(
            "ix_insurance_premiums_planned",
            ["due_on"],
            unique=False,
            sqlite_where=sa.text("state = 'planned'"),
            postgresql_where=sa.text("state = 'planned'"),
        )
