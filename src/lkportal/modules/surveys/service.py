"""The rules of surveys: asked once about a contact and seldom, answered once, a low score closed by telling what was done. Each is a
conditional change. No HTTP here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Member
from lkportal.core.events import emit
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.modules.surveys.contract import SurveyAnswered, SurveyAsked
from lkportal.modules.surveys.models import Answer, Question, Turn
from lkportal.modules.surveys.occasions import KNOWN, SOLVED
from lkportal.modules.surveys.settings import SurveysSettings
from lkportal.modules.tickets.contract import TicketRatings

OPEN, DONE = "open", "done"
REMARK = timedelta(days=1)
_ASK = insert_if_new(Answer.__table__)  # type: ignore[arg-type]
_TURN = insert_if_new(Turn.__table__)  # type: ignore[arg-type]
_QUESTION = insert_if_new(Question.__table__)  # type: ignore[arg-type]
_BY_PUBLIC = select(Answer).where(Answer.public_id == bindparam("answer"))
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_QUIET = {"synchronize_session": False}


class NotNow(Exception):
    """The person was asked about something else lately: the unit is undone."""


def ask(
    db: Session,
    account: AccountRef,
    member: Member,
    about: tuple[str, str],
    asks: tuple[int, int],
    settings: SurveysSettings,
) -> bool:
    """Ask a person about a contact, `about` (occasion, public id), with `asks` (scale, low); False when it was asked about before.

    Raises NotNow when they were asked about anything within the pause: undo the unit then.
    """
    moment, (occasion, contact), (scale, low) = now(db), about, asks
    row = {
        "public_id": public_id(), "account_id": account.id, "identity_id": member.identity_id, "occasion": occasion,
        "contact": contact, "scale": scale, "low": low, "asked_at": moment, "remark": "", "care": "", "done": "",
        "until": (moment + timedelta(days=settings.answer_days)).date(),
    }  # fmt: skip
    if changed(db.execute(_ASK[db.get_bind().dialect.name], row)) != 1:
        return False
    db.execute(_TURN[db.get_bind().dialect.name], {"identity_id": member.identity_id, "asked_at": _NEVER})
    turn = (
        update(Turn)
        .where(Turn.identity_id == member.identity_id, Turn.asked_at <= moment - timedelta(days=settings.pause_days))
        .values(asked_at=moment)
    )
    if changed(db.execute(turn, execution_options=_QUIET)) != 1:
        raise NotNow
    emit(db, SurveyAsked(str(row["public_id"]), member.public_id, occasion), account=account)
    return True


def answer(db: Session, account: AccountRef, public: str, score: int) -> bool:
    """Note a score, once, while it may be answered; False when it cannot be any more. The score of a request is its rating too."""
    row = db.execute(_BY_PUBLIC, {"answer": public}).scalar_one_or_none()
    lowest = 0 if row is not None and row.scale == 10 else 1
    if row is None or row.account_id != account.id or not lowest <= score <= row.scale:
        return False
    ratings = port_of_ratings(db)
    if KNOWN[row.occasion].is_rating and ratings and not ratings.rate(db, account, row.contact, score, ""):
        return False
    return _score(db, account, row, score, Answer.until >= now(db).date())


def rated(
    db: Session, account: AccountRef, contact: str, score: int, asks: tuple[int, int], person: int | None
) -> None:
    """Note the rating of a request that was given on its own page: it counts as an answer, and nobody is asked about it again."""
    moment, (scale, low) = now(db), asks
    fresh = {
        "public_id": public_id(), "account_id": account.id, "identity_id": person, "occasion": SOLVED,
        "contact": contact, "scale": scale, "low": low, "asked_at": moment, "remark": "", "care": "", "done": "",
        "until": moment.date(),
    }  # fmt: skip
    db.execute(_ASK[db.get_bind().dialect.name], fresh)
    known = select(Answer).where(Answer.occasion == SOLVED, Answer.contact == contact)
    _score(db, account, db.execute(known).scalar_one(), score)


def remark(db: Session, account: AccountRef, public: str, words: str) -> bool:
    """Note what a person adds to their score, once, within a day."""
    statement = (
        update(Answer)
        .where(
            Answer.public_id == public,
            Answer.account_id == account.id,
            Answer.remark == "",
            Answer.answered_at > now(db) - REMARK,
        )
        .values(remark=words)
    )
    return changed(db.execute(statement, execution_options=_QUIET)) == 1


def close(db: Session, public: str, identity_id: int, done: str) -> bool:
    """Note what was done about a low score; False when somebody did before."""
    statement = (
        update(Answer)
        .where(Answer.public_id == public, Answer.care == OPEN)
        .values(care=DONE, done=done, done_by=identity_id, done_at=now(db))
    )
    if changed(db.execute(statement, execution_options=_QUIET)) != 1:
        return False
    port(db, AuditLog).record(db, "surveys.done", target=public)  # type: ignore[type-abstract]
    return True


def write_question(db: Session, occasion: str, values: Mapping[str, Any]) -> None:
    """Keep the company's own question for an occasion."""
    row = {**values, "occasion": occasion, "changed_at": now(db)}
    db.execute(_QUESTION[db.get_bind().dialect.name], row)
    db.execute(update(Question).where(Question.occasion == occasion).values(**row))
    port(db, AuditLog).record(db, "surveys.question", detail={"occasion": occasion})  # type: ignore[type-abstract]


def port_of_ratings(db: Session) -> TicketRatings | None:
    """Return the port of ratings, None where requests are off."""
    found: TicketRatings | None = db.info["unit"].ports.find(TicketRatings)
    return found


def _score(db: Session, account: AccountRef, row: Answer, score: int, *conditions: ColumnElement[bool]) -> bool:
    statement = (
        update(Answer)
        .where(Answer.id == row.id, Answer.score.is_(None), *conditions)
        .values(score=score, answered_at=now(db), care=case((Answer.low >= score, OPEN), else_=""))
    )
    if changed(db.execute(statement, execution_options=_QUIET)) != 1:
        return False
    port(db, AuditLog).record(db, "surveys.answered", target=row.public_id, account=account)  # type: ignore[type-abstract]
    emit(db, SurveyAnswered(row.public_id, row.occasion, score, row.scale, score <= row.low), account=account)
    return True
