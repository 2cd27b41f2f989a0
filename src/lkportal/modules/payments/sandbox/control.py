"""The strings behind the stage, for tests and demonstrations: plan faults, pay as the payer, move the clock, look at and
send notices. Same credentials as the API; a real provider has nothing of this."""

from __future__ import annotations

import json
import time

from starlette.routing import Route

from . import faults, rules
from .api import Call, Sandbox, guarded
from .checks import ApiError, Json, invalid, money


def routes() -> list[Route]:
    """Return the routes under /_control."""
    return [
        Route("/_control/plan", guarded(_plan), methods=["POST"]),
        Route("/_control/pay", guarded(_pay), methods=["POST"]),
        Route("/_control/method", guarded(_method), methods=["POST"]),
        Route("/_control/retell", guarded(_retell), methods=["POST"]),
        Route("/_control/clock", guarded(_clock), methods=["POST"]),
        Route("/_control/settled", guarded(_settled), methods=["POST"]),
        Route("/_control/notices", guarded(_notices), methods=["GET"]),
        Route("/_control/notices/{id}/send", guarded(_send), methods=["POST"]),
        Route("/_control/summary", guarded(_summary), methods=["GET"]),
        Route("/_control/reset", guarded(_reset), methods=["POST"]),
    ]


def _plan(sandbox: Sandbox, call: Call) -> Json:
    """Plan a fault; the body is described at faults.plan."""
    return {"plan": faults.plan(sandbox.store, call.body)}


def _pay(sandbox: Sandbox, call: Call) -> Json:
    """Do what the payer does on the page: {"payment_id": ..., "card": one of rules.CARDS, "code": for the secure card}."""
    card = call.body.get("card", "success")
    if card not in rules.CARDS:
        raise invalid(f"One of {', '.join(rules.CARDS)}", "card")
    payment_id = str(call.body.get("payment_id"))
    with sandbox.store.turn():
        if rules.pay(sandbox.store, payment_id, card) == "code":
            rules.answer_code(sandbox.store, payment_id, str(call.body.get("code", "1234")))
        payment: Json = rules.found(sandbox.store, payment_id)["object"]
    return payment


def _method(sandbox: Sandbox, call: Call) -> Json:
    """Say what charging a saved method does from now on: {"method_id": ..., "outcome": "pays" or a reason}."""
    return rules.turn_method(sandbox.store, str(call.body.get("method_id")), str(call.body.get("outcome", "pays")))


def _retell(sandbox: Sandbox, call: Call) -> Json:
    """Tell of a payment otherwise: {"payment_id": ..., "amount": minor units, "currency": ..., "status": ...}, each if not empty."""
    with sandbox.store.turn():
        record = rules.found(sandbox.store, str(call.body.get("payment_id")))
        payment: Json = record["object"]
        if call.body.get("amount"):
            payment["amount"] = money(int(call.body["amount"]))
        if call.body.get("currency"):
            payment["amount"]["currency"] = call.body["currency"]
        if call.body.get("status"):
            payment["status"] = call.body["status"]
        sandbox.store.put("payment", record)
    return payment


def _clock(sandbox: Sandbox, call: Call) -> Json:
    """Move the sandbox's clock by {"seconds": ...}."""
    sandbox.store.shift(float(call.body.get("seconds", 0)))
    return {"now": sandbox.store.now()}


def _settled(sandbox: Sandbox, call: Call) -> Json:
    """Wait, at most {"seconds": 5}, until nothing is due or under way."""
    deadline = time.monotonic() + float(call.body.get("seconds", 5))
    while not sandbox.courier.idle():
        if time.monotonic() > deadline:
            return {"settled": False}
        time.sleep(0.02)
    return {"settled": True}


def _notices(sandbox: Sandbox, call: Call) -> Json:
    """List notices, oldest first; ?payment_id= narrows."""
    wanted = call.query.get("payment_id", "")
    with sandbox.store.turn() as db:
        rows = db.execute(
            "SELECT * FROM notices WHERE payment_id = ? OR ? = '' ORDER BY id", (wanted, wanted)
        ).fetchall()
    return {"items": [dict(row) | {"body": json.loads(row["body"])} for row in rows]}


def _send(sandbox: Sandbox, call: Call) -> Json:
    """Send a notice now, also a lost or delivered one; tell what the merchant answered (0: could not be reached)."""
    with sandbox.store.turn() as db:
        known = db.execute("SELECT id FROM notices WHERE id = ?", (call.subject,)).fetchone()
    if known is None:
        raise ApiError(404, "not_found", "There is no such notice", "id")
    return {"answer": sandbox.courier.deliver(known["id"])}


def _summary(sandbox: Sandbox, call: Call) -> Json:
    """Count payments by status and sum what was taken and given back, in minor units; ?name=value narrows by metadata."""
    counts: dict[str, int] = {}
    taken = refunded = 0
    for record in sandbox.store.newest_first("payment"):
        payment = record["object"]
        if any(payment["metadata"].get(name) != value for name, value in call.query.items()):
            continue
        counts[payment["status"]] = counts.get(payment["status"], 0) + 1
        if payment["status"] == "succeeded":
            taken += _minor(payment["amount"])
            refunded += _minor(payment["refunded_amount"]) if "refunded_amount" in payment else 0
    return {"payments": counts, "taken": taken, "refunded": refunded}


def _reset(sandbox: Sandbox, call: Call) -> Json:
    """Forget everything."""
    sandbox.store.clear()
    return {}


def _minor(amount: Json) -> int:
    return int(amount["value"].replace(".", ""))
