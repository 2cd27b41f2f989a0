"""The report on money: charged, paid by way, refunds, debts by age, and how many pay here. Sums alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, case, distinct, func, literal, or_, select, union_all

from lkportal.core.i18n import text
from lkportal.core.reports import (
    AGO_30,
    AGO_90,
    AGO_365,
    AT,
    SINCE,
    SINCE_AT,
    TODAY,
    UNTIL,
    UNTIL_AT,
    Chart,
    Measure,
    Report,
)
from lkportal.modules.payments.cashdesk.models import GATEWAY as CASH_DESK
from lkportal.modules.payments.methods.models import Autopay
from lkportal.modules.payments.models import Attempt, Bill, ChargeLine, Entry, Ledger, Payment
from lkportal.modules.payments.seed import GATEWAY as BANK

_ELSEWHERE = (CASH_DESK, BANK)
_PAID = Payment.state == "paid"
_IN_MONTH = (Payment.paid_at >= SINCE_AT, Payment.paid_at < UNTIL_AT)
_BOOKED = (Entry.occurred_on >= SINCE, Entry.occurred_on < UNTIL)

CHARGED = Measure(
    "payments.charged",
    select(ChargeLine.service.label("part"), Bill.currency, func.sum(ChargeLine.amount).label("amount"))
    .join(Bill, Bill.id == ChargeLine.bill_id)
    .where(Bill.period == SINCE)
    .group_by(ChargeLine.service, Bill.currency),
)
_GATEWAY = func.replace(Ledger.owner, literal("/") + Ledger.currency, "")
PAID = Measure(
    "payments.paid",
    select(_GATEWAY.label("part"), Entry.currency, func.sum(Entry.amount).label("amount"))
    .join(Ledger, Ledger.id == Entry.debit_id)
    .where(Entry.kind == "payment", *_BOOKED)
    .group_by(Ledger.owner, Ledger.currency, Entry.currency),
)
REFUNDED = Measure(
    "payments.refunded",
    select(Entry.currency, func.sum(Entry.amount).label("amount"))
    .where(Entry.kind == "refund", *_BOOKED)
    .group_by(Entry.currency),
)
BILLED = Measure(
    "payments.billed", select(func.count(distinct(Bill.account_id)).label("amount")).where(Bill.period == SINCE)
)
ONLINE = Measure(
    "payments.online",
    select(func.count(distinct(Payment.account_id)).label("amount"))
    .join(Attempt, Attempt.payment_id == Payment.collector())
    .where(_PAID, *_IN_MONTH, Attempt.state == "succeeded", Attempt.gateway.not_in(_ELSEWHERE)),
)
AUTOPAY = Measure(
    "payments.autopay",
    select(func.count(distinct(Autopay.account_id)).label("amount")).where(
        Autopay.agreed_at <= AT, or_(Autopay.ended_at.is_(None), Autopay.ended_at > AT)
    ),
)


_OWED = (
    select(Ledger.account_id, Ledger.balance, Ledger.currency)
    .where(Ledger.kind == "customer", Ledger.balance > 0)
    .cte("owed")
)


def _of_bills() -> Select[*tuple[Any, ...]]:
    """What is owed for bills: the newest make up a balance, those before are paid."""
    running = func.sum(Bill.posted).over(partition_by=Bill.account_id, order_by=(Bill.period.desc(), Bill.id.desc()))
    bills = (
        select(_OWED.c.balance, _OWED.c.currency, Bill.due_on, Bill.posted, running.label("upto"))
        .join(Bill, Bill.account_id == _OWED.c.account_id)
        .where(Bill.posted > 0)
        .cte("bills")
    )
    left = bills.c.balance - (bills.c.upto - bills.c.posted)
    age = case(
        (bills.c.due_on >= TODAY, "due"),
        (bills.c.due_on >= AGO_30, "month"),
        (bills.c.due_on >= AGO_90, "quarter"),
        (bills.c.due_on >= AGO_365, "year"),
        else_="older",
    )
    part = case((left < bills.c.posted, left), else_=bills.c.posted)
    return select(age.label("part"), bills.c.currency, part.label("amount")).where(left > 0)


def _above_bills() -> Select[*tuple[Any, ...]]:
    """What is owed above all bills that are known: it is older than they are."""
    sums = (
        select(Bill.account_id, func.sum(Bill.posted).label("posted"))
        .where(Bill.posted > 0)
        .group_by(Bill.account_id)
        .cte("sums")
    )
    above = _OWED.c.balance - func.coalesce(sums.c.posted, 0)
    return (
        select(literal("older").label("part"), _OWED.c.currency, above.label("amount"))
        .outerjoin(sums, sums.c.account_id == _OWED.c.account_id)
        .where(above > 0)
    )


_DEBTS = union_all(_of_bills(), _above_bills()).subquery("debts")
DEBTS = Measure(
    "payments.debts",
    select(_DEBTS.c.part, _DEBTS.c.currency, func.sum(_DEBTS.c.amount).label("amount")).group_by(
        _DEBTS.c.part, _DEBTS.c.currency
    ),
    standing=True,
)
_WAYS = {
    "yookassa": text("payments.gateway.yookassa", "YooKassa"),
    "stripe": text("payments.gateway.stripe", "Stripe"),
    "tbank": text("payments.gateway.tbank", "T-Bank"),
    "sandbox": text("payments.report.sandbox", "Trial payments"),
    CASH_DESK: text("payments.report.cash_desk", "Cash desk"),
    BANK: text("payments.report.bank", "Bank and post"),
}
MONEY = Report(
    "money",
    text("payments.report.money", "Money"),
    text("payments.report.money_lead", "What was charged and paid, by the books."),
    (CHARGED, PAID, REFUNDED, DEBTS),
    (
        Chart("payments.charged", text("payments.report.charged", "Charged by service"), (CHARGED.name,), order=10),
        Chart("payments.paid", text("payments.report.paid", "Paid by way"), (PAID.name,), labels=_WAYS, order=20),
        Chart(
            "payments.debts",
            text("payments.report.debts", "Owed, by how long it is overdue"),
            (DEBTS.name,),
            labels={
                "due": text("payments.report.not_due", "Not due yet"),
                "month": text("payments.report.days_30", "Up to 30 days"),
                "quarter": text("payments.report.days_90", "31 to 90 days"),
                "year": text("payments.report.days_365", "91 to 365 days"),
                "older": text("payments.report.days_more", "More than a year"),
            },
            hint=text("payments.report.debts_hint", "A month that is over shows how it stood on its last day."),
            order=30,
        ),
        Chart("payments.refunded", text("payments.report.refunded", "Refunds"), (REFUNDED.name,), order=40),
    ),
    right="payments.reports",
    order=20,
)
USE = Report(
    "use",
    text("payments.report.use", "Use"),
    text("payments.report.use_lead", "How many pay here."),
    (BILLED, ONLINE, AUTOPAY),
    (
        Chart(
            "payments.online",
            text("payments.report.online", "Accounts paid online"),
            (ONLINE.name,),
            "rate",
            of=BILLED.name,
            hint=text("payments.report.online_hint", "Share of the accounts that had a bill for the month."),
            order=30,
        ),
        Chart(
            "payments.autopay",
            text("payments.report.autopay", "Accounts with autopay"),
            (AUTOPAY.name,),
            "rate",
            of=BILLED.name,
            hint=text("payments.report.online_hint", "Share of the accounts that had a bill for the month."),
            order=35,
        ),
    ),
    right="payments.reports",
    order=25,
)
REPORTS = [MONEY, USE]
