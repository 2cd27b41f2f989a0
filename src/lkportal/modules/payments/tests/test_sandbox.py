"""The sandbox provider itself: what a merchant and a payer live through with it, its notices and misfortunes, its memory."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from lkportal.modules.payments import sandbox as sandbox_package
from lkportal.testing.sandbox import SECRET, SHOP, SandboxDriver, sandbox_process

RETURN = "http://127.0.0.1:9/pay/return?pid=181"


class Merchant:
    """A merchant's server that remembers each notice and answers with `status`."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.status = 200
        merchant = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                merchant.heard.append(json.loads(body))
                self.send_response(merchant.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/yookassa"

    def events(self, payment_id: str) -> list[str]:
        return [n["event"] for n in self.heard if payment_id in (n["object"]["id"], n["object"].get("payment_id"))]


@pytest.fixture(scope="module")
def merchant() -> Iterator[Merchant]:
    made = Merchant()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture(scope="module")
def sandbox(merchant: Merchant) -> Iterator[SandboxDriver]:
    with sandbox_process(notify=merchant.url) as driver:
        yield driver


@pytest.fixture
def payer(sandbox: SandboxDriver) -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False, headers={"Accept-Language": "ru"}) as browser:
        yield browser


def create(sandbox: SandboxDriver, key: str = "", **changes: Any) -> dict[str, Any]:
    body = {
        "amount": {"value": "2450.50", "currency": "RUB"},
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": RETURN},
        "description": "Вода <октябрь>",
    }
    headers = {"Idempotence-Key": key or str(uuid4())}
    answer = sandbox.client.post("/v3/payments", json=body | changes, headers=headers)
    content: dict[str, Any] = answer.json()
    return content


def refund(sandbox: SandboxDriver, payment_id: str, value: str) -> None:
    body = {"payment_id": payment_id, "amount": {"value": value, "currency": "RUB"}}
    answer = sandbox.client.post("/v3/refunds", json=body, headers={"Idempotence-Key": str(uuid4())})
    assert answer.status_code == 200


def status(sandbox: SandboxDriver, payment_id: str) -> str:
    return str(sandbox.client.get(f"/v3/payments/{payment_id}").json()["status"])


def page_of(payment: dict[str, Any]) -> str:
    return str(payment["confirmation"]["confirmation_url"])


# The payer's page


def test_the_payer_pays_on_the_page_and_comes_back(
    sandbox: SandboxDriver, payer: httpx2.Client, merchant: Merchant
) -> None:
    payment = create(sandbox)
    shown = payer.get(page_of(payment))
    assert "2\u00a0450<small>,50\u00a0₽" in shown.text
    assert "Вода &lt;октябрь&gt;" in shown.text
    sent = payer.post(page_of(payment), data={"act": "pay", "card": "success"})
    assert (sent.status_code, sent.headers["Location"]) == (303, RETURN)
    assert status(sandbox, payment["id"]) == "succeeded"
    assert sandbox.settled()
    assert merchant.events(payment["id"]) == ["payment.succeeded"]
    assert "Оплачено" in payer.get(page_of(payment)).text


def test_the_code_from_the_message_decides(sandbox: SandboxDriver, payer: httpx2.Client) -> None:
    for code, end in (("1234", "succeeded"), ("0000", "canceled")):
        payment = create(sandbox)
        asked = payer.post(page_of(payment), data={"act": "pay", "card": "secure"})
        assert asked.headers["Location"] == page_of(payment)
        assert 'autocomplete="one-time-code"' in payer.get(page_of(payment)).text
        assert payer.post(page_of(payment), data={"act": "code", "code": code}).headers["Location"] == RETURN
        assert status(sandbox, payment["id"]) == end


def test_leaving_keeps_the_payment_open(sandbox: SandboxDriver, payer: httpx2.Client) -> None:
    payment = create(sandbox)
    assert payer.post(page_of(payment), data={"act": "leave"}).headers["Location"] == RETURN
    assert status(sandbox, payment["id"]) == "pending"


def test_paying_twice_takes_the_money_once(sandbox: SandboxDriver, payer: httpx2.Client, merchant: Merchant) -> None:
    payment = create(sandbox, metadata={"story": "twice"})
    for card in ("success", "success", "insufficient_funds"):
        payer.post(page_of(payment), data={"act": "pay", "card": card})
    assert sandbox.settled()
    assert sandbox.summary(story="twice") == {"payments": {"succeeded": 1}, "taken": 245_050, "refunded": 0}
    assert merchant.events(payment["id"]) == ["payment.succeeded"]


