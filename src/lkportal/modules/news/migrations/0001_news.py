"""news"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "news_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "news_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("texts", JSONText(), nullable=False),
        sa.Column("important", sa.Boolean(), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("segment", sa.String(length=12), nullable=False),
        sa.Column("places", JSONText(), nullable=False),
        sa.Column("targeted", sa.Boolean(), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column("begins_at", UTCDateTime(), nullable=True),
        sa.Column("expected_end", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("show_from", sa.Date(), nullable=False),
        sa.Column("show_until", sa.Date(), nullable=True),
        sa.Column("publish_at", UTCDateTime(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("source_key", sa.String(length=200), nullable=True),
        sa.Column("source_version", sa.String(length=100), nullable=True),
        sa.Column("seen_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["brand_id"], ["accounts_brands.id"], name=op.f("fk_news_items_brand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_items")),
        sa.UniqueConstraint("public_id", name=op.f("uq_news_items_public_id")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_news_items_source_source_key")),
    )
    with op.batch_alter_table("news_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_news_items_state_show_until"), ["state", "show_until"], unique=False)

    op.create_table(
        "news_concerned",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("found_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_news_concerned_account_id")),
        sa.ForeignKeyConstraint(["item_id"], ["news_items.id"], name=op.f("fk_news_concerned_item_id")),
        sa.PrimaryKeyConstraint("item_id", "account_id", name=op.f("pk_news_concerned")),
    )
    with op.batch_alter_table("news_concerned", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_news_concerned_account_id"), ["account_id"], unique=False)

    op.create_table(
        "news_reads",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_news_reads_identity_id")),
        sa.ForeignKeyConstraint(["item_id"], ["news_items.id"], name=op.f("fk_news_reads_item_id")),
        sa.PrimaryKeyConstraint("item_id", "identity_id", name=op.f("pk_news_reads")),
    )
    with op.batch_alter_table("news_reads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_news_reads_identity_id"), ["identity_id"], unique=False)

    op.create_table(
        "news_updates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("texts", JSONText(), nullable=False),
        sa.Column("expected_end", UTCDateTime(), nullable=True),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["news_items.id"], name=op.f("fk_news_updates_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_updates")),
        sa.UniqueConstraint("public_id", name=op.f("uq_news_updates_public_id")),
    )
    with op.batch_alter_table("news_updates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_news_updates_item_id"), ["item_id"], unique=False)
