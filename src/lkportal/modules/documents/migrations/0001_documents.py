"""documents"""

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import JSONText, UTCDateTime

revision = "documents_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "documents_texts",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_documents_texts")),
    )
    op.create_table(
        "documents_agreements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("agreed_at", UTCDateTime(), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["auth_identities.id"], name=op.f("fk_documents_agreements_identity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents_agreements")),
        sa.UniqueConstraint("identity_id", "text_hash", name=op.f("uq_documents_agreements_identity_id_text_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_documents_agreements_public_id")),
    )
    op.create_table(
        "documents_documents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("asks", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("waits_since", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts_accounts.id"], name=op.f("fk_documents_documents_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents_documents")),
        sa.UniqueConstraint("account_id", "token", name=op.f("uq_documents_documents_account_id_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_documents_documents_public_id")),
    )
    with op.batch_alter_table("documents_documents", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_documents_documents_account_id_changed_at"), ["account_id", "changed_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_documents_documents_state_waits_since"), ["state", "waits_since"], unique=False
        )

    op.create_table(
        "documents_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("brand", sa.String(length=60), nullable=False),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents_documents.id"], name=op.f("fk_documents_codes_document_id")
        ),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_documents_codes_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents_codes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_documents_codes_public_id")),
    )
    with op.batch_alter_table("documents_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_documents_codes_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_documents_codes_identity_id_document_id"), ["identity_id", "document_id"], unique=False
        )

    op.create_table(
        "documents_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("token", sa.String(length=16), nullable=False),
        sa.Column("facts", JSONText(), nullable=False),
        sa.Column("private", JSONText(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents_documents.id"], name=op.f("fk_documents_events_document_id")
        ),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_documents_events_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents_events")),
        sa.UniqueConstraint("document_id", "seq", name=op.f("uq_documents_events_document_id_seq")),
    )
    with op.batch_alter_table("documents_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_documents_events_identity_id"), ["identity_id"], unique=False)

    op.create_table(
        "documents_versions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("of_version", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents_documents.id"], name=op.f("fk_documents_versions_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents_versions")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_documents_versions_document_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_documents_versions_public_id")),
    )
    op.create_table(
        "documents_pictures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["documents_versions.id"], name=op.f("fk_documents_pictures_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents_pictures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_documents_pictures_public_id")),
        sa.UniqueConstraint("version_id", "number", name=op.f("uq_documents_pictures_version_id_number")),
    )
    op.create_table(
        "documents_signatures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("side", sa.String(length=12), nullable=False),
        sa.Column("signer", sa.String(length=200), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents_documents.id"], name=op.f("fk_documents_signatures_document_id")
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["auth_identities.id"], name=op.f("fk_documents_signatures_identity_id")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["documents_versions.id"], name=op.f("fk_documents_signatures_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents_signatures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_documents_signatures_public_id")),
        sa.UniqueConstraint("version_id", "sha256", name=op.f("uq_documents_signatures_version_id_sha256")),
    )
    with op.batch_alter_table("documents_signatures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_documents_signatures_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_documents_signatures_identity_id"), ["identity_id"], unique=False)
