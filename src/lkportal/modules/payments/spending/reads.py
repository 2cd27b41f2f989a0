"""Reads of spending: charged by month and service. Bound to accounts that the request proved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from lkportal.accounts.models import Account, Membership
from lkportal.accounts.reaching import accounts_of
from lkportal.core.databases.keys import among
from lkportal.modules.payments.models import Bill, ChargeLine

Rows = Sequence[Row[*tuple[Any, ...]]]
_WITHIN = (Bill.period >= bindparam("since"), Bill.period <= bindparam("until"))
BY_SERVICE = (
    select(
        Bill.account_id,
        Bill.period,
        ChargeLine.service,
        ChargeLine.kind,
        ChargeLine.unit,
        func.sum(ChargeLine.amount).label("amount"),
        func.sum(ChargeLine.volume_milli).label("volume_milli"),
        func.min(ChargeLine.rate_millionths).label("rate_millionths"),
    )
    .join(ChargeLine, ChargeLine.bill_id == Bill.id)
    .where(Bill.account_id.in_(bindparam("accounts", expanding=True)), *_WITHIN)
    .group_by(Bill.account_id, Bill.period, ChargeLine.service, ChargeLine.kind, ChargeLine.unit)
    .order_by(Bill.period, ChargeLine.service)
)
MINE = (
    select(Account.public_id)
    .where(among(Account.id, accounts_of(Membership.identity_id == bindparam("identity_id"))))
    .order_by(Account.title, Account.id)
    .limit(bindparam("limit"))
)


def mine(connection: Connection, identity_id: int, now: datetime, limit: int) -> Sequence[str]:
    """Return the public ids of a person's first accounts by title; what they may see of each is another question (Reached)."""
    return connection.scalars(MINE, {"identity_id": identity_id, "now": now, "limit": limit}).all()


def by_service(connection: Connection, accounts: Sequence[int], since: date, until: date) -> Rows:
    """Return what was charged: (account_id, period, service, kind, unit, amount, volume_milli, rate_millionths), for the months from
    `since` to `until`, both first days and included."""
    return connection.execute(BY_SERVICE, {"accounts": list(accounts), "since": since, "until": until}).all()
