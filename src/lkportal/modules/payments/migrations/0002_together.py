"""Several accounts in one payment: who leads it, what the attempt collects, what was given back of each."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Minor

revision = "payments_0002"
down_revision = "payments_0001"

_SHARED = sa.text("lead_id IS NOT NULL")


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("payments_payments") as batch:
        batch.add_column(sa.Column("lead_id", key, nullable=True))
        batch.add_column(sa.Column("refunded", Minor(), server_default="0", nullable=False))
        batch.create_foreign_key(op.f("fk_payments_payments_lead_id"), "payments_payments", ["lead_id"], ["id"])
    op.create_index(
        "ix_payments_payments_lead_id",
        "payments_payments",
        ["lead_id"],
        sqlite_where=_SHARED,
        postgresql_where=_SHARED,
    )
    op.add_column("payments_attempts", sa.Column("amount", Minor(), nullable=True))
    op.execute(
        "UPDATE payments_payments SET refunded = (SELECT sum(a.refunded) FROM payments_attempts a"
        " WHERE a.payment_id = payments_payments.id)"
        " WHERE id IN (SELECT payment_id FROM payments_attempts WHERE refunded > 0)"
    )
