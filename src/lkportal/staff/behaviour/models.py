"""Tables of behaviour: single steps for some days under a name that changes every day, then sums by day. No column leads to a person."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import pk
from lkportal.core.db import Base


class DaySalt(Base):
    """What the names of visits of one day are made with. It is deleted the day after: then nobody can tell whose visits they were."""

    __tablename__ = "staff_behaviour_salts"

    day: Mapped[date] = mapped_column(Date(), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64), nullable=False)


class StepFact(Base):
    """A step that a visit reached, or (`code`) an error it met there. Told twice it is one: a lost flush is told again."""

    __tablename__ = "staff_behaviour_facts"
    __table_args__ = (UniqueConstraint("day", "visit", "task", "step", "code"),)

    id: Mapped[int] = pk()
    day: Mapped[date] = mapped_column(Date(), nullable=False)
    visit: Mapped[str] = mapped_column(String(32), nullable=False)
    task: Mapped[str] = mapped_column(String(60), nullable=False)
    step: Mapped[str] = mapped_column(String(40), nullable=False)
    code: Mapped[str] = mapped_column(String(40), nullable=False)
    device: Mapped[str] = mapped_column(String(10), nullable=False)


class StepTotal(Base):
    """How many visits of a day reached a step, or met an error there, by kind of device."""

    __tablename__ = "staff_behaviour_totals"
    __table_args__ = (UniqueConstraint("day", "task", "step", "code", "device"), Index(None, "task", "day"))

    id: Mapped[int] = pk()
    day: Mapped[date] = mapped_column(Date(), nullable=False)
    task: Mapped[str] = mapped_column(String(60), nullable=False)
    step: Mapped[str] = mapped_column(String(40), nullable=False)
    code: Mapped[str] = mapped_column(String(40), nullable=False)
    device: Mapped[str] = mapped_column(String(10), nullable=False)
    visits: Mapped[int] = mapped_column(Integer, nullable=False)
