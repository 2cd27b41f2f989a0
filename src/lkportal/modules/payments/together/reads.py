"""Reads of a person's accounts that owe, and of what one payment collects. Each is bound to that person, or to a payment of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, select

from lkportal.accounts.models import Account, Brand, Membership
from lkportal.accounts.reaching import accounts_of
from lkportal.core.databases.keys import among
from lkportal.core.search import matching
from lkportal.modules.payments.models import Ledger, Payment

Found = Sequence[Row[*tuple[Any, ...]]]
_MINE = accounts_of(Membership.identity_id == bindparam("identity_id"))


def _owing(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(Account.public_id, Ledger.balance)
        .join(Ledger, Ledger.account_id == Account.id)
        .join(Brand, Brand.id == Account.brand_id)
        .where(among(Account.id, _MINE), Brand.key == bindparam("brand"), Ledger.balance > 0, *conditions)
        .order_by(Account.title, Account.id)
        .limit(bindparam("limit"))
    )


OWING = _owing()
_TICKED = _owing(Account.public_id.in_(bindparam("ticked", expanding=True)))
PARTS = (
    select(Payment.public_id, Payment.amount, Account.public_id.label("account"))
    .join(Account, Account.id == Payment.account_id)
    .where(Payment.lead_id == bindparam("lead"))
    .order_by(Payment.account_id)
)


def owing(
    connection: Connection,
    identity_id: int,
    now: datetime,
    brand: str,
    limit: int,
    *,
    typed: str = "",
    ticked: Sequence[str] = (),
) -> Found:
    """Return accounts of a person in which something is owed: (public_id, balance), by title.

    `typed` and `ticked` narrow them. Whether the person may pay there is another question: see the port Reached.
    """
    values: dict[str, Any] = {"identity_id": identity_id, "now": now, "brand": brand, "limit": limit}
    if ticked:
        return connection.execute(_TICKED, {**values, "ticked": list(ticked)}).all()
    condition = matching(typed, Account.number, Account.title, Account.holder)
    return connection.execute(OWING if condition is None else _owing(condition), values).all()


def parts(connection: Connection, lead: int) -> Found:
    """Return what one payment of several accounts collects: (public_id of the payment, amount, account)."""
    return connection.execute(PARTS, {"lead": lead}).all()
