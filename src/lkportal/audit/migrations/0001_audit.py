"""audit"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "audit_0001"
down_revision = None


def upgrade() -> None:
    _records()
    _seals()


def _records() -> None:
    op.create_table(
        "audit_records",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("on_behalf_of", sa.String(length=60), nullable=True),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=60), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("detail", JSONText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_records")),
        sa.UniqueConstraint("public_id", name=op.f("uq_audit_records_public_id")),
    )
    with op.batch_alter_table("audit_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_records_account_id"), ["account", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_records_actor_id"), ["actor", "id"], unique=False)


def _seals() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("sealed_at", UTCDateTime(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_seals_previous")),
    )
    op.create_table(
        "audit_sealed",
        sa.Column(
            "record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("seal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seal_id"], ["audit_seals.id"], name=op.f("fk_audit_sealed_seal_id")),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_audit_sealed")),
    )
    with op.batch_alter_table("audit_sealed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_sealed_seal_id_place"), ["seal_id", "place"], unique=True)
