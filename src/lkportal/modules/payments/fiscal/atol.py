"""ATOL Online, v4 (FFD 1.05) and v5 (FFD 1.2): a token for a day, a receipt by external id, a report by uuid."""

from __future__ import annotations

import json
from datetime import tzinfo
from threading import Lock
from typing import Any

import httpx2

from lkportal.modules.payments.contract import ReceiptLine
from lkportal.modules.payments.fiscal.registers import FiscalReceipt, RegisterRefused, RegisterUnavailable, Report
from lkportal.modules.payments.fiscal.settings import AtolSettings

Json = dict[str, Any]
_MAX_NAME, _MAX_ANSWER = 128, 1024 * 1024
_TOKEN_ERRORS = frozenset({10, 11})
_KNOWN_ALREADY = 33
_NOT_YET = 34
_FACTS = {
    "fn_number": "fn",
    "fiscal_document_number": "document",
    "fiscal_document_attribute": "sign",
    "shift_number": "shift",
    "fiscal_receipt_number": "number",
    "ecr_registration_number": "register",
    "receipt_datetime": "at",
    "fns_site": "site",
    "ofd_inn": "ofd",
    "ofd_receipt_url": "link",
}


class Atol:
    """One group of registers, over a client that refuses to work inside a unit. The token is kept until it is refused."""

    name = "atol"

    def __init__(self, settings: AtolSettings, client: httpx2.Client, zone: tzinfo, callback: str = "") -> None:
        self._settings, self._client, self._zone, self._callback = settings, client, zone, callback
        self._token, self._lock = "", Lock()

    def send(self, receipt: FiscalReceipt) -> str:
        """Hand a receipt over; one that the register knows already gives the same id."""
        answer = self._call("POST", f"/{self._settings.group}/{receipt.kind}", self._body(receipt))
        error = answer.get("error") or {}
        identifier = answer.get("uuid") or error.get("uuid")
        if identifier and (not error or error.get("code") == _KNOWN_ALREADY):
            return str(identifier)
        raise RegisterRefused(_words(error))

    def report(self, identifier: str) -> Report:
        """Tell how a receipt stands."""
        answer = self._call("GET", f"/{self._settings.group}/report/{identifier}")
        error = answer.get("error") or {}
        if answer.get("status") == "done":
            payload = answer.get("payload") or {}
            return Report("done", {ours: str(payload[name]) for name, ours in _FACTS.items() if payload.get(name)})
        if answer.get("status") == "fail" and error.get("code") != _NOT_YET:
            return Report("fail", error=_words(error))
        return Report("wait")

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Call with the token; one that ran out is renewed once."""
        for fresh in (False, True):
            answer = self._request(method, path, body, {"Token": self._fresh_token(renew=fresh)})
            if (answer.get("error") or {}).get("code") not in _TOKEN_ERRORS:
                return answer
        raise RegisterUnavailable("the token is refused")

    def _fresh_token(self, *, renew: bool) -> str:
        with self._lock:
            if renew or not self._token:
                secret = self._settings.password.get_secret_value()
                answer = self._request("POST", "/getToken", {"login": self._settings.login, "pass": secret}, {})
                if not answer.get("token"):
                    raise RegisterUnavailable(f"no token: {_words(answer.get('error') or {})}")
                self._token = str(answer["token"])
            return self._token

    def _request(self, method: str, path: str, body: Json | None, headers: dict[str, str]) -> Json:
        """Return the answer. 4xx with words of its own is one too; all else leaves it unknown what has happened."""
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            answer = self._client.request(
                method,
                self._settings.base_url + path,
                content=content,
                headers={**headers, "Content-Type": "application/json; charset=utf-8"},
            )
            found = json.loads(answer.content[:_MAX_ANSWER])
        except (httpx2.RequestError, ValueError, RecursionError) as error:
            raise RegisterUnavailable(f"{method} {path.rpartition('/')[0]}: {type(error).__name__}") from error
        if not isinstance(found, dict) or answer.status_code >= 500 or answer.status_code in (408, 429):
            raise RegisterUnavailable(f"HTTP {answer.status_code}")
        return found

    def _body(self, receipt: FiscalReceipt) -> Json:
        total, rules = _number(receipt.total), self._settings
        contact = {"email": receipt.contact.email or rules.email}
        if receipt.contact.phone and not receipt.contact.email:
            contact = {"phone": receipt.contact.phone}
        company = {
            "email": rules.email, "sno": rules.tax_system, "inn": rules.inn, "payment_address": rules.address,
        }  # fmt: skip
        document: Json = {
            "client": contact,
            "company": company,
            "items": [self._item(line, receipt) for line in receipt.lines],
            "payments": [{"type": 0 if receipt.paid_by == "cash" else 1, "sum": total}],
            "total": total,
        }
        if rules.version == 5:
            document["internet"] = receipt.paid_by == "card"
        name = "receipt"
        if receipt.correction is not None:
            name = "correction"
            base = {"base_date": receipt.correction.day, "base_number": receipt.correction.number}
            document["correction_info"] = {"type": receipt.correction.by, **base}
        made = receipt.made_at.astimezone(self._zone).strftime("%d.%m.%Y %H:%M:%S")
        body: Json = {"timestamp": made, "external_id": receipt.external_id, name: document}
        if self._callback:
            body["service"] = {"callback_url": self._callback}
        return body

    def _item(self, line: ReceiptLine, receipt: FiscalReceipt) -> Json:
        """Quantity is one and the price is the line: no rounding can creep in."""
        amount, rules = _number(line.amount), self._settings
        item: Json = {
            "name": line.description[:_MAX_NAME],
            "price": amount,
            "quantity": 1,
            "sum": amount,
            "payment_method": line.mode or rules.mode,
            "vat": {"type": vat_word(line.vat or rules.vat)},
        }
        if rules.version == 5:
            item |= {"measure": 0, "payment_object": rules.subject}
        else:
            item |= {"measurement_unit": "шт", "payment_object": line.subject or "service"}
        if receipt.agent is not None:
            item["agent_info"] = {"type": receipt.agent.role}
            supplier = {"name": receipt.agent.supplier, "inn": receipt.agent.inn}
            item["supplier_info"] = {word: value for word, value in supplier.items() if value}
            if receipt.agent.phone:
                item["supplier_info"]["phones"] = [receipt.agent.phone]
        return item


def vat_word(vat: str) -> str:
    """Return the register's word of a rate: "none", "vat22", "vat122" for the share 22/122."""
    if vat in ("", "none"):
        return "none"
    return f"vat{vat.partition('/')[2] or vat}"


def _number(minor: int) -> float:
    """The protocol wants a number with two decimals; a double holds every amount a receipt may have exactly as it is written."""
    return minor / 100


def _words(error: Json) -> str:
    return f"{error.get('code', '')} {error.get('text', '')}".strip()[:200] or "no reason given"