def test_a_slow_bank_answers_later(sandbox: SandboxDriver, payer: httpx2.Client) -> None:
    payment = create(sandbox)
    payer.post(page_of(payment), data={"act": "pay", "card": "slow"})
    assert status(sandbox, payment["id"]) == "pending"
    assert "Второй раз платить не нужно" in payer.get(page_of(payment)).text
    sandbox.move_clock(5)
    assert sandbox.settled()
    assert status(sandbox, payment["id"]) == "succeeded"


def test_the_page_allows_itself_nothing_but_its_form(sandbox: SandboxDriver, payer: httpx2.Client) -> None:
    page = payer.get(page_of(create(sandbox)))
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:9;" in policy
    assert "<script" not in page.text
    assert " style=" not in page.text


def test_the_page_speaks_the_browsers_language_and_refuses_kindly(sandbox: SandboxDriver, payer: httpx2.Client) -> None:
    address = page_of(create(sandbox))
    english = payer.get(address, headers={"Accept-Language": "de, en;q=0.8, ru;q=0.2"}).text
    assert '<html lang="en">' in english
    assert "Sandbox: no money is taken" in english
    assert not re.search("[а-яё]", english.replace("Вода &lt;октябрь&gt;", ""))
    refused = payer.post(address, data={"act": "pay", "card": "gold"})
    assert refused.status_code == 422
    assert "Выберите карту" in refused.text
    assert payer.get(f"{sandbox.address}/checkout/nothing").status_code == 404


# The API


def test_one_key_is_one_payment_for_a_day(sandbox: SandboxDriver) -> None:
    key = str(uuid4())
    first = create(sandbox, key)
    assert create(sandbox, key) == first
    other = create(sandbox, key, amount={"value": "1.00", "currency": "RUB"})
    assert (other["type"], other["code"], other["parameter"]) == ("error", "invalid_request", "Idempotence-Key")
    sandbox.move_clock(86_401)
    assert create(sandbox, key)["id"] != first["id"]


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"amount": None}, "amount"),
        ({"amount": {"value": 2450.5, "currency": "RUB"}}, "amount.value"),
        ({"amount": {"value": "0.00", "currency": "RUB"}}, "amount.value"),
        ({"amount": {"value": "1.001", "currency": "RUB"}}, "amount.value"),
        ({"amount": {"value": "1.00", "currency": "USD"}}, "amount.currency"),
        ({"description": "x" * 129}, "description"),
        ({"metadata": {"k": 1}}, "metadata.k"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata"),
        ({"confirmation": {"type": "redirect"}}, "confirmation.return_url"),
        ({"confirmation": {"type": "redirect", "return_url": "javascript:alert(1)"}}, "confirmation.return_url"),
        ({"confirmation": {"type": "embedded"}}, "confirmation.type"),
        ({"receipt": {"items": []}}, "receipt.customer"),
        ({"receipt": {"customer": {"email": "a@example.org"}, "items": []}}, "receipt.items"),
    ],
)
def test_what_is_wrong_is_named(sandbox: SandboxDriver, changes: dict[str, Any], parameter: str) -> None:
    error = create(sandbox, **changes)
    assert (error["type"], error["code"], error["parameter"]) == ("error", "invalid_request", parameter)


def test_strangers_are_kept_out(sandbox: SandboxDriver) -> None:
    for path in ("/v3/me", "/v3/payments", "/_control/notices"):
        answer = httpx2.get(sandbox.address + path, auth=(SHOP, "wrong"), trust_env=False)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert sandbox.client.get("/v3/me").json()["account_id"] == SHOP


def test_what_nobody_confirms_or_captures_expires(sandbox: SandboxDriver, merchant: Merchant) -> None:
    forgotten, held = create(sandbox), create(sandbox, capture=False)
    sandbox.pay(held["id"])
    sandbox.move_clock(3_601)
    assert sandbox.settled()
    assert (status(sandbox, forgotten["id"]), status(sandbox, held["id"])) == ("canceled", "waiting_for_capture")
    sandbox.move_clock(7 * 86_400)
    assert sandbox.settled()
    reason = sandbox.client.get(f"/v3/payments/{held['id']}").json()["cancellation_details"]["reason"]
    assert reason == "expired_on_capture"
    assert sandbox.settled()
    assert merchant.events(held["id"]) == ["payment.waiting_for_capture", "payment.canceled"]


# Notices and their misfortunes


