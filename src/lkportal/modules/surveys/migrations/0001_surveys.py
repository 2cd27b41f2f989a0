"""surveys"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "surveys_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "surveys_questions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("occasion", sa.String(length=60), nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("texts", JSONText(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys_questions")),
        sa.UniqueConstraint("occasion", name=op.f("uq_surveys_questions_occasion")),
    )
    op.create_table(
        "surveys_turns",
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_surveys_turns_identity_id")),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_surveys_turns")),
    )
    _answers()


def _answers() -> None:
    op.create_table(
        "surveys_answers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("occasion", sa.String(length=60), nullable=False),
        sa.Column("contact", sa.String(length=40), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("remark", sa.String(length=1000), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("care", sa.String(length=6), nullable=False),
        sa.Column("done", sa.String(length=1000), nullable=False),
        sa.Column("done_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts_accounts.id"], name=op.f("fk_surveys_answers_account_id")),
        sa.ForeignKeyConstraint(["done_by"], ["auth_identities.id"], name=op.f("fk_surveys_answers_done_by")),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_surveys_answers_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys_answers")),
        sa.UniqueConstraint("occasion", "contact", name=op.f("uq_surveys_answers_occasion_contact")),
        sa.UniqueConstraint("public_id", name=op.f("uq_surveys_answers_public_id")),
    )
    with op.batch_alter_table("surveys_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveys_answers_account_id_until"), ["account_id", "until"], unique=False)
        batch_op.create_index(batch_op.f("ix_surveys_answers_answered_at"), ["answered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_surveys_answers_asked_at"), ["asked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_surveys_answers_care_answered_at"), ["care", "answered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_surveys_answers_done_by"), ["done_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_surveys_answers_identity_id"), ["identity_id"], unique=False)
