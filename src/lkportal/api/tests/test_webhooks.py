"""A system is told of what happened: signed, again until it answers, and never at an address inside."""

from __future__ import annotations

import base64
import json
import re
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest
import standardwebhooks

from lkportal.api.tests.conftest import furnish
from lkportal.api.webhooks import keeping, outward
from lkportal.api.webhooks.sending import PAUSES, signed
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef
from lkportal.testing import Program, Visitor, World
from lkportal.testing.world import rows
from tests.packages import ROOT, npm_package

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
WorkOff = Callable[[], int]


@dataclass
class Receiver:
    """A system that listens: what came to it, and what it answers next (200 when nothing is said)."""

    url: str = ""
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def portal_overrides() -> dict[str, Any]:
    return {"api": {"inside_hosts": ["127.0.0.1"]}}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on this machine."""
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = told.answers.pop(0) if told.answers else (200, {})
            self.send_response(status)
            for name, value in {"content-length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def happen(program: Callable[..., Program], world: World, account: AccountRef) -> Callable[[], None]:
    """Let something happen: readings are sent."""
    ids, home = furnish(world, account), program(world.customer("anna@example.org", account))
    values = iter(range(413, 500))

    def act() -> None:
        data = {"readings": [{"register_id": ids["register"], "value": str(next(values)), "confirmed": True}]}
        assert home.post(f"/accounts/{ids['account']}/readings", data).status_code == 201

    return act


def listen(world: World, receiver: Receiver, *events: str) -> tuple[str, str]:
    with world.unit() as db:
        return keeping.add(db, receiver.url, events)


def test_a_system_is_told_of_what_happened(
    world: World, receiver: Receiver, happen: Callable[[], None], work_off: WorkOff, program: Callable[..., Program]
) -> None:
    secret, _ = listen(world, receiver, "readings.submitted")
    happen()
    work_off()

    (path, headers, body), told = receiver.got[0], json.loads(receiver.got[0][2])
    assert (path, len(receiver.got), told["type"]) == ("/hooks", 1, "readings.submitted")
    moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert headers["webhook-signature"] == signed(secret, headers["webhook-id"], moment, body)["webhook-signature"]
    assert headers["webhook-id"] == told["data"]["id"]
    feed = program().get("/events", limit=200).json()
    assert told["data"] in feed["items"]
    assert [each["number"] for each in feed["items"]] == list(range(1, feed["next"] + 1))
    assert program().get("/events", after=feed["next"]).json() == {"items": [], "next": feed["next"]}


@ON_SQLITE
def test_the_reference_libraries_take_what_we_send_and_nothing_else(
    world: World, receiver: Receiver, happen: Callable[[], None], work_off: WorkOff, clock: MovableClock
) -> None:
    """Those of Python and JavaScript, as receivers use them: they know the hour, so the portal's clock is set to it."""
    clock.advance(datetime.now(UTC) - clock.now())
    secret, _ = listen(world, receiver, "readings.submitted")
    happen()
    work_off()
    _, headers, body = receiver.got[0]
    late = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}
    other = "whsec_" + base64.b64encode(bytes(32)).decode()
    tries = [(secret, headers, body), (secret, headers, body + b" "), (other, headers, body), (secret, late, body)]

    assert [in_python(*each) for each in tries] == [json.loads(body), None, None, None]
    assert in_javascript(tries) == [json.loads(body), None, None, None]


def in_python(secret: str, headers: dict[str, str], body: bytes) -> Any:
    try:
        return standardwebhooks.Webhook(secret).verify(body, headers)
    except standardwebhooks.WebhookVerificationError:
        return None


