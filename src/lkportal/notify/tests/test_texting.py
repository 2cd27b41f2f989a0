"""Text messages: one call to the company's provider, judged by its answer; the demo's go to its mailbox; each message once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from lkportal.core.asked.letters import Letters, TextMessages
from lkportal.core.clock import SystemClock
from lkportal.core.errors import StartupError
from lkportal.core.foreign import ForeignCallInUnit
from lkportal.core.jobs import GiveUp
from lkportal.core.ports import port
from lkportal.notify.post.mailbox import Mailbox
from lkportal.notify.post.sms import ConsoleGateway, Gateway, HttpGateway, SmsGatewayAway, TextMessage
from lkportal.notify.settings import SmsTable
from lkportal.notify.tests.town import PostOffice, Town, town
from lkportal.testing.clients import PortalClient

MESSAGE = TextMessage("+79161234567", 'Код {key} "123-45-67"\nвторая строка', "m1@lk.example.org")
SLOW = 0.3


@dataclass
class Provider:
    """A provider of text messages that answers what it is told to, and what it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b'{"result": [{"status": "ok"}]}'
    pause: float = 0.0
    drips: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    answered: bool = False
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def gateway(self, **settings: Any) -> HttpGateway:
        return HttpGateway(SmsTable(gateway="http", url=self.url, **{"seconds": 5.0, **settings}))


@contextmanager
def provider() -> Iterator[Provider]:
    """Run a provider on a free port."""
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            told.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
            told.over.wait(told.pause)
            self.send_response(told.status)
            self.send_header("location", told.url + "/elsewhere")
            self.end_headers()
            for _ in range(told.drips):
                self.wfile.write(b" ")
                self.wfile.flush()
                told.over.wait(SLOW / 4)
            self.wfile.write(told.body)
            told.answered = True

        do_GET = do_POST  # noqa: N815 - the name http.server calls

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.over.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def told() -> Iterator[Provider]:
    with provider() as running:
        yield running


def test_a_message_travels_as_the_settings_say_and_words_are_never_read_as_settings(told: Provider) -> None:
    told.gateway(
        fields={"sms": {"phone": "{digits}", "text": "{text}", "parts": ["{id}"], "flash": False}},
        headers={"Authorization": "Bearer {key}"},
        key="s3cret",
    ).send(MESSAGE)

    method, path, headers, body = told.asked[0]
    assert (method, path, headers["Authorization"]) == ("POST", "/", "Bearer s3cret")
    assert json.loads(body) == {
        "sms": {"phone": "79161234567", "text": MESSAGE.words, "parts": [MESSAGE.id], "flash": False}
    }


def test_a_form_and_a_query_hold_each_word_whole(told: Provider) -> None:
    fields = {"to": "{to}", "text": "{text}", "n": 1}
    told.gateway(body="form", fields=fields).send(MESSAGE)
    told.gateway(body="query", method="GET", fields=fields).send(MESSAGE)

    wanted = {"to": [MESSAGE.to], "text": [MESSAGE.words], "n": ["1"]}
    assert parse_qs(told.asked[0][3].decode()) == wanted
    assert parse_qs(urlsplit(told.asked[1][1]).query) == wanted


@pytest.mark.parametrize("status", [500, 502, 503, 408, 425, 429, 301])
def test_a_provider_in_trouble_is_asked_again(told: Provider, status: int) -> None:
    told.status = status
    with pytest.raises(SmsGatewayAway) as away:
        told.gateway().send(MESSAGE)
    assert away.value.code == f"sms_{status}"
    assert len(told.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422])
def test_a_refusal_is_final(told: Provider, status: int) -> None:
    told.status = status
    with pytest.raises(GiveUp) as given_up:
        told.gateway().send(MESSAGE)
    assert given_up.value.code == f"sms_{status}"


RULE = {"success_field": "result.0.status", "success_values": ("ok",), "refused_values": ("banned",)}


def test_a_success_rule_reads_the_answer(told: Provider) -> None:
    gateway = told.gateway(**RULE)
    gateway.send(MESSAGE)
    told.body = b'{"result": [{"status": "banned"}]}'
    with pytest.raises(GiveUp):
        gateway.send(MESSAGE)


@pytest.mark.parametrize(
    "garbage",
    [b"", b"<html>ok</html>", b"\xff\xfe\x00", b'{"result": {}}', b'{"result": [{"status": "odd"}]}', b"[" * 9_000],
)
def test_garbage_is_no_success(told: Provider, garbage: bytes) -> None:
    told.body = garbage
    with pytest.raises(SmsGatewayAway) as away:
        told.gateway(**RULE).send(MESSAGE)
    assert away.value.code == "sms_answer_unknown"


