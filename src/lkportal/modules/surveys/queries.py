"""Prepared reads of surveys: those of customers are bound to an account, those of the desk to nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, select
from sqlalchemy.orm import aliased

from lkportal.accounts.models import Account
from lkportal.auth.models import Identity
from lkportal.modules.surveys.models import Answer, Question

Found = Sequence[Row[*tuple[Any, ...]]]
_COLUMNS = (
    Answer.public_id,
    Answer.occasion,
    Answer.contact,
    Answer.scale,
    Answer.score,
    Answer.remark,
    Answer.until,
    Answer.answered_at,
)
_ONE = select(*_COLUMNS).where(Answer.account_id == bindparam("account_id"), Answer.public_id == bindparam("answer"))
CARD = (
    select(*_COLUMNS)
    .where(
        Answer.account_id == bindparam("account_id"),
        Answer.identity_id == bindparam("person_id"),
        Answer.score.is_(None),
        Answer.until >= bindparam("today"),
    )
    .order_by(Answer.id.desc())
    .limit(1)
)
"""What :person_id may answer now about :account_id."""
OF_NOTICE = select(Answer.score, Answer.identity_id, Answer.occasion, Answer.until).where(
    Answer.public_id == bindparam("answer")
)
_QUESTIONS = select(Question.occasion, Question.on, Question.scale, Question.low, Question.texts)
LOW = select(func.count().label("waiting"), func.min(Answer.answered_at).label("oldest")).where(Answer.care == "open")
"""Low scores nobody has taken care of: a line of the desk's first page."""
_by = aliased(Identity, name="by_")
_DESK = (
    select(
        *_COLUMNS,
        Answer.care,
        Answer.done,
        Answer.done_at,
        Identity.name.label("who"),
        _by.name.label("done_name"),
        Account.public_id.label("account"),
        Account.number.label("account_number"),
        Account.title.label("account_title"),
    )
    .join(Account, Account.id == Answer.account_id)
    .outerjoin(Identity, Identity.id == Answer.identity_id)
    .outerjoin(_by, _by.id == Answer.done_by)
)
_LOW_LIST = (
    _DESK.where(Answer.care == bindparam("care"))
    .order_by(Answer.answered_at, Answer.id)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_LOW_DONE = (
    _DESK.where(Answer.care == bindparam("care"))
    .order_by(Answer.done_at.desc(), Answer.id)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_DESK_ONE = _DESK.where(Answer.public_id == bindparam("answer"), Answer.score.is_not(None))


def one(connection: Connection, account_id: int, answer: str) -> Row[*tuple[Any, ...]] | None:
    """Return what was asked on an account, or None."""
    return connection.execute(_ONE, {"account_id": account_id, "answer": answer}).first()


def questions(connection: Connection) -> Mapping[str, Row[*tuple[Any, ...]]]:
    """Return the company's own questions by occasion."""
    return {row.occasion: row for row in connection.execute(_QUESTIONS)}


def low(connection: Connection, care: str, limit: int, offset: int) -> Found:
    """Return low scores that wait ("open", the oldest first) or were taken care of ("done", the latest first)."""
    statement = _LOW_LIST if care == "open" else _LOW_DONE
    return connection.execute(statement, {"care": care, "limit": limit, "offset": offset}).all()


def answered(connection: Connection, answer: str) -> Row[*tuple[Any, ...]] | None:
    """Return an answer for the desk, or None."""
    return connection.execute(_DESK_ONE, {"answer": answer}).first()


def by_month(connection: Connection, begins: Sequence[datetime]) -> Found:
    """Return (nth, occasion, scale, score, amount): how many gave each score in the months that begin at these moments, the last one first;
    nth 0 is since begins[0]."""
    months = case(*((Answer.answered_at >= each, nth) for nth, each in enumerate(begins)), else_=len(begins)).label(
        "nth"
    )
    statement = (
        select(months, Answer.scale, Answer.score, func.count().label("amount"))
        .where(Answer.answered_at >= begins[-1])
        .group_by(months, Answer.scale, Answer.score)
    )
    return connection.execute(statement).all()
