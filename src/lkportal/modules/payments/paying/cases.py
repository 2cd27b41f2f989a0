"""A case: an attempt with its payment and the accounts it collects for, as rules and jobs need it. Prepared reads; pages have theirs in queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, bindparam, func, select
from sqlalchemy.orm import aliased

from lkportal.accounts.models import Account, Brand
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.contract import PaymentIntent
from lkportal.modules.payments.models import LIVE, Attempt, Payment
from lkportal.modules.payments.paying import intents


@dataclass(frozen=True, slots=True)
class Case:
    """One attempt at the moment it was read: what is true of it later is decided by conditional statements.

    `amount` is what it collects. `joint`: it collects for several accounts, `account` is the first of them.
    """

    id: int
    payment_id: int
    payment: str
    gateway: str
    key: str
    provider_id: str | None
    state: str
    amount: int
    currency: str
    refunded: int
    created_at: datetime
    intent: PaymentIntent
    joint: bool
    account: AccountRef

    @property
    def is_live(self) -> bool:
        """Whether the provider may still change it."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class Share:
    """What a case collects for one account. `origin` names its credit in the books; `refunded` is what was given back of it."""

    payment_id: int
    payment: str
    amount: int
    refunded: int
    origin: str
    account: AccountRef


_PLACE = (
    Account.id.label("account_id"),
    Account.public_id.label("account_public"),
    Account.number,
    Account.title,
    Account.time_zone,
    Account.currency.label("account_currency"),
    Brand.key.label("brand"),
    Account.organisation_id,
)
_CASES = (
    select(
        Attempt.id,
        Attempt.payment_id,
        Payment.public_id.label("payment"),
        Attempt.gateway,
        Attempt.key,
        Attempt.provider_id,
        Attempt.state,
        func.coalesce(Attempt.amount, Payment.amount).label("amount"),
        Payment.currency,
        Attempt.refunded,
        Attempt.created_at,
        Attempt.intent,
        Payment.lead_id,
        *_PLACE,
    )
    .join(Payment, Payment.id == Attempt.payment_id)
    .join(Account, Account.id == Payment.account_id)
    .join(Brand, Brand.id == Account.brand_id)
)
_BY_ID = _CASES.where(Attempt.id == bindparam("attempt"))
_BY_PROVIDER = _CASES.where(Attempt.gateway == bindparam("gateway"), Attempt.provider_id == bindparam("provider_id"))
_BY_KEY = _CASES.where(Attempt.gateway == bindparam("gateway"), Attempt.key == bindparam("key"))
_ASKED = aliased(Payment)
_COLLECTOR = (
    select(func.coalesce(_ASKED.lead_id, _ASKED.id))
    .where(_ASKED.public_id == bindparam("payment"), _ASKED.account_id == bindparam("account_id"))
    .scalar_subquery()
)
_LAST_OF = _CASES.where(Attempt.payment_id == _COLLECTOR).order_by(Attempt.id.desc())
_SHARES = (
    select(
        Payment.id.label("payment_id"),
        Payment.public_id.label("payment"),
        Payment.amount,
        Payment.refunded,
        *_PLACE,
    )
    .join(Account, Account.id == Payment.account_id)
    .join(Brand, Brand.id == Account.brand_id)
    .where(Payment.lead_id == bindparam("lead"))
    .order_by(Payment.account_id)
)
_DUE = (
    select(Attempt.id)
    .where(Attempt.next_ask_at.is_not(None), Attempt.next_ask_at <= bindparam("now"))
    .order_by(Attempt.next_ask_at)
    .limit(bindparam("most"))
)


def by_id(connection: Connection, attempt: int) -> Case | None:
    """Return the case of an attempt by its key in the database."""
    return _first(connection, _BY_ID, {"attempt": attempt})


def by_provider(connection: Connection, gateway: str, provider_id: str) -> Case | None:
    """Return the case that the provider knows by `provider_id`."""
    return _first(connection, _BY_PROVIDER, {"gateway": gateway, "provider_id": provider_id})


def by_key(connection: Connection, gateway: str, key: str) -> Case | None:
    """Return the case of an idempotency key."""
    return _first(connection, _BY_KEY, {"gateway": gateway, "key": key})


def last_of(connection: Connection, payment: str, account_id: int) -> Case | None:
    """Return the newest case that collects an account's payment."""
    return _first(connection, _LAST_OF, {"payment": payment, "account_id": account_id})


def shares(connection: Connection, case: Case) -> list[Share]:
    """Return what a case collects for each account, in the order in which accounts are always locked."""
    alone = f"payment:{case.key}"
    if not case.joint:
        return [Share(case.payment_id, case.payment, case.amount, case.refunded, alone, case.account)]
    found = []
    for row in connection.execute(_SHARES, {"lead": case.payment_id}):
        known = row._asdict()
        origin = alone if row.payment_id == case.payment_id else f"payment:{row.payment}"
        found.append(Share(account=_place(known), origin=origin, **known))
    return found


def due(connection: Connection, now: datetime, most: int) -> Sequence[int]:
    """Return the attempts about which the provider is to be asked now, the longest due first."""
    return connection.scalars(_DUE, {"now": now, "most": most}).all()


def local_date(account: AccountRef, moment: datetime) -> date:
    """Return the date of `moment` where an account is."""
    return moment.astimezone(ZoneInfo(account.time_zone)).date()


def _first(connection: Connection, statement: Select[*tuple[object, ...]], values: dict[str, object]) -> Case | None:
    row = connection.execute(statement, values).first()
    if row is None:
        return None
    known = row._asdict()
    reference = _place(known)
    joint = known.pop("lead_id") is not None
    return Case(**{**known, "intent": intents.read(row.intent)}, joint=joint, account=reference)


def _place(known: dict[str, Any]) -> AccountRef:
    """Take the columns of an account out of a row and return it."""
    return AccountRef(*(known.pop(column.key) for column in _PLACE))
