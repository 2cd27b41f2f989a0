"""A refund with the attempt it is of, as rules and jobs need it; and what of a payment can be given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from lkportal.modules.payments.contract import RefundIntent
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.fiscal.lines import parts_of
from lkportal.modules.payments.models import Attempt, Payment
from lkportal.modules.payments.paying import cases
from lkportal.modules.payments.paying.cases import Case, Share
from lkportal.modules.payments.refunds.models import LIVE, Refund


@dataclass(frozen=True, slots=True)
class RefundCase:
    """One refund at the moment it was read; `case` is the attempt whose money it is, `share` the account's part of it."""

    id: int
    public_id: str
    key: str
    provider_id: str | None
    amount: int
    given_before: int
    state: str
    created_at: datetime
    case: Case
    share: Share

    @property
    def is_live(self) -> bool:
        """Whether the provider may still change it."""
        return self.state in LIVE

    @property
    def intent(self) -> RefundIntent:
        """What the provider is asked for: always the same for the same key."""
        paid = self.case.intent
        return RefundIntent(
            self.case.provider_id or "",
            self.amount,
            self.case.currency,
            self.key,
            paid.description,
            paid.contact,
            parts_of(paid.receipt, self.amount),
        )


_ONE = select(
    Refund.id,
    Refund.public_id,
    Refund.attempt_id,
    Refund.payment_id,
    Refund.key,
    Refund.provider_id,
    Refund.amount,
    Refund.given_before,
    Refund.state,
    Refund.created_at,
).where(Refund.id == bindparam("refund"))
_DUE = (
    select(Refund.id)
    .where(Refund.next_ask_at.is_not(None), Refund.next_ask_at <= bindparam("now"))
    .order_by(Refund.next_ask_at)
    .limit(bindparam("most"))
)
_TAKEN = (
    select(Attempt.id)
    .join(Payment, Payment.collector() == Attempt.payment_id)
    .where(
        Payment.public_id == bindparam("payment"),
        Attempt.gateway.in_(bindparam("gateways", expanding=True)),
        Attempt.state == "succeeded",
    )
    .order_by(Attempt.id.desc())
)


def by_id(connection: Connection, refund: int) -> RefundCase | None:
    """Return a refund by its key in the database."""
    row = connection.execute(_ONE, {"refund": refund}).first()
    case = cases.by_id(connection, row.attempt_id) if row else None
    if row is None or case is None:
        return None
    known = row._asdict()
    del known["attempt_id"]
    mine = known.pop("payment_id")
    share = next(each for each in cases.shares(connection, case) if each.payment_id == mine)
    return RefundCase(**known, case=case, share=share)


def due(connection: Connection, now: datetime, most: int) -> Sequence[int]:
    """Return the refunds about which the provider is to be asked now, the longest due first."""
    return connection.scalars(_DUE, {"now": now, "most": most}).all()


def taken(connection: Connection, payment: str, desk: Desk) -> list[Case]:
    """Return the attempts of a payment whose money can be given back, the newest first: late money may make two of them."""
    able = [each.name for each in desk.gateways if "refund" in each.abilities]
    found = connection.scalars(_TAKEN, {"payment": payment, "gateways": able}).all()
    return [case for case in (cases.by_id(connection, attempt) for attempt in found) if case is not None]


def share_of(connection: Connection, case: Case, payment: str) -> Share:
    """Return the part of an attempt that a payment is, by its public id."""
    return next(each for each in cases.shares(connection, case) if each.payment == payment)


def left(connection: Connection, payment: str, desk: Desk) -> int:
    """Return what can still be given back of a payment, in minor units."""
    found = [
        min(case.amount - case.refunded, share.amount - share.refunded)
        for case in taken(connection, payment, desk)
        for share in [share_of(connection, case, payment)]
    ]
    return max(found, default=0)
