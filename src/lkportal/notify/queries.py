"""Reads of a person's list: entries, how many are unread, where an entry leads. Each is bound to one person, and an entry about
an account is theirs only while the account is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from lkportal.accounts.models import Account, Brand, Membership
from lkportal.accounts.reaching import reaches
from lkportal.notify.models import Message, Returned

_account = aliased(Account, name="notice_account")
_member = aliased(Membership, name="notice_member")
_entry = aliased(Message, name="notice_entry")


def _theirs(message: Any) -> ColumnElement[bool]:
    """Whether an entry may still be seen: it is about no account, or about one its reader still reaches."""
    theirs = (
        exists()
        .select_from(_account)
        .where(
            _account.id == message.account_id,
            reaches(_member.identity_id == message.identity_id, member=_member, account=_account),
        )
        .correlate(message)
    )
    return or_(message.account_id.is_(None), theirs)


_ROW = (
    Message.id,
    Message.public_id,
    Message.topic,
    Message.template,
    Message.route,
    Message.facts,
    Message.created_at,
    Message.read_at,
    Account.public_id.label("account"),
    Account.number,
    Account.time_zone,
    Brand.key.label("brand"),
)
_MINE = (
    select(*_ROW)
    .select_from(Message)
    .outerjoin(Account, Account.id == Message.account_id)
    .outerjoin(Brand, Brand.id == Account.brand_id)
    .where(Message.identity_id == bindparam("identity_id"), _theirs(Message))
)
RECENT = (
    _MINE.where(Message.listed, Message.topic.not_in(bindparam("closed", expanding=True)))
    .order_by(Message.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_NEWEST = RECENT.offset(None)
_OLDER = _NEWEST.where(
    Message.id
    < select(_entry.id)
    .where(_entry.public_id == bindparam("after"), _entry.identity_id == bindparam("identity_id"))
    .scalar_subquery()
)
ONE = _MINE.where(Message.public_id == bindparam("message"))


class Unread:
    """Fills the port UnreadCount. Entries of `closed` topics are not counted: those of modules that are off."""

    def __init__(self, closed: Collection[str] = ()) -> None:
        self._closed = tuple(closed)

    def column(self, identity_id: ColumnElement[int]) -> ColumnElement[int]:
        """Return the number of a person's unread entries, and one for an address that letters come back from: subqueries
        correlated with `identity_id`, a column of people."""
        people = identity_id.table
        unread = (
            select(func.count())
            .select_from(_entry)
            .where(_entry.identity_id == identity_id, _entry.read_at.is_(None), _entry.listed, _theirs(_entry))
            .where(_entry.topic.not_in(self._closed) if self._closed else true())
            .correlate(people)
            .scalar_subquery()
        )
        returned = (
            select(func.count())
            .select_from(Returned)
            .where(
                Returned.identity_id == identity_id,
                Returned.address == func.lower(people.c.email),
                Returned.marked_at.is_not(None),
            )
            .correlate(people)
            .scalar_subquery()
        )
        return unread + returned


def recent(
    connection: Connection, identity_id: int, now: datetime, limit: int, offset: int = 0, closed: Sequence[str] = ()
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return a person's entries, newest first, less those of `closed` topics."""
    values = {"identity_id": identity_id, "now": now, "closed": closed, "limit": limit, "offset": offset}
    return connection.execute(RECENT, values).all()


def behind(
    connection: Connection, identity_id: int, now: datetime, limit: int, after: str = "", closed: Sequence[str] = ()
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return a person's entries, newest first, less those of `closed` topics, behind the one of the public id `after`."""
    values = {"identity_id": identity_id, "now": now, "closed": closed, "limit": limit, "after": after}
    return connection.execute(_OLDER if after else _NEWEST, values).all()


def one(connection: Connection, identity_id: int, now: datetime, message: str) -> Row[*tuple[Any, ...]] | None:
    """Return one entry of a person by its public id, or None."""
    return connection.execute(ONE, {"identity_id": identity_id, "now": now, "message": message}).first()
