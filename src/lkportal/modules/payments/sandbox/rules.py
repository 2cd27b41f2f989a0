"""What can happen to a payment and in which order: creation, the payer's choice, capture, cancelling, refunds, expiry.
Every change that the merchant should hear of writes down a notice. HTTP lives in api.py, page.py and control.py."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import uuid4

from . import checks, faults, notices
from .checks import ApiError, Json, money
from .store import Store, stamp

UNCONFIRMED_LIVES = 3_600.0
HOLD_LIVES = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class Card:
    """A card of the payment page. `outcome`: pays, asks (for a code), waits (pays later), or the reason of a refusal."""

    number: str
    outcome: str
    party: str = "payment_network"


CARDS = {
    "success": Card("2202474301322987", "pays"),
    "secure": Card("2200000000003008", "asks"),
    "slow": Card("2200000000007009", "waits"),
    "insufficient_funds": Card("2200000000000053", "insufficient_funds"),
    "card_expired": Card("2200000000000038", "card_expired"),
    "issuer_unavailable": Card("5555555555554501", "issuer_unavailable"),
}


def create(store: Store, body: Json, address: str) -> Json:
    """Make a payment; `address` is where the payer's browser finds this sandbox."""
    total = checks.creation(body)
    now = store.now()
    token = secrets.token_urlsafe(18)
    method = _known_method(store, body)
    payment: Json = {
        "id": str(uuid4()),
        "status": "pending",
        "amount": money(total),
        "description": body.get("description", ""),
        "recipient": {"account_id": "sandbox", "gateway_id": "sandbox"},
        "created_at": stamp(now),
        "test": True,
        "paid": False,
        "refundable": False,
        "metadata": body.get("metadata", {}),
    }
    if "receipt" in body:
        payment["receipt_registration"] = "pending"
    record = {"id": payment["id"], "object": payment, "token": token, "capture": body.get("capture", False), "step": ""}
    record |= {"save": body.get("save_payment_method", False), "return_url": ""}
    if method:
        return _charge(store, record, method)
    payment["confirmation"] = _confirmation(body["confirmation"], f"{address}/checkout/{token}")
    record["return_url"] = body["confirmation"].get("return_url", "")
    store.put("payment", record, token)
    store.set_timer(now + UNCONFIRMED_LIVES, "expire_unconfirmed", payment["id"])
    return payment


def turn_method(store: Store, method_id: str, outcome: str) -> Json:
    """What a saved method does when it is charged from now on: "pays", or the reason of a refusal."""
    method = store.get("method", method_id)
    if method is None:
        raise ApiError(404, "not_found", "There is no such saved method", "payment_method_id")
    method["outcome"] = outcome
    store.put("method", method)
    return method


def pay(store: Store, payment_id: str, card_name: str) -> str:
    """The payer used a card. Returns what the page does next: "return" or "code". A settled payment stays as it is."""
    record = found(store, payment_id)
    card = CARDS[card_name]
    if record["object"]["status"] != "pending" or record["step"] == "waits":
        return "return"
    if card.outcome == "asks":
        _step(store, record, "code", card_name)
        return "code"
    if card.outcome == "waits":
        _step(store, record, "waits", card_name)
        store.set_timer(store.now() + faults.SLOW_SECONDS, "settle", payment_id)
    elif card.outcome == "pays":
        settle(store, payment_id, card_name)
    else:
        _cancel(store, record, card.party, card.outcome, card_name)
    return "return"


def answer_code(store: Store, payment_id: str, code: str) -> None:
    """The payer typed the code of the 3-D Secure step: 1234 is right, anything else fails the payment."""
    record = found(store, payment_id)
    if record["object"]["status"] != "pending" or record["step"] != "code":
        return
    if code.strip() == "1234":
        settle(store, payment_id, "secure")
    else:
        _cancel(store, record, "payment_network", "3d_secure_failed", "secure")


def settle(store: Store, payment_id: str, card_name: str = "") -> None:
    """The money is taken, or held when the merchant asked for two stages."""
    record = found(store, payment_id)
    payment = record["object"]
    if payment["status"] != "pending":
        return
    card_name = card_name or record.get("card", "success")
    payment.pop("confirmation", None)
    payment["payment_method"] = payment.get("payment_method") or _method(card_name)
    if record.get("save"):
        payment["payment_method"]["saved"] = True
        store.put("method", {"id": payment["payment_method"]["id"], "of": payment["payment_method"], "outcome": "pays"})
    payment["paid"] = True
    record["step"] = "done"
    if record["capture"]:
        _capture(store, record, checks.minor(payment["amount"]))
        return
    payment["status"] = "waiting_for_capture"
    expires = store.now() + HOLD_LIVES
    payment["expires_at"] = stamp(expires)
    store.set_timer(expires, "expire_hold", payment_id)
    _save(store, record, "payment.waiting_for_capture")


