"""What was done on a thing is found by an index: who did the first act does not do the second alone."""

from alembic import op

revision = "audit_0003"
down_revision = "audit_0002"


def upgrade() -> None:
    op.create_index(op.f("ix_audit_records_target"), "audit_records", ["target"], unique=False)
