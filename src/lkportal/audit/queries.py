"""Reads of the audit: the history of an account for its people, the trail for auditors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from lkportal.audit.models import Record

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
TRAIL = (
    select(*_ROW, Record.account, Record.request_id)
    .where(
        or_(bindparam("action") == "", Record.action == bindparam("action")),
        or_(bindparam("actor") == "", Record.actor == bindparam("actor")),
        or_(bindparam("account") == "", Record.account == bindparam("account")),
    )
    .order_by(Record.id.desc())
    .limit(_PAGED["limit"])
    .offset(_PAGED["offset"])
)


def recent(connection: Connection, account: str, limit: int, offset: int = 0) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what was done or refused on an account (public id), newest first."""
    return connection.execute(HISTORY, {"account": account, "limit": limit, "offset": offset}).all()


def trail(
    connection: Connection, limit: int, offset: int = 0, *, action: str = "", actor: str = "", account: str = ""
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return records for auditors, newest first; an empty filter lets everything through."""
    values = {"limit": limit, "offset": offset, "action": action, "actor": actor, "account": account}
    return connection.execute(TRAIL, values).all()
