"""Messages of the browser: sealed as the standard says, read by a real receiver alone, its answers heeded, nothing said in the open."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lkportal.notify.push.sealing import MOST_BYTES, OwnKey, decode, encode, seal
from lkportal.notify.push.sending import Pushing
from lkportal.notify.settings import PushTable
from lkportal.notify.tests.test_choices import choose, states, tell, token
from lkportal.notify.tests.town import PostOffice, Town, town

_ORIGIN = {"origin": "http://lk.example.org"}


def test_sealed_as_the_example_of_rfc_8291() -> None:
    own = OwnKey.read("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").private
    sealed = seal(
        b"When I grow up, I want to be a watermelon",
        decode("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        decode("BTBZMqHH6r4Tts7J_aSIgg"),
        own=own,
        salt=decode("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert encode(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )
    with pytest.raises(ValueError, match="too long"):
        seal(b"x" * (MOST_BYTES + 1), b"", b"")


@dataclass
class Browser:
    """A browser with its push service: takes messages over HTTP, checks who sent them, and opens them. `answers` come first."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"0123456789abcdef"
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    tries: int = 0
    url: str = ""

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self) -> dict[str, str]:
        return {"endpoint": self.url, "p256dh": encode(self.point), "auth": encode(self.secret)}

    def open(self, body: bytes) -> dict[str, Any]:
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        material = HKDF(SHA256(), 32, self.secret, b"WebPush: info\0" + self.point + sender).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(material)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(material)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain[-1:] == b"\x02"
        found: dict[str, Any] = json.loads(plain[:-1])
        return found


def check_sender(header: str, origin: str) -> None:
    """Check the signature as a push service does (RFC 8292)."""
    read = re.fullmatch(r"vapid t=([^.]+)\.([^.]+)\.([^,]+), k=(.+)", header)
    assert read is not None
    head, claims, signature, key = read.groups()
    told = json.loads(decode(claims))
    assert told["aud"] == origin
    assert told["sub"].startswith("mailto:")
    raw = decode(signature)
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(key)).verify(
        encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")),
        f"{head}.{claims}".encode(),
        ec.ECDSA(SHA256()),
    )


@contextmanager
def receiver() -> Iterator[Browser]:
    browser = Browser()

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            browser.tries += 1
            status, headers = browser.answers.pop(0) if browser.answers else (201, {})
            if status == 201:
                assert self.headers["Content-Encoding"] == "aes128gcm"
                check_sender(self.headers["Authorization"], browser.url.removesuffix("/send/abc"))
                browser.got.append(
                    browser.open(body) | {"ttl": int(self.headers["TTL"]), "topic": self.headers["Topic"]}
                )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    browser.url = f"http://127.0.0.1:{server.server_port}/send/abc"
    try:
        yield browser
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def phone() -> Iterator[Browser]:
    with receiver() as browser:
        yield browser


@pytest.fixture
def pushed(sqlite_url: str, tmp_path: Path, office: PostOffice) -> Iterator[Town]:
    """A town that sends push messages to this machine."""
    settings = {"push": {"key": OwnKey.new().text, "hosts": ["127.0.0.1"]}}
    with town(sqlite_url, tmp_path, office, notify=settings) as made:
        yield made


def allow(here: Town, phone: Browser, login: str = "anna@example.org", **changed: str) -> Any:
    """A person who allowed messages in a browser."""
    anna = here.person(login, here.account, locale="en")
    client = here.client(anna, "en")
    sent = {"csrf_token": token(client.get("/settings/notices").text), **phone.subscription(), **changed}
    assert client.post("/settings/browsers", data=sent, headers=_ORIGIN).status_code == 303
    return client


def test_a_message_reaches_the_browser_and_says_no_more_than_its_reader_chose(pushed: Town, phone: Browser) -> None:
    client = allow(pushed, phone)
    tell(pushed, "one", "news")
    pushed.work()
    (first,) = phone.got
    entry = first["id"]
    assert first["body"] == "There is news in your account area."
    assert first["url"] == f"http://lk.example.org/notices/{entry}"
    assert "Say one" not in json.dumps(first)
    assert pushed.account.number not in json.dumps(first)

    assert choose(client, push_titles="on").status_code == 303
    tell(pushed, "two", "news")
    pushed.work()
    assert phone.got[1]["body"] == "Say two"
    assert phone.got[0]["topic"] != phone.got[1]["topic"]
    assert phone.got[0]["ttl"] > 3600
    assert ("push", "sent", "") in states(pushed)