def capture(store: Store, payment_id: str, body: Json) -> Json:
    """The merchant takes held money, the whole or less."""
    record = found(store, payment_id)
    payment = record["object"]
    if payment["status"] != "waiting_for_capture":
        raise checks.invalid("Only a payment that waits for capture can be captured", "payment_id")
    held = checks.minor(payment["amount"])
    total = checks.minor(body["amount"]) if "amount" in body else held
    if total > held:
        raise checks.invalid("More than was held", "amount.value")
    payment["amount"] = money(total)
    _capture(store, record, total)
    payment_now: Json = record["object"]
    return payment_now


def cancel(store: Store, payment_id: str) -> Json:
    """The merchant releases held money."""
    record = found(store, payment_id)
    if record["object"]["status"] != "waiting_for_capture":
        raise checks.invalid("Only a payment that waits for capture can be cancelled", "payment_id")
    return _cancel(store, record, "merchant", "canceled_by_merchant")


def expire(store: Store, payment_id: str, status: str, reason: str) -> None:
    """Time ran out for a payment that is still in `status`."""
    record = found(store, payment_id)
    if record["object"]["status"] == status:
        _cancel(store, record, "yoo_money", reason)


def refund(store: Store, body: Json, declined: bool) -> Json:
    """Give money back: part or whole, never more than was taken."""
    total = checks.refund(body)
    record = store.get("payment", body["payment_id"])
    if record is None or record["object"]["status"] != "succeeded":
        raise checks.invalid("There is no such succeeded payment", "payment_id")
    payment = record["object"]
    refunded = checks.minor(payment["refunded_amount"]) if "refunded_amount" in payment else 0
    left = checks.minor(payment["amount"]) - refunded - total
    if left < 0:
        raise checks.invalid("More than is left of the payment", "amount.value")
    given: Json = {
        "id": str(uuid4()),
        "payment_id": payment["id"],
        "status": "canceled" if declined else "succeeded",
        "created_at": stamp(store.now()),
        "amount": money(total),
        "description": body.get("description", ""),
    }
    if declined:
        given["cancellation_details"] = {"party": "yoo_money", "reason": "insufficient_funds"}
    store.put("refund", given)
    if not declined:
        payment["refunded_amount"] = money(refunded + total)
        payment["refundable"] = left > 0
        store.put("payment", record)
        notices.post(store, payment, "refund.succeeded", given)
    return given


def found(store: Store, payment_id: str) -> Json:
    """Return the record of a payment or refuse with 404."""
    record = store.get("payment", payment_id)
    if record is None:
        raise ApiError(404, "not_found", "There is no such payment", "payment_id")
    return record


def _known_method(store: Store, body: Json) -> Json | None:
    if "payment_method_id" not in body:
        return None
    known = store.get("method", body["payment_method_id"])
    if known is None:
        raise checks.invalid("There is no such saved method", "payment_method_id")
    return known


def _charge(store: Store, record: Json, method: Json) -> Json:
    """A saved method is charged without the payer: the answer is final at once."""
    payment: Json = record["object"]
    payment["payment_method"] = method["of"]
    store.put("payment", record, record["token"])
    if method["outcome"] == "pays":
        settle(store, payment["id"], "success")
    else:
        _cancel(store, record, "payment_network", method["outcome"])
    paid: Json = found(store, payment["id"])["object"]
    return paid


def _confirmation(wish: Json, page: str) -> Json:
    if wish["type"] == "qr":
        return {"type": "qr", "confirmation_data": page}
    return {"type": "redirect", "return_url": wish.get("return_url"), "confirmation_url": page}


def _capture(store: Store, record: Json, total: int) -> None:
    payment = record["object"]
    payment.pop("expires_at", None)
    fee = total * 28 // 1000
    payment |= {
        "status": "succeeded",
        "captured_at": stamp(store.now()),
        "refundable": True,
        "income_amount": money(total - fee),
        "authorization_details": {"rrn": "000000000000", "auth_code": "000000", "three_d_secure": {"applied": True}},
    }
    if "receipt_registration" in payment:
        payment["receipt_registration"] = "succeeded"
    _save(store, record, "payment.succeeded")


def _cancel(store: Store, record: Json, party: str, reason: str, card_name: str = "") -> Json:
    payment: Json = record["object"]
    payment.pop("confirmation", None)
    payment.pop("expires_at", None)
    payment |= {"status": "canceled", "paid": False, "cancellation_details": {"party": party, "reason": reason}}
    if card_name:
        payment["payment_method"] = _method(card_name)
    if "receipt_registration" in payment:
        payment["receipt_registration"] = "canceled"
    record["step"] = "done"
    _save(store, record, "payment.canceled")
    return payment


def _step(store: Store, record: Json, step: str, card_name: str) -> None:
    record |= {"step": step, "card": card_name}
    store.put("payment", record)


def _save(store: Store, record: Json, event: str) -> None:
    store.put("payment", record)
    notices.post(store, record["object"], event, record["object"])


def _method(card_name: str) -> Json:
    number = CARDS[card_name].number
    card = {"first6": number[:6], "last4": number[-4:], "expiry_year": "2035", "expiry_month": "12", "card_type": "Mir"}
    return {"type": "bank_card", "id": str(uuid4()), "saved": False, "title": f"Bank card *{number[-4:]}", "card": card}
