"""A passkey in software: answers a page's options as a device would, or as one who cheats. Every byte of an answer may be chosen."""

from __future__ import annotations

import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_PRESENT, _VERIFIED, _ELIGIBLE, _KEPT, _ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class SoftKey:
    """One key for one domain. `origin` is what its browser says of the page it is on."""

    origin: str = "http://localhost"
    domain: str = "localhost"
    counter: int = 0
    synced: bool = False
    handle: str = ""
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, html: str, *, verified: bool = True, **said: Any) -> str:
        """Answer a page that asks for a new key."""
        options = options_in(html)
        self.handle = options["user"]["id"]
        held = len(self.id).to_bytes(2) + self.id + self._public()
        data = self._data(_flags(verified, self.synced) | _ATTESTED) + bytes(16) + held
        response = {
            "clientDataJSON": _packed(self._client("webauthn.create", options["challenge"], said)),
            "attestationObject": _packed(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal"],
        }
        return self._answer(response)

    def show(self, html: str, *, verified: bool = True, counts: int = 1, **said: Any) -> str:
        """Answer a page that asks for a proof; the counter moves by `counts`."""
        return self.answer(json.dumps(options_in(html)), verified=verified, counts=counts, **said)

    def answer(self, options: str, *, verified: bool = True, counts: int = 1, **said: Any) -> str:
        """Answer options as they come out of ceremonies."""
        self.counter += counts
        data = self._data(_flags(verified, self.synced))
        client = self._client("webauthn.get", said.pop("challenge", None) or json.loads(options)["challenge"], said)
        signature = self.private.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": _packed(client),
            "authenticatorData": _packed(data),
            "signature": _packed(signature),
            "userHandle": self.handle,
        }
        return self._answer(response)

    def _client(self, kind: str, challenge: str, said: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **said}
        return json.dumps(told).encode()

    def _data(self, flags: int) -> bytes:
        return sha256(self.domain.encode()).digest() + bytes([flags]) + self.counter.to_bytes(4)

    def _public(self) -> bytes:
        point = self.private.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})

    def _answer(self, response: dict[str, Any]) -> str:
        name = _packed(self.id)
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
        )


def options_in(html: str) -> dict[str, Any]:
    """Return what a page asks the browser for."""
    found = re.search(r'data-passkey="([^"]+)"', html)
    assert found is not None, "The page asks for no passkey."
    asked: dict[str, Any] = json.loads(unescape(found[1]))
    return asked


def challenge_in(html: str) -> bytes:
    """Return the challenge of a page."""
    text = options_in(html)["challenge"]
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _flags(verified: bool, synced: bool) -> int:
    return _PRESENT | (_VERIFIED if verified else 0) | (_ELIGIBLE | _KEPT if synced else 0)


def _packed(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")