def in_javascript(tries: list[tuple[str, dict[str, str], bytes]]) -> Any:
    npm_package("programs", "standardwebhooks")
    ran = subprocess.run(
        ["node", "-e", _JAVASCRIPT], cwd=ROOT / "build/npm/programs", capture_output=True, text=True, timeout=60,
        check=False, input=json.dumps([(secret, headers, body.decode()) for secret, headers, body in tries]),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


_JAVASCRIPT = """
const { Webhook, WebhookVerificationError } = require("standardwebhooks");
const told = JSON.parse(require("fs").readFileSync(0, "utf8")).map(([secret, headers, body]) => {
  try { return new Webhook(secret).verify(body, headers); }
  catch (error) { if (error instanceof WebhookVerificationError) return null; throw error; }
});
console.log(JSON.stringify(told));
"""


def test_a_signature_is_that_of_the_reference_library() -> None:
    secret = "whsec_" + base64.b64encode(bytes(range(32))).decode()
    body = '{"type":"api.webhook_tested","data":"счёт"}'.encode()

    headers = signed(secret, "019aac1e-6f00-7c3a-9d1e-4b5a6c7d8e9f", datetime(2026, 11, 22, 9, tzinfo=UTC), body)

    assert headers["webhook-signature"] == "v1,ulyO+8Io6J39iHse/wA9bks8EXZ1ZkkuJAYMYn8vC2E="


@ON_SQLITE
def test_what_is_not_taken_comes_again_under_its_id_until_it_is(
    portal: Portal, world: World, receiver: Receiver, happen: Callable[[], None], work_off: WorkOff, clock: MovableClock
) -> None:
    listen(world, receiver, "readings.submitted")
    receiver.answers = [
        (500, {}),
        (302, {"location": "http://127.0.0.1:1/"}),
        (503, {"retry-after": "7200"}),
        (204, {}),
    ]
    happen()
    work_off()
    for pause in (PAUSES[0], PAUSES[1], timedelta(hours=2)):
        clock.advance(pause - timedelta(seconds=2))
        work_off()
        before = len(receiver.got)
        clock.advance(timedelta(seconds=62))
        work_off()
        assert len(receiver.got) == before + 1, pause

    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1
    assert rows(portal.database, "SELECT state, attempts, said FROM api_deliveries") == [("done", 4, "204")]


@ON_SQLITE
def test_a_receiver_that_never_answers_is_given_up_and_can_be_told_again(
    portal: Portal, world: World, receiver: Receiver, happen: Callable[[], None], work_off: WorkOff, clock: MovableClock
) -> None:
    _, name = listen(world, receiver, "readings.submitted")
    receiver.answers = [(500, {})] * (len(PAUSES) + 1)
    happen()
    work_off()
    for pause in PAUSES:
        clock.advance(pause + timedelta(minutes=1))
        work_off()
    assert rows(portal.database, "SELECT state, attempts FROM api_deliveries") == [("dead", len(PAUSES) + 1)]

    with world.unit() as db:
        assert keeping.again_since(db, name, clock.now() - timedelta(days=30)) == 1
    work_off()

    assert rows(portal.database, "SELECT state FROM api_deliveries") == [("done",)]


@ON_SQLITE
def test_a_receiver_that_is_gone_is_told_nothing_more(
    portal: Portal, world: World, receiver: Receiver, happen: Callable[[], None], work_off: WorkOff, clock: MovableClock
) -> None:
    listen(world, receiver, "readings.submitted")
    receiver.answers = [(410, {})]
    for _ in range(3):
        happen()
        work_off()
        clock.advance(timedelta(hours=1))

    assert len(receiver.got) == 1
    assert rows(portal.database, "SELECT state FROM api_webhooks") == [("gone",)]


@ON_SQLITE
def test_the_desk_adds_a_webhook_tries_it_and_sees_what_was_sent(
    portal: Portal, world: World, receiver: Receiver, visit: Callable[..., Visitor], work_off: WorkOff
) -> None:
    admin = visit(world.staff("admin@example.org", "administrator"))

    wrong = admin.post("/staff/api/webhooks/new", {"url": "https://user@erp.example.org/", "events": []})
    made = admin.post("/staff/api/webhooks/new", {"url": receiver.url, "events": ["readings.submitted"]})
    assert (wrong.status_code, made.status_code) == (422, 200)
    secret = re.findall(r"whsec_[A-Za-z0-9+/=]{44}", made.text.replace("&#43;", "+").replace("&#x2F;", "/"))[0]
    place = re.findall(r'href="(/staff/api/webhooks/[A-Za-z0-9]{16})"', made.text)[0]
    assert secret not in admin.get(place).text
    assert secret not in str(rows(portal.database, "SELECT * FROM api_webhooks"))
    admin.post(f"{place}/test", {}, page=place)
    work_off()
    shown = admin.get(place).text
    again = re.findall(rf'action="({place}/[A-Za-z0-9]{{16}}/again)"', shown)[0]
    admin.post(again, {}, page=place)
    work_off()

    assert [json.loads(body)["type"] for _, _, body in receiver.got] == ["api.webhook_tested"] * 2
    assert receiver.got[0][1]["webhook-id"] == receiver.got[1][1]["webhook-id"]
    admin.post(f"{place}/switch", {"on": "0"}, page=place)
    assert rows(portal.database, "SELECT state FROM api_webhooks") == [("off",)]


INSIDE = [
    *(f"127.{n}.0.1" for n in range(8)),
    *(f"10.{n}.2.3" for n in range(0, 256, 32)),
    *(f"172.{n}.0.9" for n in range(16, 32)),
    *(f"192.168.{n}.1" for n in range(0, 256, 32)),
    *(f"100.{n}.100.200" for n in range(64, 128, 8)),
    *(f"169.254.{n}.254" for n in (0, 1, 169, 170)),
    *(f"{n}.1.1.1" for n in range(224, 256, 4)),
    *("0.0.0.0", "0.1.2.3", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.19.9.9", "198.51.100.7", "203.0.113.9"),
    *("168.63.129.16", "192.88.99.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8"),
    *("::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1"),
    *("2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2001:10::1", "2001:20::1"),
    *(
        "fc00::1",
        "fd00:ec2::254",
        "fdff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "3fff::1",
        "5f00::1",
    ),
    *("2620:4f:8000::1", "4000::1", "8000::1", "e000::1", "1::1", "0:0:0:0:0:0:a00:1"),
]
WRITTEN = [
    *(
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "https://",
        "//example.org",
    ),
    *(
        "https://user@example.org/",
        "https://user:word@example.org/",
        "https://example.org:0/",
        "https://example.org:x/",
    ),
    *("https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/"),
    *("https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://localhost/", "https://[fe80::1%25lo]/", "https://0/"),
    *("https://exa mple.org/", "https://example.org/\r\nhost: x", "https://пример.рф/", "https://example.org/#x", "x"),
]


def test_no_address_inside_is_ever_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that lead inside, alone or beside a public address, and addresses written in every way: nothing is connected to."""
    assert len(INSIDE) + len(WRITTEN) >= 120
    connected: list[object] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, where: connected.append(where))
    whole = socket.getaddrinfo
    for url in WRITTEN:
        with pytest.raises(outward.Closed):
            outward.post(url, b"{}", {})
    for address in INSIDE:
        for beside in ([], ["93.184.215.14"]):
            found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in (*beside, address)]
            monkeypatch.setattr(socket, "getaddrinfo", lambda *_, found=found, **__: found)
            with pytest.raises(outward.Closed):
                outward.post("https://erp.example.org/hooks", b"{}", {})
    monkeypatch.setattr(socket, "getaddrinfo", whole)
    assert connected == []


def test_the_address_that_was_judged_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is asked for once: what it leads to the second time does not matter."""
    asked, connected = [], []

    def lookup(host: str, *_: object, **__: object) -> list[Any]:
        if host != "erp.example.org":
            raise AssertionError(f"{host} is looked up")
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))]

    def connect(address: tuple[str, int], *_: object, **__: object) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", connect)

    with pytest.raises(httpx2.ConnectError):
        outward.post("https://erp.example.org/hooks", b"{}", {})

    assert asked == ["erp.example.org"]
    assert [address[0] for address in connected] == ["93.184.215.14"]
