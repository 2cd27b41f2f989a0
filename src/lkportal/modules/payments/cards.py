"""What payments show on pages of others: the slip of the dashboard, a part of the desk's customer card. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from lkportal.core.contributions import Said, Shown
from lkportal.core.i18n import text
from lkportal.core.money import Money
from lkportal.modules.payments import views
from lkportal.modules.payments.history.showing import state_of

Rows = Mapping[str, Sequence[Any]]
PAST = 3


def slip_card(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return the slip: what is due until when and the way to pay it, or that all is paid; past bills as stubs under it. On an account
    where nothing ever moved it tells what will come."""
    standing = rows["standing"][0] if rows["standing"] else None
    if standing is None:
        return {"first": True}
    bills = views.settled(rows["bills"], standing.balance, shown.today)
    due = views.due(bills, standing.balance, standing.currency, shown.today)
    past = [bill for bill in bills if due is None or bill.public_id != due.bill][:PAST]
    may_pay = "payments.pay" in shown.rights and shown.settings.takes_payments
    told_at = views.told_at(standing, bills)
    return {
        "due": due,
        "credit": -standing.balance,
        "currency": standing.currency,
        "posting": _posting(standing, shown),
        "pay_href": shown.url("payments:pay") if may_pay else "",
        "bill_href": shown.url("payments:bill", bill=due.bill) if due and due.bill else shown.url("payments:bills"),
        "waiting_href": shown.url("payments:payment", payment=standing.waiting) if standing.waiting else "",
        "told_at": told_at,
        "told_today": views.was_on(told_at, shown.account.time_zone, shown.today),
        "past": [(bill, shown.url("payments:bill", bill=bill.public_id)) for bill in past],
    }


def slip_presses(rows: Rows, shown: Shown) -> Said | None:
    """Return the line of a debt that stays although the slip is put away."""
    standing = rows["standing"][0] if rows["standing"] else None
    if standing is None:
        return None
    bills = views.settled(rows["bills"], standing.balance, shown.today)
    due = views.due(bills, standing.balance, standing.currency, shown.today)
    if due is None or not due.late or due.note is None:
        return None
    return Said(due.note, shown.url("payments:bills"), text("payments.card.to_bills", "To the bills"))


def customer_section(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return what a customer owes and the newest bills, for the desk."""
    standing = rows["standing"][0] if rows["standing"] else None
    if standing is None:
        return None
    bills = views.settled(rows["bills"], standing.balance, shown.today)
    customer = shown.account.public_id
    papers = [shown.url("payments:desk_bill_paper", bill=bill.public_id) for bill in bills]
    return {
        "balance": standing.balance,
        "currency": standing.currency,
        "bills": list(zip(bills, papers, strict=True)),
        "statement": shown.url("payments:desk_statement", customer=customer),
        "act": shown.url("payments:desk_act", customer=customer),
    }


def payments_section(rows: Rows, shown: Shown) -> Mapping[str, Any] | None:
    """Return the newest payments of a customer, for the desk."""
    if not rows["payments"]:
        return None
    pages = {each.public_id: shown.url("payments:desk_payment", payment=each.public_id) for each in rows["payments"]}
    return {
        "payments": rows["payments"],
        "state_of": _state_at_desk,
        "zone": shown.account.time_zone,
        "pages": pages,
    }


def _state_at_desk(row: Any) -> views.Status:
    return state_of(row) if row.state == "paid" else views.PAYMENT_STATES[row.state]


def _posting(standing: Any, shown: Shown) -> Money | None:
    """Return the money that billing does not know of yet, unless it is so old that billing must know it."""
    if not standing.unposted:
        return None
    recent = standing.last_paid_at.date() >= shown.today - timedelta(days=shown.settings.posting_days)
    return Money(int(standing.unposted), standing.currency) if recent else None
