"""Notices to the merchant, as they are written down. courier.py carries them; a planned fault is worked in here."""

from __future__ import annotations

import json

from . import faults
from .checks import Json
from .store import Store


def post(store: Store, payment: Json, event: str, subject: Json) -> None:
    """Hand over a notice about `subject` as it is now. A planned fault may change when, how often and whether it goes."""
    fault = faults.take(store, "notify", payment, event)
    kind = fault.get("fault", "")
    due = store.now() + (float(fault.get("seconds", 5.0)) if kind in {"delay", "hold"} else 0.0)
    state = {"lost": "lost", "hold": "held"}.get(kind, "waiting")
    body = json.dumps({"type": "notification", "event": event, "object": subject})
    with store.turn() as db:
        for _ in range(int(fault.get("copies", 2)) if kind == "double" else 1):
            db.execute(
                "INSERT INTO notices (payment_id, event, state, due, body) VALUES (?, ?, ?, ?, ?)",
                (payment["id"], event, state, due, body),
            )
