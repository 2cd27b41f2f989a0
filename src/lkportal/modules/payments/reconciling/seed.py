"""Days that were compared before the demonstration began, two of them with something to look into."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from lkportal.modules.payments.reconciling import service
from lkportal.modules.payments.reconciling.comparing import Found, Totals

_DAYS = (
    (4, 31, 6_842_310, 0, ()),
    (5, 27, 5_120_455, 148_260, (("missing_here", "31fe-0518", 44_520, 0, "succeeded", ""),)),
    (6, 22, 4_403_080, 0, (("other_refund", "31fe-0467", 96_400, 0, "refunded_part", "succeeded"),)),
)


def compared(db: Session, gateway: str, today: date, currency: str) -> None:
    """Write the days of a demonstration; they lie further back than the days that are compared every morning."""
    for past, many, taken, back, differing in _DAYS:
        totals = Totals(many, taken, back, many, taken, back)
        for kind, subject, theirs, ours, their_state, our_state in differing:
            totals.found.append(
                Found(kind, subject, currency, None, theirs, ours, their_state, our_state)  # type: ignore[arg-type]
            )
            if kind == "missing_here":
                totals.theirs_count += 1
                totals.theirs += theirs
            else:
                totals.theirs_back += theirs
        service.keep(db, gateway, today - timedelta(days=past), {currency: totals}, listed=True)
