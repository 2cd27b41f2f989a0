"""Reads of the audit: the history of an account for its people, the trail for auditors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, or_, select

from lkportal.accounts.models import Account
from lkportal.audit.models import Record, Seal, Sealed
from lkportal.auth.models import Identity
from lkportal.core.columns import UTCDateTime
from lkportal.core.search import matching

_ROW = (
    Record.public_id,
    Record.at,
    Record.actor,
    Record.on_behalf_of,
    Record.action,
    Record.outcome,
    Record.target,
    Record.detail,
)
_PAGED: dict[str, Any] = {"limit": bindparam("limit"), "offset": bindparam("offset")}
HISTORY = (
    select(*_ROW)
    .where(Record.account == bindparam("account"), Record.outcome != "viewed")
    .order_by(Record.id.desc())
    .limit(_PAGED["limit"])
    .offset(_PAGED["offset"])
)
TRAIL: Select[*tuple[Any, ...]] = select(
    Record.id, *_ROW, Record.account, Record.request_id, Account.number.label("number")
).outerjoin(Account, Account.public_id == Record.account)
_BEFORE = (
    select(Seal.id)
    .where(Seal.sealed_at < bindparam("moment", type_=UTCDateTime()))
    .order_by(Seal.id.desc())
    .limit(1)
    .scalar_subquery()
)
_AFTER = (
    select(Seal.id)
    .where(Seal.sealed_at > bindparam("moment", type_=UTCDateTime()))
    .order_by(Seal.id)
    .limit(1)
    .scalar_subquery()
)
_KEY_OF = select(Sealed.record_id).where(Sealed.place == 0)
_SPREAD = timedelta(days=1)
"""How far the time of a record may lie from the seal over it: a late commit, a sealer that stood still for a night."""
_PEOPLE: Select[*tuple[Any, ...]] = (
    select(Identity.kind, Identity.public_id).order_by(Identity.id.desc()).limit(bindparam("limit"))
)
_ACCOUNTS = select(Account.public_id).where(Account.number == bindparam("number"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the trail is narrowed by. None: by nothing. `actors` are labels, of whoever acted or was acted for; `accounts` public
    ids; `since` and `until` moments, the second not included; `below` the key of the record a page goes on from."""

    action: str = ""
    outcome: str = ""
    target: str = ""
    actors: tuple[str, ...] | None = None
    accounts: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    below: int | None = None


def recent(connection: Connection, account: str, limit: int, offset: int = 0) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what was done or refused on an account (public id), newest first."""
    return connection.execute(HISTORY, {"account": account, "limit": limit, "offset": offset}).all()


def trail(connection: Connection, asked: Asked, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return records for auditors, newest first. Days are found by the seals over them, so no other day is read."""
    narrowed = TRAIL.where(*_conditions(asked), *_days(connection, asked)).order_by(Record.id.desc()).limit(limit)
    return connection.execute(narrowed).all()


def labels(connection: Connection, typed: str, limit: int = 50) -> tuple[str, ...]:
    """Return the labels of people named so: by login, label or parts of their name."""
    known = matching(typed, Identity.name)
    exact = or_(Identity.login == typed.strip().lower(), Identity.public_id == typed.strip().partition(":")[2])
    found = connection.execute(_PEOPLE.where(exact if known is None else or_(exact, known)), {"limit": limit})
    return tuple(f"{row.kind}:{row.public_id}" for row in found)


def accounts(connection: Connection, number: str) -> tuple[str, ...]:
    """Return the public ids of the accounts of a number: it may repeat between brands."""
    return tuple(connection.scalars(_ACCOUNTS, {"number": number}))


def _conditions(asked: Asked) -> Iterator[ColumnElement[bool]]:
    if asked.action:
        yield Record.action == asked.action
    if asked.outcome:
        yield Record.outcome == asked.outcome
    if asked.target:
        yield Record.target == asked.target
    if asked.actors is not None:
        yield or_(Record.actor.in_(asked.actors), Record.on_behalf_of.in_(asked.actors))
    if asked.accounts is not None:
        yield Record.account.in_(asked.accounts)
    if asked.below is not None:
        yield Record.id < asked.below


def _days(connection: Connection, asked: Asked) -> Iterator[ColumnElement[bool]]:
    if asked.since is not None:
        floor = connection.execute(_KEY_OF.where(Sealed.seal_id == _BEFORE), {"moment": asked.since - _SPREAD}).scalar()
        yield Record.at >= asked.since
        if floor:
            yield Record.id >= floor
    if asked.until is not None:
        top = connection.execute(_KEY_OF.where(Sealed.seal_id == _AFTER), {"moment": asked.until + _SPREAD}).scalar()
        yield Record.at < asked.until
        if top:
            yield Record.id <= top
