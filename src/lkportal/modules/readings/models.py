"""Tables of readings: meters, their registers and what was read. A reading is never changed; a register knows its last.
Rules by date, photos, what staff look at, averages and cohorts stand in models_daily."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Milli, Provenance, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base
from lkportal.modules.readings.models_daily import Cohort, Estimate, FileSending, Home, Photo, Review, Rule

__all__ = ["Cohort", "Estimate", "FileSending", "Home", "Meter", "Photo", "Reading", "Register", "Review", "Rule"]


class Meter(Provenance, Base):
    """A device on an account. `resource` is a code: cold_water, hot_water, electricity, heat, gas.

    What its dials add is multiplied by `coefficient` (of current transformers); `replaces_id` is the meter it took over from.
    """

    __tablename__ = "readings_meters"
    __table_args__ = (Index(None, "account_id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    resource: Mapped[str] = mapped_column(String(20), nullable=False)
    unit: Mapped[str] = mapped_column(String(10), nullable=False)
    serial: Mapped[str] = mapped_column(String(40), nullable=False)
    place: Mapped[str] = mapped_column(String(100), default="", nullable=False)
    installed_on: Mapped[date | None] = mapped_column(Date())
    verified_until: Mapped[date | None] = mapped_column(Date())
    removed_on: Mapped[date | None] = mapped_column(Date())
    coefficient: Mapped[int] = mapped_column(Integer, default=1, server_default="1", nullable=False)
    replaces_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("readings_meters.id"))


class Register(Base):
    """A dial of a meter: one for water, two or three for electricity by time of day (T1, T2, T3).

    `digits` before and `decimals` after the point are what the dial shows. `last_milli` is the guard of the rule that
    values do not go back: it is compared and set in one statement. `usual_milli` is what a month usually adds.
    `estimate` says how the last month without a reading was charged: "average 1/3", "norm"; "" once a reading is in.
    """

    __tablename__ = "readings_registers"
    __table_args__ = (UniqueConstraint("meter_id", "code"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    meter_id: Mapped[int] = mapped_column(big_key(), ForeignKey("readings_meters.id"), nullable=False)
    code: Mapped[str] = mapped_column(String(4), default="T1", nullable=False)
    digits: Mapped[int] = mapped_column(Integer, default=5, nullable=False)
    decimals: Mapped[int] = mapped_column(Integer, default=3, nullable=False)
    last_milli: Mapped[int] = mapped_column(Milli(), default=0, nullable=False)
    last_on: Mapped[date | None] = mapped_column(Date())
    last_period: Mapped[date | None] = mapped_column(Date())
    usual_milli: Mapped[int | None] = mapped_column(Milli())
    estimate: Mapped[str] = mapped_column(String(20), default="", server_default="", nullable=False)
    estimate_period: Mapped[date | None] = mapped_column(Date())


class Reading(Provenance, Base):
    """What a register showed on a day. `added_milli` is what it adds since the reading before, over a rollover too.

    A correction is a reading of its own: it points at the one it puts right, counts for its month, and adds the difference
    alone, which may be negative: sums stay right and both are kept. `token` names a sending (the same one again is known);
    (Its key is no foreign one: the older row is let go before the younger.)
    `taken_at` is when the device says the value was typed, for those that waited there for the network.
    """

    __tablename__ = "readings_readings"
    __table_args__ = (
        Index(None, "account_id", "period"),
        Index(None, "register_id", "taken_on"),
        UniqueConstraint("register_id", "token"),
        UniqueConstraint("corrects_id"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    register_id: Mapped[int] = mapped_column(big_key(), ForeignKey("readings_registers.id"), nullable=False)
    value_milli: Mapped[int] = mapped_column(Milli(), nullable=False)
    added_milli: Mapped[int] = mapped_column(Milli(), nullable=False)
    taken_on: Mapped[date] = mapped_column(Date(), nullable=False)
    period: Mapped[date] = mapped_column(Date(), nullable=False)
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    channel: Mapped[str] = mapped_column(String(12), default="web", nullable=False)
    actor: Mapped[str] = mapped_column(String(40), default="", nullable=False)
    rolled_over: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)
    confirmed: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)
    token: Mapped[str | None] = mapped_column(String(40))
    taken_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    corrects_id: Mapped[int | None] = mapped_column(big_key())
