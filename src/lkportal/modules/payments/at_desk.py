"""What payments bring to the desk's first pages: settings that the company changes there, queues of money matters, and the part of a
customer's card that tells of refunds and autopay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select

from lkportal.core.contributions import DeskSetting, Queue, Section, Shown
from lkportal.core.i18n import Text, text
from lkportal.modules.payments.fiscal.models import HAS_FAILED, Receipt
from lkportal.modules.payments.methods.models import Autopay, Method
from lkportal.modules.payments.models import NEEDS_EYES, Payment
from lkportal.modules.payments.reconciling.models import IS_OPEN, Difference
from lkportal.modules.payments.refunds.models import UNDONE, Refund
from lkportal.modules.payments.settings import PaymentsSettings

_SEE = "payments.staff_view"
_DAYS = text("payments.setting.days", "days")
_REFUNDS = (
    select(
        Refund.amount,
        Refund.currency,
        Refund.state,
        Refund.reason,
        Refund.created_at,
        Payment.public_id.label("payment"),
    )
    .join(Payment, Payment.id == Refund.payment_id)
    .where(Payment.account_id == bindparam("account_id"))
    .order_by(Refund.id.desc())
    .limit(5)
)
_AUTOPAY = (
    select(Autopay.mode, Autopay.day, Autopay.cap, Autopay.top_up, Autopay.agreed_at, Method.title, Method.state)
    .join(Method, Method.id == Autopay.method_id)
    .where(Autopay.account_id == bindparam("account_id"), Autopay.state == "on")
    .limit(1)
)
_STATES: Mapping[str, tuple[str, Text]] = {
    "succeeded": ("ok", text("payments.desk.refunded", "given back")),
    "canceled": ("off", text("payments.desk.refund_canceled", "not given back")),
    "failed": ("bad", text("payments.desk.refund_failed", "refused by the provider")),
    "attention": ("bad", text("payments.desk.refund_attention", "needs a look")),
}
_UNDER_WAY = ("inf", text("payments.desk.refund_under_way", "under way"))


def _autopay(before: PaymentsSettings, after: PaymentsSettings, _today: date) -> Iterator[Text]:
    if before.autopay.on and not after.autopay.on:
        yield text(
            "payments.setting.autopay_off",
            "Agreements stay, but nothing is charged by them until you switch this on again.",
        )
    if after.autopay.on and not before.autopay.on:
        yield text(
            "payments.setting.autopay_on", "Agreements made before hold again: people are told before each charge."
        )


def _due(_before: PaymentsSettings, after: PaymentsSettings, _today: date) -> Iterator[Text]:
    yield text(
        "payments.setting.due_effect",
        "New bills without a term of their own are due on day %(day)s of the next month. Bills that came before keep theirs.",
        day=after.due_day,
    )


def refunds_and_autopay(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Mapping[str, Any] | None:
    """Return the newest refunds of an account and its autopay; nothing where there is neither."""
    if not rows["refunds"] and not rows["autopay"]:
        return None
    refunds = [
        {
            "when": row.created_at,
            "amount": row.amount,
            "currency": row.currency,
            "status": _STATES.get(row.state, _UNDER_WAY),
            "reason": row.reason,
            "href": shown.url("payments:desk_payment", payment=row.payment),
            "payment": row.payment,
        }
        for row in rows["refunds"]
    ]
    autopay = rows["autopay"][0] if rows["autopay"] else None
    return {"refunds": refunds, "autopay": autopay, "zone": shown.account.time_zone, "currency": shown.account.currency}


DESK_SETTINGS = [
    DeskSetting(
        "due_day",
        text("payments.setting.due", "Day by which bills are due"),
        text("payments.setting.due_hint", "Day of the next month, for bills that bring no term of their own."),
        effect=_due,
        order=10,
    ),
    DeskSetting(
        "least",
        text("payments.setting.least", "Smallest payment"),
        text("payments.setting.least_hint", "Less than this is not taken."),
        money=True,
        order=11,
    ),
    DeskSetting(
        "most",
        text("payments.setting.most", "Greatest payment"),
        text("payments.setting.most_hint", "More than this is not taken at once."),
        money=True,
        order=12,
    ),
    DeskSetting(
        "refund_alone",
        text("payments.setting.alone", "Refund without a second person"),
        text("payments.setting.alone_hint", "Up to this sum one person gives money back; above it another one agrees."),
        money=True,
        four_eyes=True,
        order=13,
    ),
    DeskSetting(
        "posting_days",
        text("payments.setting.posting", "Posting of payments"),
        text("payments.setting.posting_hint", "After so many days billing is taken to know a payment."),
        unit=_DAYS,
        order=14,
    ),
    DeskSetting(
        "autopay.on",
        text("payments.setting.autopay", "Autopay"),
        text("payments.setting.autopay_hint", "Whether paying by a saved method without asking each time is offered."),
        effect=_autopay,
        order=15,
    ),
    DeskSetting(
        "autopay.notice_days",
        text("payments.setting.notice", "Notice before autopay"),
        text("payments.setting.notice_hint", "So many days before a charge people are told of it."),
        unit=_DAYS,
        order=16,
    ),
]
QUEUES = [
    Queue(
        "payments.attention",
        text("payments.queue.attention", "Payments to look at"),
        "payments:attention",
        select(func.count().label("waiting"), func.min(Payment.created_at).label("oldest")).where(NEEDS_EYES),
        _SEE,
        order=10,
    ),
    Queue(
        "payments.differences",
        text("payments.queue.differences", "Differences with providers"),
        "payments:reconciliations",
        select(func.count().label("waiting"), func.min(Difference.found_at).label("oldest")).where(IS_OPEN),
        _SEE,
        order=11,
    ),
    Queue(
        "payments.refunds",
        text("payments.queue.refunds", "Refunds to look at"),
        "payments:refunds",
        select(func.count().label("waiting"), func.min(Refund.created_at).label("oldest")).where(UNDONE),
        _SEE,
        order=12,
    ),
    Queue(
        "payments.receipts",
        text("payments.queue.receipts", "Receipts that failed"),
        "payments:receipts",
        select(func.count().label("waiting"), func.min(Receipt.created_at).label("oldest")).where(HAS_FAILED),
        _SEE,
        order=13,
    ),
]
SECTION = Section(
    "staff:customer",
    "payments.customer_refunds",
    "payments/section_refunds.html",
    {"refunds": _REFUNDS, "autopay": _AUTOPAY},
    refunds_and_autopay,
    order=22,
    action=_SEE,
)
