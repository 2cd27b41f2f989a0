"""The tables: policies as the insurer's system tells them, what they insure, their premiums."""

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Minor, Provenance, big_key, pk, public_id_column
from lkportal.core.db import Base

PLANNED, ASKED = "state = 'planned'", "state = 'asked'"
UNWRITTEN = "document = '' AND state = 'active'"


class Policy(Provenance, Base):
    """A policy of an account. `kind` is home, car, health, travel or other; `risks` what it covers, parted by semicolons; `state` active or
    cancelled, the rest follows from its days. `document` is the public id of its paper, "" while there is none."""

    __tablename__ = "insurance_policies"
    __table_args__ = (
        Index(None, "account_id", "ends_on"),
        Index(None, "ends_on"),
        Index("ix_insurance_policies_unwritten", "id", sqlite_where=text(UNWRITTEN), postgresql_where=text(UNWRITTEN)),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    number: Mapped[str] = mapped_column(String(40), nullable=False)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    risks: Mapped[str] = mapped_column(String(1000), nullable=False)
    insured_sum: Mapped[int] = mapped_column(Minor(), nullable=False)
    deductible: Mapped[int] = mapped_column(Minor(), nullable=False)
    starts_on: Mapped[date] = mapped_column(Date(), nullable=False)
    ends_on: Mapped[date] = mapped_column(Date(), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    document: Mapped[str] = mapped_column(String(16), nullable=False)


class Insured(Base):
    """Something that a policy insures: a flat, a car, a person. `detail` tells it apart: the address, the number plate."""

    __tablename__ = "insurance_objects"
    __table_args__ = (UniqueConstraint("policy_id", "name"),)

    id: Mapped[int] = pk()
    policy_id: Mapped[int] = mapped_column(big_key(), ForeignKey("insurance_policies.id"), nullable=False)
    name: Mapped[str] = mapped_column(String(120), nullable=False)
    detail: Mapped[str] = mapped_column(String(200), nullable=False)
    insured_sum: Mapped[int] = mapped_column(Minor(), nullable=False)


class Premium(Base):
    """A premium of a policy, to be paid until `due_on`. `state`: planned, asked (it is a bill), paid, withdrawn.
    `bill` is the public id of its bill, `unpaid` what is left to pay of it."""

    __tablename__ = "insurance_premiums"
    __table_args__ = (
        UniqueConstraint("policy_id", "due_on"),
        Index(None, "account_id"),
        Index("ix_insurance_premiums_planned", "due_on", sqlite_where=text(PLANNED), postgresql_where=text(PLANNED)),
        Index("ix_insurance_premiums_asked", "account_id", sqlite_where=text(ASKED), postgresql_where=text(ASKED)),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    policy_id: Mapped[int] = mapped_column(big_key(), ForeignKey("insurance_policies.id"), nullable=False)
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    amount: Mapped[int] = mapped_column(Minor(), nullable=False)
    unpaid: Mapped[int] = mapped_column(Minor(), nullable=False)
    due_on: Mapped[date] = mapped_column(Date(), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False)
    bill: Mapped[str] = mapped_column(String(16), nullable=False)
    paid_on: Mapped[date | None] = mapped_column(Date())