def test_push_comes_first_and_a_letter_only_while_it_is_unread(pushed: Town, phone: Browser) -> None:
    client = allow(pushed, phone)
    tell(pushed, "one")
    tell(pushed, "two")
    pushed.work()
    assert len(phone.got) == 2
    assert pushed.office.letters == []
    (about,) = [each for each in phone.got if each["id"]][:1]
    assert client.get(f"/notices/{about['id']}").status_code == 303

    pushed.world.clock.advance(timedelta(hours=2, minutes=1))
    pushed.work()
    assert len(pushed.office.letters) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(pushed: Town, phone: Browser, status: int) -> None:
    allow(pushed, phone)
    phone.answers = [(status, {})]
    tell(pushed, "one", "news")
    pushed.work()
    assert ("push", "dead", f"push_{status}") in states(pushed)
    assert pushed.rows("SELECT count(*) FROM notify_devices") == [(0,)]


def test_a_service_that_asks_to_wait_is_left_in_peace_so_long(pushed: Town, phone: Browser) -> None:
    allow(pushed, phone)
    phone.answers = [(429, {"Retry-After": "1800"}), (503, {})]
    tell(pushed, "one", "news")
    pushed.work()
    pushed.world.clock.advance(timedelta(minutes=29))
    pushed.work()
    assert phone.tries == 1
    pushed.world.clock.advance(timedelta(minutes=2))
    pushed.work()
    pushed.world.clock.advance(timedelta(minutes=5))
    pushed.work()
    assert (phone.tries, len(phone.got)) == (3, 1)


def test_only_named_services_are_called_and_strange_keys_are_refused(pushed: Town, phone: Browser) -> None:
    client = allow(pushed, phone, endpoint="https://evil.example.org/x")
    page = client.get("/settings/notices").text
    for strange in ({"p256dh": "AAAA"}, {"auth": "%%%"}, {"endpoint": "http://127.0.0.1@evil.example.org/"}):
        sent = {"csrf_token": token(page), **phone.subscription(), **strange}
        assert client.post("/settings/browsers", data=sent, headers=_ORIGIN).status_code == 303
    assert pushed.rows("SELECT count(*) FROM notify_devices") == [(0,)]
    open_to = Pushing(OwnKey.new(), PushTable(), "mailto:a@example.org")
    good = ("https://fcm.googleapis.com/fcm/send/x", "https://updates.push.services.mozilla.com/wpush/v2/x")
    bad = (
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.evil.org/x",
        "https://fcm.googleapis.com:8080/x",
        "https://push.services.mozilla.com/x",
        "https://127.0.0.1/x",
        "https://[::1",
        "https://u:p@fcm.googleapis.com/x",
        "https://fcm.googleapis.com/a\nb",
        "https://fcm.googleapis.com\t/a",
        "https://a\x00.push.services.mozilla.com/",
        "https://127.0.0.1%2f.push.services.mozilla.com/",
        "https://.push.services.mozilla.com/",
    )
    assert [open_to.takes(each) for each in (*good, *bad)] == [True] * len(good) + [False] * len(bad)


def test_a_browser_is_listed_taken_back_and_is_nobody_elses(pushed: Town, phone: Browser) -> None:
    client = allow(pushed, phone)
    page = client.get("/settings/notices").text
    (path,) = re.findall(r'action="(/settings/browsers/[A-Za-z0-9]{16})"', page)
    eve = pushed.client(pushed.person("eve@example.org", pushed.account, locale="en"), "en")
    sent = {"csrf_token": token(eve.get("/settings/notices").text)}
    assert eve.post(path, data=sent, headers=_ORIGIN).status_code == 404
    assert client.post(path, data={"csrf_token": token(page)}, headers=_ORIGIN).status_code == 303
    tell(pushed, "one", "news")
    pushed.work()
    assert phone.got == []


def test_the_signature_is_for_one_service_and_half_a_day() -> None:
    moment = datetime(2026, 11, 22, 9, tzinfo=UTC)
    key = OwnKey.new()
    header = key.authorization("https://web.push.apple.com/abc", "mailto:post@example.org", moment)
    check_sender(header, "https://web.push.apple.com")
    assert OwnKey.read(key.text).public == key.public
