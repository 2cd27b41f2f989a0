"""Tables of surveys: the company's own questions, what was asked and answered, when each person was asked last."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import JSONText, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class Question(Base):
    """The company's own question for an occasion, where it is not the one that comes with the portal: words by language, a scale of 5
    (1 to 5) or 10 (0 to 10), `low`: scores up to it reach a person."""

    __tablename__ = "surveys_questions"

    id: Mapped[int] = pk()
    occasion: Mapped[str] = mapped_column(String(60), unique=True, nullable=False)
    on: Mapped[bool] = mapped_column(Boolean, nullable=False)
    scale: Mapped[int] = mapped_column(Integer, nullable=False)
    low: Mapped[int] = mapped_column(Integer, nullable=False)
    texts: Mapped[dict[str, str]] = mapped_column(JSONText(), nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Answer(Base):
    """One contact about which a person was asked: `occasion` and `contact` (a public id) are asked about once. `score` is None until it
    is answered, which is possible through the day `until`.

    `care` is "" while nobody has to do anything, "open" for a low score that waits for a person, "done" once `done` tells what was
    done, by whom and when.
    """

    __tablename__ = "surveys_answers"
    __table_args__ = (
        UniqueConstraint("occasion", "contact"),
        Index(None, "account_id", "until"),
        Index(None, "identity_id"),
        Index(None, "answered_at"),
        Index(None, "asked_at"),
        Index(None, "care", "answered_at"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    occasion: Mapped[str] = mapped_column(String(60), nullable=False)
    contact: Mapped[str] = mapped_column(String(40), nullable=False)
    scale: Mapped[int] = mapped_column(Integer, nullable=False)
    low: Mapped[int] = mapped_column(Integer, nullable=False)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    until: Mapped[date] = mapped_column(Date, nullable=False)
    score: Mapped[int | None] = mapped_column(Integer)
    remark: Mapped[str] = mapped_column(String(1000), default="", nullable=False)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    care: Mapped[str] = mapped_column(String(6), default="", nullable=False)
    done: Mapped[str] = mapped_column(String(1000), default="", nullable=False)
    done_by: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"), index=True)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Turn(Base):
    """When a person was asked last."""

    __tablename__ = "surveys_turns"

    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
