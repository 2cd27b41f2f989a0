"""The tables of the desk: drafts, published versions and pictures of brands."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "staff_0001"
down_revision = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "staff_brand_drafts",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("changes", JSONText(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_brand_drafts")),
        sa.UniqueConstraint("brand", name=op.f("uq_staff_brand_drafts_brand")),
        sa.UniqueConstraint("public_id", name=op.f("uq_staff_brand_drafts_public_id")),
    )
    op.create_table(
        "staff_brand_versions",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("changes", JSONText(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("published_by", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_brand_versions")),
        sa.UniqueConstraint("brand", "number", name=op.f("uq_staff_brand_versions_brand")),
    )
    op.create_table(
        "staff_brand_files",
        sa.Column("id", key, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_brand_files")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_brand_files_name")),
    )
