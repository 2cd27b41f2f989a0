"""An index of the numbers of bills: what came by bank names them."""

from alembic import op

revision = "payments_0011"
down_revision = "payments_0010"


def upgrade() -> None:
    op.create_index(op.f("ix_payments_bills_number"), "payments_bills", ["number"])
