"""What the API refuses, with its own words: the error format, amounts, limits, receipts. No state is touched here."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

Json = dict[str, Any]

MOST = 100_000_000_000
_VALUE = re.compile(r"(\d{1,13})(?:\.(\d{1,2}))?")


class ApiError(Exception):
    """An answer of the kind {"type": "error", ...}."""

    def __init__(self, status: int, code: str, description: str, parameter: str = "") -> None:
        super().__init__(description)
        self.status = status
        self.body: Json = {"type": "error", "id": str(uuid4()), "code": code, "description": description}
        if parameter:
            self.body["parameter"] = parameter


def invalid(description: str, parameter: str) -> ApiError:
    """Return a 400 that names the field at fault."""
    return ApiError(400, "invalid_request", description, parameter)


def minor(amount: object, parameter: str = "amount") -> int:
    """Return an amount in minor units. Refuses everything but {"value": "2450.50", "currency": "RUB"} above zero."""
    if not isinstance(amount, dict):
        raise invalid("The amount is missing", parameter)
    match = _VALUE.fullmatch(amount["value"]) if isinstance(amount.get("value"), str) else None
    if match is None:
        raise invalid("The value must be a string such as 2450.50", f"{parameter}.value")
    if amount.get("currency") != "RUB":
        raise invalid("The shop takes RUB only", f"{parameter}.currency")
    total = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
    if not 0 < total <= MOST:
        raise invalid("The value is out of range", f"{parameter}.value")
    return total


def money(total: int) -> Json:
    """Return minor units the way the API writes them."""
    return {"value": f"{total // 100}.{total % 100:02d}", "currency": "RUB"}


def creation(body: Json) -> int:
    """Check the body of a new payment and return its amount in minor units."""
    total = minor(body.get("amount"))
    _text(body, "description", 128)
    _metadata(body.get("metadata", {}))
    if not isinstance(body.get("capture", False), bool):
        raise invalid("capture is true or false", "capture")
    if "payment_token" in body:
        raise ApiError(403, "forbidden", "The sandbox does not know payment_token: pay on its page", "payment_token")
    if not isinstance(body.get("save_payment_method", False), bool):
        raise invalid("save_payment_method is true or false", "save_payment_method")
    _text(body, "merchant_customer_id", 200)
    _text(body, "payment_method_id", 64)
    if "payment_method_id" not in body:
        _confirmation(body.get("confirmation"))
    if "receipt" in body:
        _receipt(body["receipt"], total)
    return total


def refund(body: Json) -> int:
    """Check the body of a refund and return its amount in minor units."""
    if not isinstance(body.get("payment_id"), str):
        raise invalid("The payment to refund is missing", "payment_id")
    total = minor(body.get("amount"))
    _text(body, "description", 250)
    if "receipt" in body:
        _receipt(body["receipt"], total)
    return total


def _confirmation(confirmation: object) -> None:
    if not isinstance(confirmation, dict) or confirmation.get("type") not in {"redirect", "qr"}:
        raise invalid("The sandbox confirms by redirect or qr", "confirmation.type")
    if confirmation["type"] == "qr":
        return
    url = confirmation.get("return_url")
    parts = urlsplit(url) if isinstance(url, str) and len(url) <= 2048 else None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise invalid("return_url must be an http address", "confirmation.return_url")


def _metadata(metadata: object) -> None:
    if not isinstance(metadata, dict) or len(metadata) > 16:
        raise invalid("metadata is an object of at most 16 keys", "metadata")
    for name, value in metadata.items():
        if len(name) > 32 or not isinstance(value, str) or len(value) > 512:
            raise invalid("Keys to 32 characters, values are strings to 512", f"metadata.{name}")


def _receipt(receipt: object, total: int) -> None:
    customer = receipt.get("customer") if isinstance(receipt, dict) else None
    if (
        not isinstance(receipt, dict)
        or not isinstance(customer, dict)
        or not (customer.get("email") or customer.get("phone"))
    ):
        raise invalid("The receipt needs the customer's e-mail or phone", "receipt.customer")
    items = receipt.get("items")
    if not isinstance(items, list) or not 0 < len(items) <= 80:
        raise invalid("A receipt has 1 to 80 items", "receipt.items")
    summed = 0
    for place, item in enumerate(items):
        where = f"receipt.items[{place}]"
        if not isinstance(item, dict) or not item.get("description"):
            raise invalid("An item needs a description", f"{where}.description")
        _text(item, "description", 128, f"{where}.description")
        if not isinstance(item.get("vat_code"), int) or not 1 <= item["vat_code"] <= 12:
            raise invalid("vat_code is 1 to 12", f"{where}.vat_code")
        summed += minor(item.get("amount"), f"{where}.amount") * _thousandths(item.get("quantity"), where) // 1000
    if summed != total:
        raise invalid("The items do not sum to the amount", "receipt.items")


def _thousandths(quantity: object, where: str) -> int:
    match = re.fullmatch(r"(\d{1,5})(?:\.(\d{1,3}))?", str(quantity))
    if match is None:
        raise invalid("The quantity must be a number such as 1.000", f"{where}.quantity")
    return int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0"))


def _text(body: Json, name: str, most: int, parameter: str = "") -> None:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > most:
        raise invalid(f"At most {most} characters", parameter or name)
