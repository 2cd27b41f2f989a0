"""What payments bring to the search: bills and payments by month, sum, number or service, and the pages of money."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from lkportal.core.i18n import text
from lkportal.core.money import Money
from lkportal.core.search import Hit, SearchAsked, SearchPage, SearchProvider, matching
from lkportal.modules.payments.models import Bill, ChargeLine, Payment

_SHORTEST = 3


def _bills(asked: SearchAsked) -> Iterable[Hit]:
    typed = asked.typed
    ways = [typed.amounts(Bill.total)]
    ways += [Bill.number.like(f"%{word}%") for word in typed.numbers if len(word) >= _SHORTEST]
    service = matching(" ".join(typed.plain), ChargeLine.service)
    if typed.is_dated:
        ways.append(typed.within(Bill.period))
    elif service is not None:
        ways.append(Bill.id.in_(select(ChargeLine.bill_id).where(ChargeLine.bill_id == Bill.id, service)))
    rows = asked.connection.execute(
        select(Bill.public_id, Bill.account_id, Bill.period, Bill.number, Bill.total, Bill.currency)
        .where(Bill.account_id.in_([each.id for each in asked.accounts]), or_(*ways))
        .order_by(Bill.period.desc(), Bill.id.desc())
        .limit(asked.limit)
    )
    for row in rows:
        account = asked.account(row.account_id)
        month, total = asked.locale.month(row.period), Money(row.total, row.currency)
        yield Hit(
            text("payments.search.bill", "Bill for %(month)s", month=month),
            asked.url("payments:bill", account=account.public_id, bill=row.public_id),
            text("payments.search.bill_note", "%(sum)s, no. %(number)s", sum=total, number=row.number)
            if row.number
            else text("payments.search.sum", "%(sum)s", sum=total),
            account,
        )


def _payments(asked: SearchAsked) -> Iterable[Hit]:
    typed = asked.typed
    ways = [typed.amounts(Payment.amount)]
    if typed.is_dated:
        ways.append(typed.within(Payment.created_at))
    rows = asked.connection.execute(
        select(Payment.public_id, Payment.account_id, Payment.amount, Payment.currency, Payment.created_at)
        .where(Payment.account_id.in_([each.id for each in asked.accounts]), or_(*ways))
        .order_by(Payment.created_at.desc(), Payment.id.desc())
        .limit(asked.limit)
    )
    for row in rows:
        account = asked.account(row.account_id)
        yield Hit(
            text(
                "payments.search.payment",
                "Payment of %(day)s",
                day=asked.locale.date(row.created_at.astimezone(ZoneInfo(account.time_zone)).date()),
            ),
            asked.url("payments:payment", account=account.public_id, payment=row.public_id),
            text("payments.search.sum", "%(sum)s", sum=Money(row.amount, row.currency)),
            account,
        )


PROVIDERS = [
    SearchProvider("payments.bills", text("payments.search.bills", "Bills"), _bills, "payments.view", 10),
    SearchProvider("payments.payments", text("payments.search.payments", "Payments"), _payments, "payments.view", 20),
]
PAGES = [
    SearchPage(
        "payments:pay",
        text("payments.search.pay", "Pay"),
        text("payments.search.pay_words", "pay, payment, debt, owe, top up, card"),
        "payments.pay",
    ),
    SearchPage(
        "payments:bills",
        text("payments.search.all_bills", "All bills"),
        text("payments.search.bills_words", "bill, invoice, charges, receipt for the flat"),
        "payments.view",
    ),
    SearchPage(
        "payments:history",
        text("payments.history.title", "History of payments"),
        text("payments.search.history_words", "receipt, cheque, refund, money back, operations"),
        "payments.view",
    ),
    SearchPage(
        "payments:papers",
        text("payments.papers.title", "Statement and act of reconciliation"),
        text("payments.search.papers_words", "certificate, statement, PDF, print, no debt"),
        "payments.view",
    ),
    SearchPage(
        "payments:autopay",
        text("payments.search.autopay", "Autopay and saved cards"),
        text("payments.search.autopay_words", "automatic, card, charge, subscription"),
        "payments.pay",
    ),
    SearchPage(
        "payments:spending",
        text("payments.search.spending", "Spending"),
        text("payments.search.spending_words", "spent, compare, chart, last year, services"),
        "payments.view",
    ),
]
