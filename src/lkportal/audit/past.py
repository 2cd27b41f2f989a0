"""The history of an account for its people: fills the port AccountHistory. The trail for auditors is in queries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Row, Select, String, and_, bindparam, not_, select, union_all
from sqlalchemy.orm import aliased

from lkportal.accounts.contract import ActsAsked
from lkportal.audit.models import Record
from lkportal.audit.queries import HISTORY, recent
from lkportal.core.databases.prepared import Prepared

__all__ = ["HISTORY", "acts", "doers", "recent"]

Rows = Sequence[Row[*tuple[Any, ...]]]
_OWN_KIND = "privacy"
_NEWEST = 2_000
_ROW = (
    Record.id,
    Record.public_id,
    Record.at,
    Record.actor,
    Record.on_behalf_of,
    Record.action,
    Record.outcome,
    Record.target,
    Record.detail,
)
_MARK = aliased(Record)


def acts(connection: Connection, asked: ActsAsked, limit: int) -> Rows:
    """Return the acts of an account that `asked` lets through, newest first; with `asked.newer` the next newer, oldest first.

    What was only looked at is not among them. Acts the reader did about themself alone (consents) are, unless others are asked
    for: they stand under no account. Each part walks its own index and stops at `limit`.
    """
    if asked == ActsAsked(asked.account, asked.reader, hidden=asked.hidden):
        values = {"account": asked.account, "reader": asked.reader, "limit": limit}
        return _unfiltered(asked.hidden)[0].all(connection, values)
    if asked.kind in ("", _OWN_KIND) and asked.who in ("", asked.reader):
        return connection.execute(_with_own(asked.account, asked.reader, asked, limit)).all()
    return connection.execute(_some(Record.account == asked.account, asked, limit)).all()


def doers(connection: Connection, asked: ActsAsked) -> Rows:
    """Return the distinct (actor, action) of the newest acts of the account, without those hidden from the reader."""
    return _unfiltered(asked.hidden)[1].all(connection, {"account": asked.account})


def _with_own(account: Any, reader: Any, asked: ActsAsked, limit: Any) -> Select[*tuple[Any, ...]]:
    """The acts of an account and those that its reader did about themself alone."""
    own = and_(Record.actor == reader, Record.account.is_(None), _of_kind(_OWN_KIND))
    parts = [_some(whose, asked, limit) for whose in (Record.account == account, own)]
    both = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return select(both).order_by(_ordered(both.c.id, asked)).limit(limit)


@lru_cache(maxsize=64)
def _unfiltered(hidden: tuple[str, ...]) -> tuple[Prepared, Prepared]:
    """The acts and the doers for who came without a filter, as most do: written once for each set of modules hidden from a reader."""
    account, asked = bindparam("account", type_=String), ActsAsked("", "", hidden=hidden)
    acts = _with_own(account, bindparam("reader", type_=String), asked, bindparam("limit", type_=Integer))
    return Prepared(acts), Prepared(_who_did(account, asked))


def _who_did(account: Any, asked: ActsAsked) -> Select[*tuple[Any, ...]]:
    newest = (
        select(Record.actor, Record.action)
        .where(Record.account == account, Record.outcome != "viewed", *_allowed(asked))
        .order_by(Record.id.desc())
        .limit(_NEWEST)
        .subquery()
    )
    return select(newest.c.actor, newest.c.action).distinct()


def _some(whose: ColumnElement[bool], asked: ActsAsked, limit: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*_ROW)
        .where(whose, Record.outcome != "viewed", *_narrowed(asked))
        .order_by(_ordered(Record.id, asked))  # type: ignore[arg-type]
        .limit(limit)
    )


def _narrowed(asked: ActsAsked) -> list[ColumnElement[bool]]:
    found = _allowed(asked)
    if asked.kind:
        found.append(_of_kind(asked.kind))
    if asked.who:
        found.append(_by(asked.who))
    if asked.since is not None:
        found.append(Record.at >= asked.since)
    if asked.until is not None:
        found.append(Record.at < asked.until)
    if asked.older:
        found.append(Record.id < _place_of(asked.older, asked))
    elif asked.newer:
        found.append(Record.id > _place_of(asked.newer, asked))
    return found


def _allowed(asked: ActsAsked) -> list[ColumnElement[bool]]:
    return [not_(_of_kind(module)) for module in asked.hidden]


def _ordered(key: ColumnElement[int], asked: ActsAsked) -> ColumnElement[int]:
    return key.asc() if asked.newer and not asked.older else key.desc()


def _place_of(act: str, asked: ActsAsked) -> ColumnElement[int]:
    """Return the key of an act this reader was shown; one of others is nowhere, and nothing follows it."""
    theirs = (_MARK.account == asked.account) | (_MARK.actor == asked.reader)
    return select(_MARK.id).where(_MARK.public_id == bindparam(None, act), theirs).scalar_subquery()


def _of_kind(kind: str) -> ColumnElement[bool]:
    """Whether an act is of a module: its code begins with its name and a point, "/" is what follows the point."""
    return and_(Record.action >= f"{kind}.", Record.action < f"{kind}/")


def _by(who: str) -> ColumnElement[bool]:
    """Whether an act is of a doer: one label, or all of a kind; ";" is what follows the colon."""
    if ":" in who:
        return Record.actor == who
    return (Record.actor == who) | and_(Record.actor >= f"{who}:", Record.actor < f"{who};")
