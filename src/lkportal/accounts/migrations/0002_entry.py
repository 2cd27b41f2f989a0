"""The ways in to an account: codes, claims, signed links, first visits; how well a membership is proved."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from lkportal.core.columns import UTCDateTime

revision = "accounts_0002"
down_revision = "accounts_0001"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OWNERS = {"account_id": "accounts_accounts.id", "identity_id": "auth_identities.id"}


def upgrade() -> None:
    op.add_column("accounts_memberships", sa.Column("level", sa.Integer(), server_default="2", nullable=False))
    _table("proof_codes", *_codes(), public=True)
    _table("claims", *_claims(), public=True)
    _table("guest_links", *_links(), public=True, unique=(("token_hash",),))
    _table(
        "first_visits",
        _key("identity_id"),
        _moment("begun_at", nullable=False),
        _moment("over_at"),
        unique=(("identity_id",),),
    )
    _table(
        "first_steps",
        _key("identity_id"),
        _words("step", 40),
        _moment("seen_at", nullable=False),
        _moment("done_at"),
        _moment("skipped_at"),
        unique=(("identity_id", "step"),),
    )
    for table, columns in (
        ("proof_codes", ["account_id"]),
        ("proof_codes", ["kind", "printed_at"]),
        ("claims", ["account_id"]),
        ("claims", ["identity_id"]),
        ("guest_links", ["account_id"]),
        ("guest_links", ["expires_at"]),
        ("first_steps", ["step"]),
    ):
        op.create_index(op.f(f"ix_accounts_{table}_{'_'.join(columns)}"), f"accounts_{table}", columns)


def _codes() -> list[sa.Column[Any]]:
    return [
        _key("account_id"),
        _words("kind", 10),
        _words("code_hash", 64, nullable=True),
        sa.Column("asked_by", KEY, nullable=True),
        _moment("created_at", nullable=False),
        _moment("printed_at"),
        _moment("expires_at"),
        _moment("used_at"),
    ]


def _claims() -> list[sa.Column[Any]]:
    return [
        _key("identity_id"),
        _key("account_id"),
        _words("membership", 16),
        _words("role", 20),
        _words("proof", 40),
        sa.Column("level", sa.Integer(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("refuse_until"),
        _moment("refused_at"),
    ]


def _links() -> list[sa.Column[Any]]:
    return [
        _words("token_hash", 64),
        _words("purpose", 40),
        _key("account_id"),
        _words("target", 40),
        _words("origin", 10),
        _moment("created_at", nullable=False),
        _moment("expires_at", nullable=False),
        _moment("used_at"),
        _moment("revoked_at"),
        _words("result", 40),
    ]


def _table(name: str, *columns: sa.Column[Any], public: bool = False, unique: tuple[tuple[str, ...], ...] = ()) -> None:
    whole = f"accounts_{name}"
    ids = [sa.Column("id", KEY, autoincrement=True, nullable=False), *([_words("public_id", 16)] if public else [])]
    owned = [column.name for column in columns if column.name in OWNERS]
    constraints = [
        *(sa.ForeignKeyConstraint([own], [OWNERS[own]], name=op.f(f"fk_{whole}_{own}")) for own in owned),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{whole}")),
        *(
            sa.UniqueConstraint(*each, name=op.f(f"uq_{whole}_{'_'.join(each)}"))
            for each in (*((("public_id",),) if public else ()), *unique)
        ),
    ]
    op.create_table(whole, *ids, *columns, *constraints)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, KEY, nullable=False)


def _words(name: str, longest: int, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=longest), nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, UTCDateTime(), nullable=nullable)
