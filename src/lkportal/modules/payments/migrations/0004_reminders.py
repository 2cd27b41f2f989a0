"""Bills by their term: whoever reminds of them asks for one day."""

from alembic import op

revision = "payments_0004"
down_revision = "payments_0003"


def upgrade() -> None:
    op.create_index(op.f("ix_payments_bills_due_on_id"), "payments_bills", ["due_on", "id"])
