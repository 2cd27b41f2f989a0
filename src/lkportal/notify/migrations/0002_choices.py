"""What people chose, their browsers, messages by other ways than letters."""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Encrypted, UTCDateTime

revision = "notify_0002"
down_revision = "notify_0001"


def upgrade() -> None:
    _choices()
    _devices()
    _messages()


def _choices() -> None:
    op.create_table(
        "notify_choices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column("email", sa.String(length=10), nullable=False),
        sa.Column("push", sa.Boolean(), nullable=False),
        sa.Column("sms", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_notify_choices_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notify_choices")),
        sa.UniqueConstraint(
            "identity_id", "topic", "account", name=op.f("uq_notify_choices_identity_id_topic_account")
        ),
    )
    op.create_table(
        "notify_habits",
        sa.Column(
            "identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("step_by_step", sa.Boolean(), nullable=False),
        sa.Column("push_titles", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_notify_habits_identity_id")),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_notify_habits")),
    )


def _devices() -> None:
    op.create_table(
        "notify_devices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("endpoint_hash", sa.String(length=64), nullable=False),
        sa.Column("endpoint", Encrypted("notify_devices.endpoint"), nullable=False),
        sa.Column("keys", Encrypted("notify_devices.keys"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.Column("paused_until", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_notify_devices_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notify_devices")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_notify_devices_endpoint_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_notify_devices_public_id")),
    )
    with op.batch_alter_table("notify_devices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notify_devices_identity_id"), ["identity_id"], unique=False)


def _messages() -> None:
    with op.batch_alter_table("notify_letters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=10), server_default="email", nullable=False))
        batch_op.add_column(sa.Column("notice", sa.String(length=80), server_default="", nullable=False))
        batch_op.add_column(sa.Column("entry", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("unless_read", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("device", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("digest", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("due_at", UTCDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_notify_letters_digest"), ["digest"], unique=False)
        batch_op.create_index(
            "ix_notify_letters_held",
            ["due_at", "identity_id"],
            unique=False,
            sqlite_where=sa.text("state = 'held'"),
            postgresql_where=sa.text("state = 'held'"),
        )

    with op.batch_alter_table("notify_messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("listed", sa.Boolean(), server_default=sa.true(), nullable=False))
