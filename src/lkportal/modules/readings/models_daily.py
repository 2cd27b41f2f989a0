"""Tables of readings in daily use: rules by date, what is known of homes, photos, what staff look at, averages for months without
a reading, groups of similar homes, files of companies. Meters and readings stand in models."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import JSONText, Milli, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base

_REGISTER = "readings_registers.id"
_READING = "readings_readings.id"
_ACCOUNT = "accounts_accounts.id"


class Rule(Base):
    """What holds from a day on for a category of customers and a resource ("" for all). An empty value leaves it to a more
    general row, and in the end to the settings."""

    __tablename__ = "readings_rules"
    __table_args__ = (UniqueConstraint("category", "resource", "valid_from"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    category: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    resource: Mapped[str] = mapped_column(String(20), default="", nullable=False)
    valid_from: Mapped[date] = mapped_column(Date(), nullable=False)
    window_first: Mapped[int | None] = mapped_column(Integer)
    window_last: Mapped[int | None] = mapped_column(Integer)
    late: Mapped[str | None] = mapped_column(String(12))
    jump_factor: Mapped[int | None] = mapped_column(Integer)
    jump_floor: Mapped[int | None] = mapped_column(Integer)
    norm_milli: Mapped[int | None] = mapped_column(Milli())
    average_months: Mapped[int | None] = mapped_column(Integer)
    average_times: Mapped[int | None] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    actor: Mapped[str] = mapped_column(String(40), default="", nullable=False)


class Home(Base):
    """What the company knows of a home besides its meters: its category, and how many people live in it (0: not known)."""

    __tablename__ = "readings_homes"

    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey(_ACCOUNT), primary_key=True, autoincrement=False)
    category: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    residents: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Photo(Base):
    """A picture of a dial sent with a reading, drawn anew: nothing of the sender's file is kept but what is seen.

    Without a reading it waits for a form that must be corrected, for a day at most.
    """

    __tablename__ = "readings_photos"
    __table_args__ = (Index(None, "account_id"), Index(None, "reading_id"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey(_ACCOUNT), nullable=False)
    reading_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey(_READING))
    file_key: Mapped[str] = mapped_column(String(60), nullable=False)
    size: Mapped[int] = mapped_column(Integer, nullable=False)
    width: Mapped[int] = mapped_column(Integer, nullable=False)
    height: Mapped[int] = mapped_column(Integer, nullable=False)
    sha256: Mapped[str] = mapped_column(String(64), nullable=False)
    stored_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Review(Base):
    """A reading that somebody of the company looks at: `why` is doubt, photo, clock or slip; `state` waiting, accepted, corrected, asked."""

    __tablename__ = "readings_reviews"
    __table_args__ = (Index(None, "state", "id"), Index(None, "account_id"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey(_ACCOUNT), nullable=False)
    reading_id: Mapped[int] = mapped_column(big_key(), ForeignKey(_READING), unique=True, nullable=False)
    why: Mapped[str] = mapped_column(String(12), nullable=False)
    state: Mapped[str] = mapped_column(String(12), default="waiting", nullable=False)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    actor: Mapped[str] = mapped_column(String(40), default="", nullable=False)


class Estimate(Base):
    """What a register is charged for a month without a reading: `basis` average or norm, the `nth` of `most` averages in a row."""

    __tablename__ = "readings_estimates"
    __table_args__ = (UniqueConstraint("register_id", "period"), Index(None, "account_id", "period"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey(_ACCOUNT), nullable=False)
    register_id: Mapped[int] = mapped_column(big_key(), ForeignKey(_REGISTER), nullable=False)
    period: Mapped[date] = mapped_column(Date(), nullable=False)
    added_milli: Mapped[int] = mapped_column(Milli(), nullable=False)
    basis: Mapped[str] = mapped_column(String(10), nullable=False)
    nth: Mapped[int] = mapped_column(Integer, nullable=False)
    most: Mapped[int] = mapped_column(Integer, nullable=False)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Cohort(Base):
    """What similar homes used in a month: the middle one of `homes`, never fewer than a number that hides each of them."""

    __tablename__ = "readings_cohorts"
    __table_args__ = (UniqueConstraint("brand_id", "category", "residents", "resource", "period"),)

    id: Mapped[int] = pk()
    brand_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_brands.id"), nullable=False)
    category: Mapped[str] = mapped_column(String(40), nullable=False)
    residents: Mapped[int] = mapped_column(Integer, nullable=False)
    resource: Mapped[str] = mapped_column(String(20), nullable=False)
    period: Mapped[date] = mapped_column(Date(), nullable=False)
    homes: Mapped[int] = mapped_column(Integer, nullable=False)
    middle_milli: Mapped[int] = mapped_column(Milli(), nullable=False)


class FileSending(Base):
    """A table of readings that somebody of a company sent, seen by nobody else: kept until it is taken, then what was not accepted.

    `state` is shown or taken; `rejects` are rows as by_file/taking tells them, in the language of whoever sent it.
    """

    __tablename__ = "readings_file_sendings"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey(_ACCOUNT), nullable=False)
    actor: Mapped[str] = mapped_column(String(40), nullable=False)
    name: Mapped[str] = mapped_column(String(255), nullable=False)
    file_key: Mapped[str] = mapped_column(String(60), nullable=False)
    state: Mapped[str] = mapped_column(String(10), default="shown", nullable=False)
    rows: Mapped[int] = mapped_column(Integer, nullable=False)
    taken: Mapped[int] = mapped_column(Integer, default=0, nullable=False)
    rejects: Mapped[list[list[str]]] = mapped_column(JSONText(), default=list, nullable=False)
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