def test_doubled_lost_and_reordered_notices(sandbox: SandboxDriver, merchant: Merchant) -> None:
    doubled, lost, reordered = (create(sandbox)["id"] for _ in range(3))
    sandbox.plan("notify", "double", copies=3, match={"payment_id": doubled})
    sandbox.plan("notify", "lost", match={"payment_id": lost})
    sandbox.plan("notify", "hold", seconds=60, match={"payment_id": reordered}, event="payment.succeeded")
    for payment_id in (doubled, lost, reordered):
        sandbox.pay(payment_id)
    assert sandbox.settled()
    assert merchant.events(reordered) == []
    refund(sandbox, reordered, "1.00")
    _until(lambda: len(merchant.events(reordered)) == 2)
    assert merchant.events(doubled) == ["payment.succeeded"] * 3
    assert merchant.events(lost) == []
    assert merchant.events(reordered) == ["refund.succeeded", "payment.succeeded"]


def test_a_held_notice_waits_for_its_own_payment_not_for_another(sandbox: SandboxDriver, merchant: Merchant) -> None:
    held, other = (create(sandbox)["id"] for _ in range(2))
    sandbox.plan("notify", "hold", seconds=60, match={"payment_id": held}, event="payment.succeeded")
    for payment_id in (held, other):
        sandbox.pay(payment_id)
    assert sandbox.settled()
    assert merchant.events(other) == ["payment.succeeded"]
    assert merchant.events(held) == []


def test_a_delayed_notice_comes_when_the_clock_says(
    sandbox: SandboxDriver, payer: httpx2.Client, merchant: Merchant
) -> None:
    payment = create(sandbox)
    payer.post(page_of(payment), data={"act": "pay", "card": "success", "fault": "delay"})
    assert sandbox.settled()
    assert merchant.events(payment["id"]) == []
    sandbox.move_clock(10)
    assert sandbox.settled()
    assert merchant.events(payment["id"]) == ["payment.succeeded"]


def test_a_refused_notice_is_sent_again_until_it_is_heard(sandbox: SandboxDriver, merchant: Merchant) -> None:
    payment_id = create(sandbox)["id"]
    merchant.status = 500
    sandbox.pay(payment_id)
    assert sandbox.settled()
    merchant.status = 200
    sandbox.move_clock(2)
    assert sandbox.settled()
    (notice,) = sandbox.notices(payment_id)
    assert (notice["state"], notice["attempts"], notice["answer"]) == ("delivered", 2, 200)


def test_notices_can_be_sent_by_hand_in_any_order(sandbox: SandboxDriver, merchant: Merchant) -> None:
    payment_id = create(sandbox)["id"]
    sandbox.plan("notify", "lost", times=3, match={"payment_id": payment_id})
    sandbox.pay(payment_id)
    refund(sandbox, payment_id, "1.00")
    refund(sandbox, payment_id, "2.00")
    ids = [notice["id"] for notice in sandbox.notices(payment_id)]
    assert [sandbox.send(notice_id) for notice_id in reversed(ids)] == [200, 200, 200]
    assert merchant.events(payment_id) == ["refund.succeeded", "refund.succeeded", "payment.succeeded"]


def test_a_wrong_plan_is_refused(sandbox: SandboxDriver) -> None:
    for wish in (
        {"operation": "dance"},
        {"operation": "notify", "fault": "garbage"},
        {"operation": "create", "fault": "lost"},
    ):
        assert sandbox.client.post("/_control/plan", json=wish).status_code == 400


# Memory and independence


def test_a_state_file_survives_a_kill(tmp_path: Path, merchant: Merchant) -> None:
    state, key = str(tmp_path / "sandbox.db"), str(uuid4())
    with sandbox_process(state=state) as first:
        payment = create(first, key)
        first.pay(payment["id"])
        os.kill(first.pid, signal.SIGKILL)
    with sandbox_process(state=state, notify=merchant.url) as second:
        assert create(second, key)["id"] == payment["id"]
        assert status(second, payment["id"]) == "succeeded"
        second.move_clock(3_600)
        assert second.settled()
        assert merchant.events(payment["id"]) == ["payment.succeeded"]


def test_it_runs_without_the_portal(tmp_path: Path) -> None:
    shutil.copytree(Path(sandbox_package.__file__).parent, tmp_path / "bank")
    blocked = "import sys; sys.modules['lkportal'] = None; import runpy, sys; sys.argv = ['bank', '--help']; "
    blocked += "runpy.run_module('bank', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", blocked], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "--secret" in done.stdout
    assert SECRET not in done.stdout


def _until(holds: Any, seconds: float = 5) -> None:
    waited = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if holds():
            return
        waited.wait(0.05)
    raise AssertionError(f"did not come true in {seconds} s")


def test_the_sandbox_of_a_demo_ends_with_it_however_it_ended() -> None:
    command = [sys.executable, "-m", "lkportal.modules.payments.sandbox", "--shop", SHOP, "--secret", SECRET]
    with subprocess.Popen(
        [*command, "--with-parent"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert "listens on" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(15) == 0
