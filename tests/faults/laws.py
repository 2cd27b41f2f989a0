"""The laws of money and of events, judged over a portal and its provider: each returns sentences about what is broken, none
when all holds. Tests and planted faults ask the same functions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text

from lkportal.app import Portal
from lkportal.cli.verify import broken_invariants
from lkportal.testing import SandboxDriver

BANK = "bank"
"""The gateway of money that came by statements: no provider knows of it."""
_CREDITS = """
    SELECT e.origin, e.amount, e.currency, l.account_id FROM payments_entries e
    JOIN payments_ledgers l ON l.id = e.credit_id WHERE e.kind = 'payment'
"""
_ATTEMPTS = """
    SELECT 'payment:' || a.key AS origin, p.public_id AS payment, p.account_id, p.state, a.state AS attempt, a.refunded,
    a.gateway
    FROM payments_attempts a JOIN payments_payments p ON p.id = a.payment_id
"""
_KEPT = "SELECT coalesce(sum(balance), 0) FROM payments_ledgers WHERE kind = 'customer'"
_SHARED = """
    SELECT coalesce(sum(CASE WHEN l.id = e.debit_id THEN e.amount ELSE -e.amount END), 0) FROM payments_entries e
    JOIN payments_ledgers l ON l.id IN (e.debit_id, e.credit_id) WHERE l.kind <> 'customer'
"""
_TOLD = "SELECT body FROM core_outbox WHERE name = 'payments.payment_succeeded'"
_UNTOLD = "SELECT count(*) FROM core_outbox WHERE number IS NULL"
_UNDONE = "SELECT name, state, error_class, error FROM core_jobs WHERE state IN ('handed', 'running', 'dead')"
_MESSAGES = "SELECT event_id, identity_id, count(*) AS many FROM notify_messages GROUP BY event_id, identity_id, notice"


def taken(provider: SandboxDriver) -> list[dict[str, Any]]:
    """Return every payment that the provider holds, as its API tells of it."""
    found: list[dict[str, Any]] = []
    query: dict[str, str] = {"limit": "100"}
    while True:
        answer = provider.client.get("/v3/payments", params=query)
        answer.raise_for_status()
        page = answer.json()
        found += page["items"]
        if "next_cursor" not in page:
            return found
        query["cursor"] = page["next_cursor"]


def broken(portal: Portal, at_provider: Iterable[dict[str, Any]]) -> list[str]:
    """Return what is broken of money, events and the portal's own invariants."""
    return [*credits_broken(portal, at_provider), *books_broken(portal), *events_broken(portal)]


def credits_broken(portal: Portal, at_provider: Iterable[dict[str, Any]]) -> list[str]:
    """What the provider took is credited once, same amount, same account; nothing else is credited."""
    booked = _rows(portal, _CREDITS)
    ours = {row.origin: row for row in _rows(portal, _ATTEMPTS)}
    times = Counter(row.origin for row in booked)
    said = [f"{origin} is credited {count} times" for origin, count in times.items() if count > 1]
    captured: dict[str, dict[str, Any]] = {}
    for payment in at_provider:
        if payment["status"] == "succeeded":
            captured["payment:" + payment["metadata"]["attempt"]] = payment
    said += [
        f"{row.origin} is credited, but the provider did not take it"
        for row in booked
        if row.origin not in captured and (row.origin not in ours or ours[row.origin].gateway != BANK)
    ]
    by_origin = {row.origin: row for row in booked}
    for origin, payment in captured.items():
        said += _captured_wrong(origin, payment, by_origin.get(origin), ours.get(origin))
    return said


def _captured_wrong(origin: str, payment: dict[str, Any], credit: Any, mine: Any) -> list[str]:
    if mine is None:
        return [f"{origin} was taken, and the portal does not know it"]
    if credit is None:
        return [f"{origin} was taken and is not credited (the attempt is {mine.attempt}, the payment {mine.state})"]
    said = []
    if (credit.amount, credit.currency) != (_minor(payment["amount"]), payment["amount"]["currency"]):
        said.append(f"{origin}: {credit.amount} credited, {payment['amount']} taken")
    if credit.account_id != mine.account_id or mine.payment != payment["metadata"]["payment_id"]:
        said.append(f"{origin} is credited to another account")
    if mine.state != "paid":
        said.append(f"{origin} was taken, the payment is {mine.state}")
    if mine.refunded != _minor(payment.get("refunded_amount")):
        said.append(f"{origin}: the books gave back {mine.refunded}, the provider {payment.get('refunded_amount')}")
    return said


def books_broken(portal: Portal) -> list[str]:
    """All ledgers together are zero, and every invariant that `lkportal verify` asks for holds."""
    kept, shared = _rows(portal, _KEPT)[0][0], _rows(portal, _SHARED)[0][0]
    said = [f"The ledgers sum to {kept + shared}"] if kept + shared else []
    return said + [f"{name}: {title} {rows}" for name, title, rows in broken_invariants(portal) if rows]


def events_broken(portal: Portal) -> list[str]:
    """Each credited payment was told once, nothing waits untold, no work died, and nobody was told twice."""
    booked = {row.origin for row in _rows(portal, _CREDITS)}
    paid = Counter(row.payment for row in _rows(portal, _ATTEMPTS) if row.origin in booked)
    told = Counter(json.loads(row.body)["payment"] for row in _rows(portal, _TOLD))
    said = [
        f"{name} was credited {paid[name]} times and told {told[name]} times"
        for name in paid | told
        if paid[name] != told[name]
    ]
    waiting = _rows(portal, _UNTOLD)[0][0]
    said += [f"{waiting} events were never relayed"] if waiting else []
    said += [f"The job {row.name} is {row.state}: {row.error_class} {row.error}" for row in _rows(portal, _UNDONE)]
    return said + [
        f"Somebody was told {row.many} times of {row.event_id}" for row in _rows(portal, _MESSAGES) if row.many > 1
    ]


def _rows(portal: Portal, statement: str) -> list[Any]:
    with portal.database.reading() as connection:
        return list(connection.execute(text(statement)))


def _minor(amount: Any) -> int:
    return int(amount["value"].replace(".", "")) if amount else 0
