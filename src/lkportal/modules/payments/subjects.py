"""What requests may be about: a bill. What becomes of them lives in tickets."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from lkportal.core.i18n import Text, text
from lkportal.core.language.formats import Month
from lkportal.core.policy import AccountRef
from lkportal.core.request_types import Subject
from lkportal.modules.payments.models import Bill

_PERIOD = select(Bill.period).where(Bill.account_id == bindparam("of"), Bill.public_id == bindparam("bill"))


def _bill(connection: Connection, account: AccountRef, public_id: str) -> Text | None:
    period = connection.execute(_PERIOD, {"of": account.id, "bill": public_id}).scalar()
    if period is None:
        return None
    return text("payments.subject.bill", "Bill for %(month)s %(year)s", month=Month(period), year=str(period.year))


SUBJECTS = [Subject("payments.bill", _bill, "payments:bill", "bill", "payments.view", "tickets.charge")]
