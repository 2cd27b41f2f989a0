"""What Stripe's objects say, in the contract's words: sessions of its page, payment intents, refunds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from lkportal.modules.payments.contract import (
    GatewayPayment,
    GatewayRefund,
    GatewayUnavailable,
    PaymentStatus,
    RefundStatus,
    SavedMethod,
    Way,
)
from lkportal.modules.payments.gateways.calls import Json, word

MADE_BY, A_PAGE = "made_by", "page"
"""The entry of an intent's metadata that says it belongs to a session of the page."""

_SESSIONS: Mapping[str, PaymentStatus] = {"open": "pending", "complete": "pending", "expired": "canceled"}
_INTENTS: Mapping[str, PaymentStatus] = {
    "requires_payment_method": "pending",
    "requires_confirmation": "pending",
    "requires_action": "pending",
    "processing": "pending",
    "requires_capture": "authorized",
    "succeeded": "succeeded",
    "canceled": "canceled",
}
_REFUNDS: Mapping[str, RefundStatus] = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "canceled",
    "canceled": "canceled",
}
_REVOKED = frozenset(
    {
        "expired_card",
        "lost_card",
        "stolen_card",
        "pickup_card",
        "revocation_of_authorization",
        "revocation_of_all_authorizations",
    }
)
_HOLD_LIVES = timedelta(days=7)


def of_session(session: Json) -> GatewayPayment:
    """Return the payment of a session. Raises GatewayUnavailable when fields are missing."""
    intent, state = session.get("payment_intent"), word(session, "status")
    own = {
        "provider_id": word(session, "id"),
        "metadata": _metadata(session),
        "created_at": _moment(session.get("created")),
        "test": session.get("livemode") is not True,
    }
    if isinstance(intent, dict) and state in ("open", "complete"):
        return replace(of_intent(intent), **own)  # type: ignore[arg-type]
    return GatewayPayment(
        status=_SESSIONS.get(state, "unknown"),
        amount=_whole(session, "amount_total"),
        currency=word(session, "currency").upper(),
        reason="expired" if state == "expired" else "",
        expires_at=_moment(session.get("expires_at")),
        **own,  # type: ignore[arg-type]
    )


def of_intent(intent: Json, reason: str = "") -> GatewayPayment:
    """Return the payment of an intent; with `reason` it is one the bank has just refused."""
    charge = _part(intent, "latest_charge")
    details = _part(charge, "payment_method_details")
    card = _part(details, "card")
    status = _INTENTS.get(word(intent, "status"), "unknown")
    amount, refunded = _whole(intent, "amount"), int(charge.get("amount_refunded") or 0)
    if status == "succeeded":
        amount = _whole(intent, "amount_received") if "amount_received" in intent else amount
        status = status if not refunded else "refunded" if refunded >= amount else "refunded_part"
    failure = _part(intent, "last_payment_error")
    if not is_of_page(intent) and intent.get("status") == "requires_payment_method" and failure:
        reason = reason or refusal(failure)
    return GatewayPayment(
        provider_id=word(intent, "id"),
        status="canceled" if reason and status == "pending" else status,
        amount=amount,
        currency=word(intent, "currency").upper(),
        refunded=refunded,
        paid=status in ("authorized", "succeeded", "refunded", "refunded_part"),
        method=str(details.get("type") or ""),
        method_title=_title(card) if card else str(details.get("type") or ""),
        last4=str(card.get("last4") or ""),
        reason=reason or str(intent.get("cancellation_reason") or ""),
        saved=_saved(intent, card),
        metadata=_metadata(intent),
        created_at=_moment(intent.get("created")),
        expires_at=_hold_until(intent, card) if status == "authorized" else None,
        test=intent.get("livemode") is not True,
    )


def refund(answer: Json) -> GatewayRefund:
    """Return a refund; whose it is stands in its metadata, where the gateway wrote it."""
    named = _metadata(answer).get("payment") or word(answer, "payment_intent")
    return GatewayRefund(
        provider_id=word(answer, "id"),
        provider_payment_id=named,
        status=_REFUNDS.get(word(answer, "status"), "unknown"),
        amount=_whole(answer, "amount"),
        currency=word(answer, "currency").upper(),
        reason=str(answer.get("failure_reason") or ""),
    )


def refusal(error: Json) -> str:
    """Return why a card was refused: the bank's code before Stripe's."""
    code = str(error.get("decline_code") or error.get("code") or "card_declined")
    return "method_revoked" if code in _REVOKED or error.get("code") in _REVOKED else code


def is_of_page(intent: Json) -> bool:
    """Whether an intent belongs to a session of the page."""
    return _metadata(intent).get(MADE_BY) == A_PAGE


def _saved(intent: Json, card: Json) -> SavedMethod | None:
    customer, method = _id(intent.get("customer")), _id(intent.get("payment_method"))
    if intent.get("setup_future_usage") != "off_session" or intent.get("status") != "succeeded":
        return None
    if not customer or not method:
        return None
    kind: Way = "card" if card else "wallet"
    year, month = card.get("exp_year"), card.get("exp_month")
    until = f"{year}-{month:02}" if isinstance(year, int) and isinstance(month, int) else ""
    return SavedMethod(f"{customer}/{method}", _title(card) or "Stripe", kind, str(card.get("last4") or ""), until)


def _title(card: Json) -> str:
    brand = str(card.get("brand") or "card").replace("_", " ").title()
    return f"{brand} *{card['last4']}" if card.get("last4") else ""


def _hold_until(intent: Json, card: Json) -> datetime | None:
    made = _moment(intent.get("created"))
    return _moment(card.get("capture_before")) or (made + _HOLD_LIVES if made else None)


def _id(value: object) -> str:
    """A reference is an id, or the object itself when it was expanded."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def _metadata(whole: Json) -> Mapping[str, str]:
    return {str(name): str(value) for name, value in _part(whole, "metadata").items()}


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and 0 < seconds < 10**11 else None


def _part(whole: Json, name: str) -> Json:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def _whole(whole: Json, name: str) -> int:
    value: Any = whole.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise GatewayUnavailable(f"an answer without {name}")
    return value
