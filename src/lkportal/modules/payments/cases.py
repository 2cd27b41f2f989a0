"""A case: an attempt with its payment and account, as rules and jobs need it. Prepared reads; pages have theirs in queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, bindparam, select

from lkportal.accounts.models import Account, Brand
from lkportal.core.policy import AccountRef
from lkportal.modules.payments import intents
from lkportal.modules.payments.contract import PaymentIntent
from lkportal.modules.payments.models import LIVE, Attempt, Payment


@dataclass(frozen=True, slots=True)
class Case:
    """One attempt at the moment it was read: what is true of it later is decided by conditional statements."""

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
    account: AccountRef

    @property
    def is_live(self) -> bool:
        """Whether the provider may still change it."""
        return self.state in LIVE

    def local_date(self, moment: datetime) -> date:
        """Return the date of `moment` where the account is."""
        return moment.astimezone(ZoneInfo(self.account.time_zone)).date()


_CASES = (
    select(
        Attempt.id,
        Attempt.payment_id,
        Payment.public_id.label("payment"),
        Attempt.gateway,
        Attempt.key,
        Attempt.provider_id,
        Attempt.state,
        Payment.amount,
        Payment.currency,
        Attempt.refunded,
        Attempt.created_at,
        Attempt.intent,
        Account.id.label("account_id"),
        Account.public_id.label("account_public"),
        Account.number,
        Account.title,
        Account.time_zone,
        Account.organisation_id,
        Brand.key.label("brand"),
    )
    .join(Payment, Payment.id == Attempt.payment_id)
    .join(Account, Account.id == Payment.account_id)
    .join(Brand, Brand.id == Account.brand_id)
)
_BY_ID = _CASES.where(Attempt.id == bindparam("attempt"))
_BY_PROVIDER = _CASES.where(Attempt.gateway == bindparam("gateway"), Attempt.provider_id == bindparam("provider_id"))
_BY_KEY = _CASES.where(Attempt.gateway == bindparam("gateway"), Attempt.key == bindparam("key"))
_LAST_OF = _CASES.where(
    Payment.public_id == bindparam("payment"), Payment.account_id == bindparam("account_id")
).order_by(Attempt.id.desc())
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
    """Return the newest case of an account's payment."""
    return _first(connection, _LAST_OF, {"payment": payment, "account_id": account_id})


def due(connection: Connection, now: datetime, most: int) -> Sequence[int]:
    """Return the attempts about which the provider is to be asked now, the longest due first."""
    return connection.scalars(_DUE, {"now": now, "most": most}).all()


def _first(connection: Connection, statement: Select[*tuple[object, ...]], values: dict[str, object]) -> Case | None:
    row = connection.execute(statement, values).first()
    if row is None:
        return None
    known = row._asdict()
    reference = AccountRef(
        known.pop("account_id"),
        known.pop("account_public"),
        known.pop("number"),
        known.pop("title"),
        known.pop("time_zone"),
        row.currency,
        known.pop("brand"),
        known.pop("organisation_id"),
    )
    return Case(**{**known, "intent": intents.read(row.intent)}, account=reference)
