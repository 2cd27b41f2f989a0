"""sections, articles, votes"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "help_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "help_sections",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("titles", JSONText(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_sections")),
        sa.UniqueConstraint("public_id", name=op.f("uq_help_sections_public_id")),
    )
    op.create_table(
        "help_articles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("section_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("texts", JSONText(), nullable=False),
        sa.Column("types", JSONText(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["brand_id"], ["accounts_brands.id"], name=op.f("fk_help_articles_brand_id")),
        sa.ForeignKeyConstraint(["section_id"], ["help_sections.id"], name=op.f("fk_help_articles_section_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_articles")),
        sa.UniqueConstraint("public_id", name=op.f("uq_help_articles_public_id")),
    )
    with op.batch_alter_table("help_articles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_help_articles_section_id"), ["section_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_help_articles_state"), ["state"], unique=False)

    op.create_table(
        "help_votes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("clear", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["help_articles.id"], name=op.f("fk_help_votes_article_id")),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_help_votes_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_votes")),
        sa.UniqueConstraint("article_id", "identity_id", name=op.f("uq_help_votes_article_id_identity_id")),
        sa.UniqueConstraint("article_id", "token", name=op.f("uq_help_votes_article_id_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_help_votes_public_id")),
    )
    with op.batch_alter_table("help_votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_help_votes_identity_id"), ["identity_id"], unique=False)