def test_an_endless_answer_is_cut(told: Provider) -> None:
    told.body = b"x" * 200_000
    with pytest.raises(SmsGatewayAway) as away:
        told.gateway().send(MESSAGE)
    assert away.value.code == "sms_answer_too_long"


@pytest.mark.parametrize("slow", ["silent", "dripping"])
def test_a_slow_provider_does_not_hold_the_worker(told: Provider, slow: str) -> None:
    told.pause, told.drips = (SLOW * 100, 0) if slow == "silent" else (0.0, 400)
    with pytest.raises(SmsGatewayAway):
        told.gateway(seconds=SLOW, connect_seconds=SLOW).send(MESSAGE)
    assert not told.answered


def test_nobody_there_is_away() -> None:
    with provider() as gone:
        gateway = gone.gateway(connect_seconds=1.0)
    with pytest.raises(SmsGatewayAway):
        gateway.send(MESSAGE)


def test_settings_that_cannot_work_stop_the_start() -> None:
    for wrong in ({"gateway": "http"}, {"url": "sms.example.org"}, {"success_values": ("ok",)}):
        with pytest.raises(ValidationError):
            SmsTable(**wrong)


def test_the_console_is_for_demos_alone(sqlite_url: str, tmp_path: Path, office: PostOffice) -> None:
    with pytest.raises(StartupError, match="sms"), town(sqlite_url, tmp_path, office, notify=CONSOLE):
        pass


CONSOLE = {"sms": {"gateway": "console"}}


def test_a_message_of_the_demo_is_read_in_its_mailbox(sqlite_url: str, tmp_path: Path, office: PostOffice) -> None:
    with town(sqlite_url, tmp_path, office, notify=CONSOLE, demo=True) as demo:
        texts = demo.portal.ports.get(TextMessages)  # type: ignore[type-abstract]
        for _ in range(2):
            send(texts, "code-1")
        browser = PortalClient(demo.portal, base_url="http://lk.example.org", headers={"accept-language": "en"})
        listed = browser.get("/mailbox").text
        name = Mailbox(demo.portal.data_dir / "mailbox").names(9)
        shown = browser.get(f"/mailbox/{name[0]}").text

        assert len(name) == 1
        assert "+79161234567" in listed
        assert "123-45-67" in shown
        assert demo.rows("SELECT kind, state, error FROM notify_letters") == [("auth/texts/code", "sent", "")]
        assert "123-45-67" not in str(demo.rows("SELECT * FROM notify_letters"))


def test_a_queued_letter_to_a_number_is_a_text_message(sqlite_url: str, tmp_path: Path, office: PostOffice) -> None:
    with town(sqlite_url, tmp_path, office, notify=CONSOLE, demo=True) as demo:
        with demo.world.unit() as db:
            port(db, Letters).send(  # type: ignore[type-abstract]
                db,
                to="+79161234567",
                template="auth/texts/contact_changed",
                values={"name": "Анна", "what": "phone"},
                locale="ru",
                brand="",
                kind="auth.contact_changed",
            )
        demo.work()
        demo.work()
        box = Mailbox(demo.portal.data_dir / "mailbox")
        letter = box.read(box.names(9)[0])

        assert letter is not None
        assert "телефон вашего доступа изменён" in letter.get_content()
        assert len(box.names(9)) == 1
        assert demo.rows("SELECT state FROM notify_letters") == [("sent",)]
        assert office.letters == []


def test_a_message_is_never_sent_inside_a_unit(village: Town, tmp_path: Path, told: Provider) -> None:
    gateways: list[Gateway] = [ConsoleGateway(Mailbox(tmp_path), SystemClock()), told.gateway()]
    for gateway in gateways:
        with village.world.unit(), pytest.raises(ForeignCallInUnit):
            gateway.send(MESSAGE)
    assert told.asked == []


def test_without_a_gateway_nothing_is_offered_or_sent(village: Town) -> None:
    texts = village.portal.ports.get(TextMessages)  # type: ignore[type-abstract]
    send(texts, "code-1")

    assert not texts.on
    assert village.rows("SELECT id FROM notify_letters") == []


def send(texts: TextMessages, message_id: str) -> None:
    """Send a code to a number."""
    texts.deliver(
        to="+79161234567",
        template="auth/texts/code",
        values={"code": "1234567", "shown": "123-45-67", "minutes": 10, "link": "http://lk.example.org/x", "host": "x"},
        locale="ru",
        brand="",
        message_id=message_id,
    )
