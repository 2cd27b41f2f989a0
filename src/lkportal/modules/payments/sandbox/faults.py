"""Planned misfortunes: which operation, of which payment, how many times, and what goes wrong. Set through control.py or
by the payer's choice on the page; consumed one by one."""

from __future__ import annotations

import json

from .checks import Json, invalid
from .store import Store

SLOW_SECONDS = 5.0
CALLS = ("create", "fetch", "list", "capture", "cancel", "refund", "fetch_refund")
CALL_FAULTS = (
    "error_before",
    "error_after",
    "timeout_before",
    "timeout_after",
    "too_many",
    "processing",
    "garbage",
    "declined",
)
NOTICE_FAULTS = ("delay", "double", "hold", "lost")


def plan(store: Store, wish: Json) -> int:
    """Write down a misfortune and return its number.

    `wish`: {"operation": one of CALLS or "notify", "fault": ..., "match": {"payment_id": ...} or {"metadata": {...}} (none:
    any payment), "event": only for notify, "times": 1, "seconds": 5, "copies": 2}.
    """
    operation, fault = wish.get("operation"), wish.get("fault")
    if operation != "notify" and operation not in CALLS:
        raise invalid(f"One of notify, {', '.join(CALLS)}", "operation")
    if fault not in (NOTICE_FAULTS if operation == "notify" else CALL_FAULTS):
        raise invalid(f"One of {', '.join(NOTICE_FAULTS if operation == 'notify' else CALL_FAULTS)}", "fault")
    times = wish.get("times", 1)
    if not isinstance(times, int) or times < 1:
        raise invalid("How many times: a whole number above zero", "times")
    with store.turn() as db:
        values = (operation, times, json.dumps(wish))
        return int(db.execute("INSERT INTO plans (operation, left, body) VALUES (?, ?, ?)", values).lastrowid or 0)


def take(store: Store, operation: str, payment: Json, event: str = "") -> Json:
    """Return the next misfortune planned for this act and use it up, or {}. `payment` gives `id` and `metadata`."""
    with store.turn() as db:
        rows = db.execute("SELECT seq, body FROM plans WHERE operation = ? AND left > 0 ORDER BY seq", (operation,))
        for row in rows.fetchall():
            wish: Json = json.loads(row["body"])
            if _fits(wish, payment, event):
                db.execute("UPDATE plans SET left = left - 1 WHERE seq = ?", (row["seq"],))
                return wish
    return {}


def _fits(wish: Json, payment: Json, event: str) -> bool:
    match = wish.get("match", {})
    if wish.get("event", event) != event or match.get("payment_id", payment.get("id")) != payment.get("id"):
        return False
    metadata = payment.get("metadata") or {}
    return all(metadata.get(name) == value for name, value in match.get("metadata", {}).items())
