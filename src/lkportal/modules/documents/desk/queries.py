"""Prepared reads of the desk about documents, whosever they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, case, func, select

from lkportal.accounts.models import Account
from lkportal.core.search import matching
from lkportal.modules.documents.models import Document
from lkportal.modules.documents.queries import DOCUMENT
from lkportal.modules.documents.states import ALIVE, REVIEW, WAITING

Found = Sequence[Row[*tuple[Any, ...]]]
_ROW: Select[*tuple[Any, ...]] = select(
    *DOCUMENT,
    Account.public_id.label("account"),
    Account.number.label("account_number"),
    Account.title.label("account_title"),
).join(Account, Account.id == Document.account_id)
_ONE = _ROW.where(Document.public_id == bindparam("document"))
_SHOWN: Mapping[str, ColumnElement[bool]] = {
    "waiting": Document.state == REVIEW,
    "customer": Document.state == WAITING,
    "done": Document.state.not_in(ALIVE),
    "all": Document.id > 0,
}
_IN_TURN = ("waiting", "customer")
_COUNTS: Select[*tuple[Any, ...]] = select(
    *(func.count(case((_SHOWN[name], 1))).label(name) for name in _IN_TURN)
).where(Document.state.in_(ALIVE))
WAITS: Select[*tuple[Any, ...]] = select(
    func.count().label("waiting"), func.min(Document.waits_since).label("oldest")
).where(Document.state == REVIEW)
"""What waits for the company: a line of the desk's first page."""
OF_ACCOUNT: Select[*tuple[Any, ...]] = (
    select(Document.public_id, Document.title, Document.kind, Document.state, Document.changed_at)
    .where(Document.account_id == bindparam("account_id"))
    .order_by(Document.changed_at.desc(), Document.id.desc())
    .limit(5)
)


def queue(connection: Connection, show: str, kind: str, typed: str, limit: int, offset: int) -> Found:
    """Return documents as the desk narrowed them; those that wait for the company longest come first."""
    conditions = [_SHOWN[show]]
    if kind:
        conditions.append(Document.kind == kind)
    found = matching(typed, Document.title, Document.number, Account.number, Account.title)
    if found is not None:
        conditions.append(found)
    order = (Document.waits_since, Document.id) if show in _IN_TURN else (Document.changed_at.desc(), Document.id)
    statement = _ROW.where(*conditions).order_by(*order).limit(limit).offset(offset)
    return connection.execute(statement).all()


def counts(connection: Connection) -> Mapping[str, int]:
    """Return how many documents wait for the company and for customers."""
    return connection.execute(_COUNTS).one()._asdict()


def one(connection: Connection, document: str) -> Row[*tuple[Any, ...]] | None:
    """Return a document with its account, or None."""
    return connection.execute(_ONE, {"document": document}).first()
