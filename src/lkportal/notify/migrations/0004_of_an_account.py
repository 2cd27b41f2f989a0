"""Entries of an account are found by it: letting an account go asks for them."""

from alembic import op

revision = "notify_0004"
down_revision = "notify_0003"


def upgrade() -> None:
    op.create_index(op.f("ix_notify_messages_account_id"), "notify_messages", ["account_id"])
