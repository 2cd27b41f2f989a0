"""Tables of first visits: who began one and when it was over, how they stand with its steps."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import UTCDateTime, big_key, pk
from lkportal.core.db import Base


class FirstVisit(Base):
    """The first visit of a person: begun once, over when they finished it or put it away."""

    __tablename__ = "accounts_first_visits"

    id: Mapped[int] = pk()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), unique=True, nullable=False)
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    over_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class FirstStepState(Base):
    """How a person stands with a step of the first visit: when it was seen, taken or skipped."""

    __tablename__ = "accounts_first_steps"
    __table_args__ = (UniqueConstraint("identity_id", "step"), Index(None, "step"))

    id: Mapped[int] = pk()
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    step: Mapped[str] = mapped_column(String(40), nullable=False)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    skipped_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
