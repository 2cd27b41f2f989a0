"""Tables of how people come to an account: invitations, which also carry offers to hand an account over. Memberships: accounts.models."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


def _open(scope: str) -> Index:
    waiting = text("accepted_at IS NULL AND revoked_at IS NULL")
    name = f"uq_accounts_invitations_{scope.removesuffix('_id')}"
    return Index(name, "email", scope, "role", unique=True, sqlite_where=waiting, postgresql_where=waiting)


class Invitation(Base):
    """An invitation of a mailbox to an account, a group or an organisation in a role.

    `made_under` is the membership of who invited: once it is gone, the link opens nothing; empty: the company invites.
    `hands_over` says that with the new owner that membership ends. The link's token is made when the letter leaves, only its
    hash is kept; a letter sent again has a new one. `right_until` is when the right itself runs out.
    """

    __tablename__ = "accounts_invitations"
    __table_args__ = (
        CheckConstraint(
            "(account_id IS NOT NULL AND organisation_id IS NULL AND group_id IS NULL)"
            " OR (account_id IS NULL AND organisation_id IS NOT NULL AND group_id IS NULL)"
            " OR (account_id IS NULL AND organisation_id IS NULL AND group_id IS NOT NULL)",
            name="one_scope",
        ),
        _open("account_id"),
        _open("organisation_id"),
        _open("group_id"),
        Index(None, "account_id"),
        Index(None, "organisation_id"),
        Index(None, "group_id"),
        Index(None, "made_under"),
        Index(None, "expires_at"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"))
    organisation_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_organisations.id"))
    group_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_groups.id"))
    email: Mapped[str] = mapped_column(String(254), nullable=False)
    name: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    role: Mapped[str] = mapped_column(String(20), nullable=False)
    word: Mapped[str] = mapped_column(String(500), default="", nullable=False)
    locale: Mapped[str] = mapped_column(String(12), default="", nullable=False)
    made_under: Mapped[int | None] = mapped_column(big_key())
    hands_over: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    right_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    source: Mapped[str] = mapped_column(String(64), default="", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    accepted_by: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
