"""A cash register service that speaks the protocol of ATOL Online (v4 and v5) on a port of this machine, and its driver."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from uuid import uuid4

from pydantic import SecretStr

from lkportal.modules.payments.fiscal.settings import AtolSettings

LOGIN, SECRET, GROUP = "v5-test", "test-password", "group-1"
_OPERATIONS = ("sell", "sell_refund", "sell_correction", "buy", "buy_refund", "buy_correction")
_PATH = re.compile(rf"/possystem/v[45]/{GROUP}/({'|'.join(_OPERATIONS)}|report/([0-9a-f-]+))")
_VATS = frozenset(
    ["none", "vat0", "vat5", "vat7", "vat10", "vat20", "vat22", "vat105", "vat107", "vat110", "vat120", "vat122"]
)
Json = dict[str, Any]


@dataclass
class AtolDriver:
    """The register's side. `mishaps` meet the next calls in order: "lost" works and does not answer, "down" answers 503, "token"
    forgets the token, "fail" registers nothing and says so. `by_id` are the receipts by their external id."""

    address: str = ""
    mishaps: list[str] = field(default_factory=list)
    by_id: dict[str, Json] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def settings(self, version: int = 5, **changes: Any) -> AtolSettings:
        """Return settings that lead to this register."""
        known: dict[str, Any] = {
            "login": LOGIN,
            "password": SecretStr(SECRET),
            "group": GROUP,
            "base_url": f"{self.address}/possystem/v{version}",
            "inn": "2900000007",
            "email": "kassa@example.org",
            "address": "https://lk.example.org",
            "vat": "22",
        }
        return AtolSettings(**known | changes)

    def registered(self) -> list[Json]:
        """Return what was registered, in order: operation and body of each receipt that did not fail."""
        return [each for each in self.by_id.values() if not each["fails"]]

    def answer(self, method: str, path: str, token: str, body: Json) -> tuple[int, Json] | None:
        """Return status and answer of a call; None is an answer that never comes."""
        if path.endswith("/getToken"):
            return self._token(body)
        mishap = self.mishaps.pop(0) if self.mishaps else ""
        if mishap == "down":
            return 503, {"error": None}
        if mishap == "token":
            self.tokens.clear()
        found = _PATH.fullmatch(path)
        if token not in self.tokens:
            return 401, _error(11, "ExpiredToken")
        if found is None:
            return 404, _error(21, "WrongGroupCode")
        self.calls.append(f"{method} {found[1].partition('/')[0]}")
        if method == "GET":
            return 200, self._report(found[2] or "")
        answer = self._take(found[1], body, fails=mishap == "fail")
        return None if mishap == "lost" else answer

    def _token(self, body: Json) -> tuple[int, Json]:
        if (body.get("login"), body.get("pass")) != (LOGIN, SECRET):
            return 401, _error(12, "WrongUserOrPassword")
        self.tokens.add(token := uuid4().hex)
        return 200, {"error": None, "token": token, "timestamp": "22.11.2026 12:00:00"}

    def _take(self, operation: str, body: Json, *, fails: bool) -> tuple[int, Json]:
        external = str(body.get("external_id", ""))
        if external in self.by_id:
            known = _error(33, "ExternalIdAlreadyExists")
            return 400, {**known, "uuid": self.by_id[external]["uuid"]}
        wrong = misfit(body)
        if wrong:
            return 400, _error(32, wrong)
        uuid = str(uuid4())
        self.by_id[external] = {"uuid": uuid, "operation": operation, "body": body, "fails": fails, "asked": 0}
        return 200, {"uuid": uuid, "status": "wait", "error": None, "timestamp": "22.11.2026 12:00:00"}

    def _report(self, uuid: str) -> Json:
        """A receipt takes a while: the first question meets "wait"."""
        number, kept = next(
            ((n, each) for n, each in enumerate(self.by_id.values(), 1) if each["uuid"] == uuid), (0, None)
        )
        if kept is None:
            return {**_error(1, "NotFound"), "status": "fail"}
        kept["asked"] += 1
        if kept["asked"] == 1:
            return {**_error(34, "NotReady"), "status": "wait"}
        if kept["fails"]:
            return {**_error(3804, "Shift exceeded 24 hours"), "status": "fail", "uuid": uuid}
        payload = {
            "total": kept["body"]["receipt"]["total"],
            "fn_number": "9999078900001234",
            "shift_number": 23,
            "fiscal_receipt_number": number,
            "fiscal_document_number": 130 + number,
            "fiscal_document_attribute": 3449555941,
            "ecr_registration_number": "0000111118041361",
            "receipt_datetime": "22.11.2026 12:01:00",
            "fns_site": "www.nalog.gov.ru",
            "ofd_receipt_url": f"https://ofd.example/{number}",
        }
        return {"uuid": uuid, "status": "done", "error": None, "payload": payload}


def misfit(body: Json) -> str:
    """Return what of a receipt does not keep to the protocol; "" when all does."""
    receipt = body.get("receipt") or body.get("correction") or {}
    items, payments = receipt.get("items") or [], receipt.get("payments") or []
    client = receipt.get("client") or {}
    if not (client.get("email") or client.get("phone")):
        return "client.email or client.phone is needed"
    if not 1 <= len(items) <= 100 or not 1 <= len(payments) <= 10:
        return "1 to 100 items and 1 to 10 payments"
    sums = [round(item["sum"] * 100) for item in items]
    if any(round(item["price"] * item["quantity"] * 100) != each for item, each in zip(items, sums, strict=True)):
        return "sum is not price by quantity"
    if not sum(sums) == round(receipt["total"] * 100) == sum(round(each["sum"] * 100) for each in payments):
        return "total, items and payments differ"
    if any(item["vat"]["type"] not in _VATS or len(item["name"]) > 128 for item in items):
        return "vat.type or name"
    return "" if re.fullmatch(r"\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}:\d{2}", str(body.get("timestamp"))) else "timestamp"


@contextmanager
def fake_atol() -> Iterator[AtolDriver]:
    """Run the register on a free port until the block ends."""
    driver = AtolDriver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            self._say(driver, json.loads(self.rfile.read(length) or b"{}"))

        def do_GET(self) -> None:
            self._say(driver, {})

        def log_message(self, *_args: Any) -> None:
            """Keep quiet."""

        def _say(self, side: AtolDriver, body: Json) -> None:
            with side.lock:
                answer = side.answer(self.command, self.path, self.headers.get("Token", ""), body)
            if answer is None:
                self.close_connection = True
                return
            content = json.dumps(answer[1]).encode()
            self.send_response(answer[0])
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    driver.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield driver
    finally:
        server.shutdown()
        server.server_close()


def _error(code: int, text: str) -> Json:
    return {"error": {"error_id": str(uuid4()), "code": code, "text": text, "type": "system"}, "status": "fail"}
