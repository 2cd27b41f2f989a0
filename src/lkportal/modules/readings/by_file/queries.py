"""Prepared reads for files of readings: meters and rules of many accounts at once, sendings of one person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from lkportal.accounts.models import Account, Membership
from lkportal.accounts.reaching import accounts_of
from lkportal.core.databases.keys import among
from lkportal.modules.readings import queries
from lkportal.modules.readings.models import FileSending, Meter

MOST_ACCOUNTS = 10_000
_AT_ONCE = 500
_MINE = (
    select(Account.public_id)
    .where(among(Account.id, accounts_of(Membership.identity_id == bindparam("identity_id"))))
    .order_by(Account.id)
    .limit(MOST_ACCOUNTS)
)
_REGISTERS = (
    queries.ANY_REGISTERS.add_columns(Meter.account_id)
    .where(Meter.account_id.in_(bindparam("accounts", expanding=True)), Meter.removed_on.is_(None))
    .order_by(Meter.account_id, *queries.PLACES)
)
_RULES = queries.ANY_RULES.add_columns(Account.id.label("account_id")).join(
    Account, Account.id.in_(bindparam("accounts", expanding=True))
)
_SENDING = select(FileSending.__table__).where(
    FileSending.public_id == bindparam("sending"), FileSending.account_id == bindparam("of")
)
_LATEST = (
    select(FileSending.public_id, FileSending.name, FileSending.state, FileSending.rows, FileSending.taken,
           FileSending.sent_at)
    .where(FileSending.account_id == bindparam("of"), FileSending.actor == bindparam("who"))
    .order_by(FileSending.id.desc())
    .limit(6)
)  # fmt: skip


def mine(connection: Connection, identity_id: int, now: datetime) -> Sequence[str]:
    """Return the public ids of the accounts a person reaches; what they may do on each is another question (Reached)."""
    return connection.scalars(_MINE, {"identity_id": identity_id, "now": now}).all()


def registers(connection: Connection, accounts: Sequence[int]) -> list[Row[*tuple[Any, ...]]]:
    """Return the registers in use of many accounts, as `queries.registers` has them, with `account_id`."""
    return [row for part in _parts(accounts) for row in connection.execute(_REGISTERS, {"accounts": part})]


def rules(connection: Connection, accounts: Sequence[int], day: date) -> dict[int, list[Row[*tuple[Any, ...]]]]:
    """Return the rules that hold on a day by account, each as `queries.rules` has them; none for whom there are none."""
    found: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for part in _parts(accounts):
        for row in connection.execute(_RULES, {"accounts": part, "today": day}):
            found.setdefault(row.account_id, []).append(row)
    return found


def sending(connection: Connection, account_id: int, public: str) -> Row[*tuple[Any, ...]] | None:
    """Return a file somebody (`actor`) sent from an account; None when it is another account's."""
    return connection.execute(_SENDING, {"of": account_id, "sending": public}).first()


def latest(connection: Connection, account_id: int, who: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the files somebody sent from an account last."""
    return connection.execute(_LATEST, {"of": account_id, "who": who}).all()


def _parts(accounts: Sequence[int]) -> list[list[int]]:
    return [list(accounts[start : start + _AT_ONCE]) for start in range(0, len(accounts), _AT_ONCE)]
