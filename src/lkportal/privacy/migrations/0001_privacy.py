"""privacy"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import Encrypted, JSONText, UTCDateTime

revision = "privacy_0001"
down_revision = None


def upgrade() -> None:
    _texts()
    _decisions()
    _erasures()
    _exports()
    _standings()
    _export_files()


def _texts() -> None:
    op.create_table(
        "privacy_texts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_texts")),
        sa.UniqueConstraint("hash", name=op.f("uq_privacy_texts_hash")),
    )


def _decisions() -> None:
    op.create_table(
        "privacy_decisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_privacy_decisions_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_decisions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_privacy_decisions_public_id")),
    )
    with op.batch_alter_table("privacy_decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_privacy_decisions_identity_id_id"), ["identity_id", "id"], unique=False)


def _erasures() -> None:
    op.create_table(
        "privacy_erasures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=True),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.Column("kept", JSONText(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_privacy_erasures_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_erasures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_privacy_erasures_public_id")),
    )
    with op.batch_alter_table("privacy_erasures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_privacy_erasures_state_due_at"), ["state", "due_at"], unique=False)
        batch_op.create_index(
            "uq_privacy_erasures_under_way",
            ["identity_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'working')"),
            postgresql_where=sa.text("state IN ('waiting', 'working')"),
        )


def _exports() -> None:
    op.create_table(
        "privacy_exports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("ready_at", UTCDateTime(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_privacy_exports_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_exports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_privacy_exports_public_id")),
    )
    with op.batch_alter_table("privacy_exports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_privacy_exports_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_privacy_exports_identity_id_id"), ["identity_id", "id"], unique=False)


def _standings() -> None:
    op.create_table(
        "privacy_standings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_privacy_standings_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_standings")),
        sa.UniqueConstraint("identity_id", "document", name=op.f("uq_privacy_standings_identity_id_document")),
    )


def _export_files() -> None:
    op.create_table(
        "privacy_export_files",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("export_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("packed", Encrypted("privacy_export_files.packed"), nullable=False),
        sa.ForeignKeyConstraint(["export_id"], ["privacy_exports.id"], name=op.f("fk_privacy_export_files_export_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_export_files")),
        sa.UniqueConstraint("export_id", "kind", name=op.f("uq_privacy_export_files_export_id_kind")),
    )
