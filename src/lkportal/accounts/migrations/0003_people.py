"""Groups of accounts, rights that run out or are narrowed, invitations."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "accounts_0003"
down_revision = "accounts_0002"
_ONE_SCOPE = (
    "(account_id IS NOT NULL AND organisation_id IS NULL AND group_id IS NULL)"
    " OR (account_id IS NULL AND organisation_id IS NOT NULL AND group_id IS NULL)"
    " OR (account_id IS NULL AND organisation_id IS NULL AND group_id IS NOT NULL)"
)


def _key() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _group()
    _abstain()
    _widen_memberships()
    _invite()


def _group() -> None:
    op.create_table(
        "accounts_groups",
        sa.Column("id", _key(), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("organisation_id", _key(), nullable=True),
        sa.Column("identity_id", _key(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(organisation_id IS NULL) <> (identity_id IS NULL)", name=op.f("ck_accounts_groups_one_keeper")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["accounts_organisations.id"], name=op.f("fk_accounts_groups_organisation_id")
        ),
        sa.ForeignKeyConstraint(["identity_id"], ["auth_identities.id"], name=op.f("fk_accounts_groups_identity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_groups")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accounts_groups_public_id")),
    )
    op.create_index(op.f("ix_accounts_groups_organisation_id"), "accounts_groups", ["organisation_id"])
    op.create_index(op.f("ix_accounts_groups_identity_id"), "accounts_groups", ["identity_id"])
    op.create_table(
        "accounts_group_accounts",
        sa.Column("group_id", _key(), nullable=False),
        sa.Column("account_id", _key(), nullable=False),
        sa.Column("organisation_id", _key(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["accounts_groups.id"], name=op.f("fk_accounts_group_accounts_group_id")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts_accounts.id"], name=op.f("fk_accounts_group_accounts_account_id")
        ),
        sa.PrimaryKeyConstraint("group_id", "account_id", name=op.f("pk_accounts_group_accounts")),
    )
    op.create_index(op.f("ix_accounts_group_accounts_account_id"), "accounts_group_accounts", ["account_id"])


def _abstain() -> None:
    op.create_table(
        "accounts_abstentions",
        sa.Column("identity_id", _key(), autoincrement=False, nullable=False),
        sa.Column("without", sa.String(length=2000), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["auth_identities.id"], name=op.f("fk_accounts_abstentions_identity_id")
        ),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_accounts_abstentions")),
    )


def _widen_memberships() -> None:
    with op.batch_alter_table("accounts_memberships") as batch:
        batch.add_column(sa.Column("group_id", _key(), nullable=True))
        batch.add_column(sa.Column("expires_at", UTCDateTime(), nullable=True))
        batch.add_column(sa.Column("without", sa.String(length=2000), server_default="", nullable=False))
        batch.drop_constraint(op.f("ck_accounts_memberships_one_scope"), type_="check")
        batch.create_check_constraint(op.f("ck_accounts_memberships_one_scope"), _ONE_SCOPE)
        batch.create_foreign_key(op.f("fk_accounts_memberships_group_id"), "accounts_groups", ["group_id"], ["id"])
    op.create_index(op.f("ix_accounts_memberships_group_id"), "accounts_memberships", ["group_id"])
    op.create_index(
        "uq_accounts_memberships_group",
        "accounts_memberships",
        ["identity_id", "group_id", "role"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def _invite() -> None:
    op.create_table(
        "accounts_invitations",
        *_columns(),
        sa.CheckConstraint(_ONE_SCOPE, name=op.f("ck_accounts_invitations_one_scope")),
        *(
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_accounts_invitations_{column}"))
            for column, target in (
                ("account_id", "accounts_accounts.id"),
                ("organisation_id", "accounts_organisations.id"),
                ("group_id", "accounts_groups.id"),
                ("accepted_by", "auth_identities.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_invitations")),
        sa.UniqueConstraint("public_id", name=op.f("uq_accounts_invitations_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_accounts_invitations_token_hash")),
    )
    for column in ("account_id", "organisation_id", "group_id", "made_under", "expires_at"):
        op.create_index(op.f(f"ix_accounts_invitations_{column}"), "accounts_invitations", [column])
    for scope in ("account", "organisation", "group"):
        op.create_index(
            f"uq_accounts_invitations_{scope}",
            "accounts_invitations",
            ["email", f"{scope}_id", "role"],
            unique=True,
            sqlite_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
            postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
        )


def _columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", _key(), autoincrement=True, nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("account_id", _key(), nullable=True),
        sa.Column("organisation_id", _key(), nullable=True),
        sa.Column("group_id", _key(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("word", sa.String(length=500), nullable=False),
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("made_under", _key(), nullable=True),
        sa.Column("hands_over", sa.Integer(), nullable=False),
        sa.Column("right_until", UTCDateTime(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("accepted_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("accepted_by", _key(), nullable=True),
    )
