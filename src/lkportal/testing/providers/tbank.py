"""A fake of T-Bank's acquiring (API v2) in memory: Init, GetState, CheckOrder, Confirm, Cancel, signed notifications."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
from pydantic import SecretStr

from lkportal.modules.payments.gateways.settings import TBankSettings
from lkportal.modules.payments.gateways.tbank_http import token
from lkportal.testing.providers.driver import Callback
from lkportal.testing.providers.fake import FakeApi

TERMINAL, PASSWORD = "1700000000001DEMO", "tbank-password-41"
PAGE = "https://pay.tbank.ru"
UNKNOWN_ORDER, UNKNOWN_PAYMENT, WRONG_TOKEN, WRONG_STATE = "335", "255", "204", "8"
Json = dict[str, Any]
_OPERATIONS = {"Init": "create", "GetState": "fetch", "Confirm": "capture"}


class FakeTBank(FakeApi):
    """One terminal, and the driver of the conformance suite."""

    secrets = (PASSWORD,)

    def __init__(self, page: str = PAGE) -> None:
        super().__init__()
        self.page = page
        self.payments: dict[str, Json] = {}
        self.notices: list[Json] = []

    def settings(self, **changes: Any) -> TBankSettings:
        """Return settings of this terminal, with `changes`."""
        known: Json = {
            "terminal_key": TERMINAL,
            "password": SecretStr(PASSWORD),
            "payment_page_origins": (self.page,),
        }
        return TBankSettings(**known | changes)

    def operation(self, request: httpx2.Request) -> str:
        """Return the operation a call belongs to: one method releases what is held and gives back what was taken."""
        method, body = request.url.path.rsplit("/", 1)[-1], _json(request.content)
        if method == "Cancel":
            state = self.payments.get(str(body.get("PaymentId")), {}).get("Status")
            return "refund" if state == "CONFIRMED" else "cancel"
        return _OPERATIONS.get(method, "")

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Do a call whose token is right."""
        body = _json(request.content)
        if body.get("TerminalKey") != TERMINAL or body.get("Token") != token(body, PASSWORD):
            return _refusal(WRONG_TOKEN, "Неверный токен")
        methods: dict[str, Callable[[Json], Json | str]] = {
            "Init": self._init,
            "GetState": self._state,
            "CheckOrder": self._order,
            "Confirm": self._confirm,
            "Cancel": self._cancel,
        }
        method = methods.get(request.url.path.rsplit("/", 1)[-1])
        if method is None:
            return httpx2.Response(404)
        said = method(body)
        return _refusal(said, "") if isinstance(said, str) else httpx2.Response(200, json={**_GOOD, **said})

    def pay(self, provider_id: str) -> None:
        """The payer pays on the page."""
        with self.lock:
            payment = self.payments[provider_id]
            self._turn(payment, "AUTHORIZED")
            if payment["PayType"] == "O":
                self._turn(payment, "CONFIRMED")

    def decline(self, provider_id: str) -> str:
        """The bank refuses the card."""
        with self.lock:
            self._turn(self.payments[provider_id], "REJECTED")
        return "rejected"

    def count(self, public_id: str) -> int:
        """Count what was or can be paid: nobody has the address of a cancelled page."""
        return sum(each["Of"] == public_id and each["Status"] != "CANCELED" for each in self.payments.values())

    def given_back(self, public_id: str) -> int:
        """Sum what was given back."""
        ours = [each for each in self.payments.values() if each["Of"] == public_id]
        return sum(each["Amount"] for each in ours if each["Status"] == "REFUNDED")

    def retell(self, provider_id: str, *, amount: int = 0, currency: str = "", state: str = "") -> bool:
        """Tell of a payment otherwise. There is no word for a currency here."""
        payment = self.payments[provider_id]
        payment.update(Amount=amount or payment["Amount"], Status=state or payment["Status"])
        return not currency

    def callbacks(self, provider_id: str) -> list[Callback]:
        """Return the signed notifications about a payment."""
        return [_signed(each) for each in self.notices if each["PaymentId"] == provider_id]

    def forgeries(self, callback: Callback) -> list[Callback]:
        """Another amount, another's password, another terminal, no token, broken ones."""
        notice: Json = json.loads(callback.body)
        foreign = {**notice, "TerminalKey": "another"}
        return [
            replace(callback, body=json.dumps({**notice, "Amount": 1}).encode()),
            _signed(notice, "another-password"),
            _signed(foreign),
            replace(callback, body=json.dumps({**notice, "Token": ""}).encode()),
            _signed({**notice, "PaymentId": "../1"}),
            *(replace(callback, body=body) for body in (b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100_000)),
        ]

    def _init(self, body: Json) -> Json | str:
        if not isinstance(body.get("Amount"), int) or body["Amount"] <= 0:
            return "309"
        name = str(3_000_000_000 + len(self.payments))
        payment = {
            "PaymentId": name,
            "OrderId": body["OrderId"],
            "Amount": body["Amount"],
            "Status": "NEW",
            "PayType": body.get("PayType", "O"),
            "Of": body.get("DATA", {}).get("payment_id", ""),
        }
        self.payments[name] = payment
        return {**_told(payment), "PaymentURL": f"{self.page}/{name}"}

    def _state(self, body: Json) -> Json | str:
        payment = self.payments.get(body["PaymentId"])
        return _told(payment) if payment else UNKNOWN_PAYMENT

    def _order(self, body: Json) -> Json | str:
        made = [each for each in self.payments.values() if each["OrderId"] == body["OrderId"]]
        fields = ("PaymentId", "Amount", "Status")
        told = [{"Success": True, "ErrorCode": "0", **{name: each[name] for name in fields}} for each in made]
        return {"OrderId": body["OrderId"], "Payments": told} if made else UNKNOWN_ORDER

    def _confirm(self, body: Json) -> Json | str:
        payment = self.payments.get(body["PaymentId"])
        amount = body.get("Amount")
        if payment is None or payment["Status"] != "AUTHORIZED" or amount > payment["Amount"]:
            return WRONG_STATE
        payment["Amount"] = amount
        self._turn(payment, "CONFIRMED")
        return _told(payment)

    def _cancel(self, body: Json) -> Json | str:
        payment = self.payments.get(body["PaymentId"])
        ends = {"NEW": "CANCELED", "AUTHORIZED": "REVERSED", "CONFIRMED": "REFUNDED"}
        if payment is None or payment["Status"] not in ends:
            return WRONG_STATE
        before = payment["Amount"]
        self._turn(payment, ends[payment["Status"]])
        return {**_told(payment), "OriginalAmount": before, "NewAmount": 0}

    def _turn(self, payment: Json, status: str) -> None:
        payment["Status"] = status
        self.notices.append({**_told(payment), **_GOOD, "Pan": "220138******0047", "ExpDate": "0831"})


_GOOD: Json = {"Success": True, "ErrorCode": "0", "TerminalKey": TERMINAL}


def _told(payment: Json) -> Json:
    return {name: payment[name] for name in ("PaymentId", "OrderId", "Amount", "Status")}


def _signed(notice: Json, password: str = PASSWORD) -> Callback:
    body = {name: value for name, value in notice.items() if name != "Token"}
    return Callback(json.dumps({**body, "Token": token(body, password)}).encode(), "203.0.113.9")


def _refusal(code: str, message: str) -> httpx2.Response:
    return httpx2.Response(200, json={"Success": False, "ErrorCode": code, "Message": message, "TerminalKey": TERMINAL})


def _json(content: bytes) -> Json:
    found = json.loads(content)
    return found if isinstance(found, dict) else {}
