"""What waits for people of the company is counted by an index, however much is done already."""

import sqlalchemy as sa
from alembic import op

revision = "payments_0010"
down_revision = "payments_0009"

_UNDONE = sa.text("state IN ('attention', 'failed') AND done_at IS NULL")
_FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    op.create_index(
        "ix_payments_refunds_undone",
        "payments_refunds",
        ["created_at"],
        sqlite_where=_UNDONE,
        postgresql_where=_UNDONE,
    )
    op.create_index(
        "ix_payments_receipts_failed",
        "payments_receipts",
        ["created_at"],
        sqlite_where=_FAILED,
        postgresql_where=_FAILED,
    )
