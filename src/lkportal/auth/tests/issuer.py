"""An identity provider as a real HTTP server on this machine. Honest by default; a test changes what it says, signs or does."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CLIENT = "lk"
SECRET = "a secret of the portal there"
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)
CURVE_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
Json = dict[str, Any]


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _number(value: int) -> str:
    return _b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def public_jwk(key: Any, **more: Any) -> Json:
    """Return the public half of a key as a provider publishes it."""
    numbers = key.public_key().public_numbers()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {"kty": "EC", "crv": "P-256", "x": _number(numbers.x), "y": _number(numbers.y), **more}
    return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e), **more}


def compact(header: str, body: str, key: Any, algorithm: str) -> str:
    """Return a token signed the given way, whatever its header claims."""
    message = f"{_b64(header.encode())}.{_b64(body.encode())}"
    if algorithm == "none":
        return message + "."
    if isinstance(key, bytes):
        made = hmac.HMAC(key, hashes.SHA256())
        made.update(message.encode())
        signature = made.finalize()
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        first, second = decode_dss_signature(key.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
        signature = first.to_bytes(32, "big") + second.to_bytes(32, "big")
    else:
        signature = key.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{message}.{_b64(signature)}"


def _same(value: Any) -> Any:
    return value


@dataclass
class Plan:
    """What the issuer does. Each function gets the honest answer and returns what is sent."""

    claims: Callable[[Json], Json] = _same
    header: Json = field(default_factory=dict)
    key: Any = KEY
    algorithm: str = "RS256"
    raw_header: str = ""
    answer: Callable[[Json], Any] = _same
    metadata: Callable[[Json], Json] = _same
    keys: Callable[[Json], Any] = _same
    userinfo: Callable[[Json], Json] = _same
    person: Json = field(default_factory=lambda: {"sub": "u-1", "email": "new@example.org", "email_verified": True})
    with_userinfo: bool = False
    more: dict[str, Callable[[Json], Any]] = field(default_factory=dict)
    before: Callable[[BaseHTTPRequestHandler], bool] = lambda _handler: False


class Issuer:
    """The provider: its address, its plan, the questions it was asked. `now` is the clock that its tokens go by."""

    def __init__(self, server: ThreadingHTTPServer, now: Callable[[], float]) -> None:
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        self.now = now
        self.plan = Plan()
        self.codes: dict[str, Json] = {}
        self.calls: list[str] = []
        self.tokens: list[str] = []

    def authorize(self, location: str) -> dict[str, str]:
        """Play the page where the person signs in: return the query they come back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = f"code-{len(self.codes)}-{time.monotonic_ns()}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.url}

    def id_token(self, asked: Json, access_token: str = "access") -> str:
        """Sign what is said of the person."""
        now = int(self.now())
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "auth_time": now,
            "nonce": asked.get("nonce", ""),
            "at_hash": _b64(hashlib.sha256(access_token.encode()).digest()[:16]),
            **self.plan.person,
        }
        return self.signed(self.plan.claims(claims))

    def signed(self, claims: Json | str, typ: str = "JWT") -> str:
        """Return a compact token, by the plan's key, algorithm and header."""
        header = {"alg": self.plan.algorithm, "typ": typ, "kid": "first", **self.plan.header}
        header = {name: value for name, value in header.items() if value is not None}
        body = claims if isinstance(claims, str) else json.dumps(claims)
        head = self.plan.raw_header or json.dumps(header)
        token = compact(head, body, self.plan.key, self.plan.algorithm)
        self.tokens.append(token)
        return token

    def answer(self, path: str, fields: Json) -> Any:
        """Return the honest answer of an endpoint, changed by the plan; None for an address nobody has."""
        if path == "/.well-known/openid-configuration":
            return self.plan.metadata(self._metadata())
        if path == "/jwks":
            return self.plan.keys({"keys": [public_jwk(KEY, kid="first", use="sig", alg="RS256")]})
        if path in self.plan.more:
            return self.plan.more[path](fields)
        if path == "/token":
            return self._token(fields)
        if path == "/userinfo":
            return self.plan.userinfo(dict(self.plan.person))
        return None

    def _metadata(self) -> Json:
        places = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "jwks_uri": "/jwks",
            "end_session_endpoint": "/out",
        }
        if self.plan.with_userinfo:
            places["userinfo_endpoint"] = "/userinfo"
        found: Json = {name: self.url + path for name, path in places.items()}
        return {**found, "issuer": self.url, "authorization_response_iss_parameter_supported": True}

    def _token(self, fields: Json) -> Any:
        asked = self.codes.pop(fields.get("code", ""), None)
        proof = _b64(hashlib.sha256(fields.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or asked.get("code_challenge", proof) != proof
            or asked["redirect_uri"] != fields.get("redirect_uri")
        ):
            return (400, {"error": "invalid_grant"})
        token = self.id_token(asked)
        return self.plan.answer({"access_token": "access", "token_type": "Bearer", "id_token": token})


class _Handler(BaseHTTPRequestHandler):
    issuer: Issuer

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
        self._answer({name: values[0] for name, values in parse_qs(body).items()})

    def _answer(self, fields: Json) -> None:
        path = urlsplit(self.path).path
        self.issuer.calls.append(path)
        if self.issuer.plan.before(self):
            return
        said = self.issuer.answer(path, fields)
        status, said = said if isinstance(said, tuple) else (200 if said is not None else 404, said)
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        return


@contextmanager
def serving(now: Callable[[], float]) -> Iterator[Issuer]:
    """Serve an issuer for the length of a block."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_arguments: None  # type: ignore[method-assign]
    issuer = Issuer(server, now)
    handler.issuer = issuer  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
