"""What requests may be about: a bill, a line of it. What becomes of them lives in tickets."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select

from lkportal.core.i18n import Text, text
from lkportal.core.language.formats import Month
from lkportal.core.policy import AccountRef
from lkportal.core.request_types import Subject
from lkportal.modules.payments.models import Bill, ChargeLine

_PERIOD = select(Bill.period).where(Bill.account_id == bindparam("of"), Bill.public_id == bindparam("bill"))

_LINE = (
    select(ChargeLine.service, Bill.period)
    .join(Bill, Bill.id == ChargeLine.bill_id)
    .where(
        Bill.account_id == bindparam("of"),
        Bill.public_id == bindparam("bill"),
        ChargeLine.position == bindparam("position"),
    )
)


def _bill(connection: Connection, account: AccountRef, public_id: str) -> Text | None:
    period = connection.execute(_PERIOD, {"of": account.id, "bill": public_id}).scalar()
    if period is None:
        return None
    return text("payments.subject.bill", "Bill for %(month)s %(year)s", month=Month(period), year=str(period.year))


def _line(connection: Connection, account: AccountRef, public_id: str) -> Text | None:
    """Return what a line is called; its id is that of the bill with the line's position: "Xk3….2"."""
    bill, _, position = public_id.partition(".")
    if not (position.isascii() and position.isdecimal() and len(position) < 5):
        return None
    row = connection.execute(_LINE, {"of": account.id, "bill": bill, "position": int(position)}).first()
    if row is None:
        return None
    month, year = Month(row.period), str(row.period.year)
    return text("payments.subject.line", "%(service)s, %(month)s %(year)s", service=row.service, month=month, year=year)


def _bill_of(public_id: str) -> Mapping[str, str]:
    return {"bill": public_id.partition(".")[0]}


SUBJECTS = [
    Subject("payments.bill", _bill, "payments:bill", "bill", "payments.view", "tickets.charge"),
    Subject("payments.line", _line, "payments:bill", "bill", "payments.view", "tickets.charge", _bill_of),
]
