"""Tables of the shared nouns: brands, organisations, premises, accounts, groups of them, memberships, staff roles.
Invitations stand in people.models; what is owed on an account stands in payments; who signs in stands in auth."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.accounts.claims.models import Claim, ProofCode
from lkportal.accounts.first.models import FirstStepState, FirstVisit
from lkportal.accounts.guests.models import SignedLink
from lkportal.accounts.home.models import HomeLayout
from lkportal.accounts.people.models import Invitation
from lkportal.core.columns import JSONText, Provenance, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

__all__ = [
    "Abstention",
    "Account",
    "Brand",
    "Claim",
    "FirstStepState",
    "FirstVisit",
    "Group",
    "GroupAccount",
    "HomeLayout",
    "Invitation",
    "Membership",
    "Organisation",
    "Premise",
    "ProofCode",
    "SignedLink",
    "StaffRole",
]


def _living(scope: str) -> Index:
    alive = text("revoked_at IS NULL")
    name = f"uq_accounts_memberships_{scope.removesuffix('_id')}"
    return Index(name, "identity_id", scope, "role", unique=True, sqlite_where=alive, postgresql_where=alive)


class Brand(Base):
    """A face of the company: its key names the brand book, its hosts choose it. An account belongs to one."""

    __tablename__ = "accounts_brands"

    id: Mapped[int] = pk()
    key: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    hosts: Mapped[list[str]] = mapped_column(JSONText(), default=list, nullable=False)
    public_url: Mapped[str] = mapped_column(String(200), default="", nullable=False)
    theme_version: Mapped[int] = mapped_column(Integer, default=1, nullable=False)


class Organisation(Provenance, Base):
    """A company among the customers. Membership in it reaches all its accounts."""

    __tablename__ = "accounts_organisations"
    __table_args__ = (Index(None, "tax_number"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    name: Mapped[str] = mapped_column(String(300), nullable=False)
    tax_number: Mapped[str] = mapped_column(String(20), default="", nullable=False)


class Premise(Provenance, Base):
    """A place that is served: a flat, a house, a workshop."""

    __tablename__ = "accounts_premises"

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    address: Mapped[str] = mapped_column(String(400), nullable=False)


class Account(Provenance, Base):
    """An account with the company (лицевой счёт): what bills, meters and payments hang on."""

    __tablename__ = "accounts_accounts"
    __table_args__ = (
        UniqueConstraint("brand_id", "number"),
        Index(None, "number"),
        Index(None, "organisation_id", "id"),
        Index(None, "premise_id"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    brand_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_brands.id"), nullable=False)
    organisation_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_organisations.id"))
    premise_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_premises.id"))
    number: Mapped[str] = mapped_column(String(40), nullable=False)
    title: Mapped[str] = mapped_column(String(200), nullable=False)
    holder: Mapped[str] = mapped_column(String(300), default="", nullable=False)
    time_zone: Mapped[str] = mapped_column(String(60), nullable=False)
    currency: Mapped[str] = mapped_column(String(3), nullable=False)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Group(Base):
    """A named set of accounts, "branches of the north", of an organisation or of one person. Membership in it reaches them."""

    __tablename__ = "accounts_groups"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (identity_id IS NULL)", name="one_keeper"),
        Index(None, "organisation_id"),
        Index(None, "identity_id"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    name: Mapped[str] = mapped_column(String(120), nullable=False)
    organisation_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_organisations.id"))
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class GroupAccount(Base):
    """An account in a group. `organisation_id` is that of an organisation's group: once the account went to another
    organisation, the group does not reach it any more."""

    __tablename__ = "accounts_group_accounts"
    __table_args__ = (Index(None, "account_id"),)

    group_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_groups.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(big_key())


class Membership(Base):
    """The right of a person to an account, to the accounts of a group or to all accounts of an organisation, in a role.

    A revoked one stays as history: unique are only the living, so that one right is not given twice. From `expires_at` on it
    reaches nothing. `without` names rights that its person does not have on what it reaches, whatever their roles. `level` is
    how well it is proved that the account is this person's: 0 by what others may know, 1 by what only they have, 2 in person.
    """

    __tablename__ = "accounts_memberships"
    __table_args__ = (
        CheckConstraint(
            "(account_id IS NOT NULL AND organisation_id IS NULL AND group_id IS NULL)"
            " OR (account_id IS NULL AND organisation_id IS NOT NULL AND group_id IS NULL)"
            " OR (account_id IS NULL AND organisation_id IS NULL AND group_id IS NOT NULL)",
            name="one_scope",
        ),
        _living("account_id"),
        _living("organisation_id"),
        _living("group_id"),
        Index(None, "account_id"),
        Index(None, "organisation_id"),
        Index(None, "group_id"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    account_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"))
    organisation_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_organisations.id"))
    group_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_groups.id"))
    role: Mapped[str] = mapped_column(String(20), nullable=False)
    level: Mapped[int] = mapped_column(Integer, default=2, server_default="2", nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    without: Mapped[str] = mapped_column(String(2000), default="", server_default="", nullable=False)


class Abstention(Base):
    """Rights that a person switched off for themself, on all accounts they reach: names, space separated."""

    __tablename__ = "accounts_abstentions"

    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), primary_key=True)
    without: Mapped[str] = mapped_column(String(2000), nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class StaffRole(Base):
    """A role of one of the company's people: operator, cashier, accountant, administrator, auditor."""

    __tablename__ = "accounts_staff_roles"
    __table_args__ = (UniqueConstraint("identity_id", "role"),)

    id: Mapped[int] = pk()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    role: Mapped[str] = mapped_column(String(20), nullable=False)
    granted_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
