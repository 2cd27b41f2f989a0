"""Signatures of the edge: short-lived tokens salted by purpose, and the key of CSRF tokens. Sessions are rows, never signatures."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer


class Signing:
    """Signs and reads tokens. Each purpose has its own salt: a token of one purpose means nothing to another."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._csrf_key = hashlib.sha256(b"lkportal.csrf." + secret.encode()).digest()
        self._serializers: dict[str, URLSafeTimedSerializer] = {}

    def sign(self, purpose: str, value: Any) -> str:
        """Return a URL-safe token that holds `value` (anything JSON knows), readable by everyone, forgeable by nobody."""
        return str(self._serializer(purpose).dumps(value))

    def read(self, purpose: str, token: str, max_age: int) -> Any:
        """Return the value of a token of `purpose` not older than `max_age` seconds, or None for any other token."""
        try:
            return self._serializer(purpose).loads(token, max_age=max_age)
        except BadData:
            return None

    def seal(self, purpose: str, value: Any) -> str:
        """Return a keyed hash, in hex, of a value that JSON knows: kept beside the value, it tells whether that was changed."""
        plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        key = hashlib.sha256(f"lkportal.seal.{purpose}.{self._secret}".encode()).digest()
        return hmac.digest(key, plain.encode(), "sha256").hex()

    def csrf_mac(self, binding: str) -> bytes:
        """Return the 32 bytes a CSRF token proves: they belong to one session or one browser."""
        return hmac.digest(self._csrf_key, binding.encode(), "sha256")

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        found = self._serializers.get(purpose)
        if found is None:
            found = URLSafeTimedSerializer(
                self._secret, salt=f"lkportal.{purpose}", signer_kwargs={"digest_method": hashlib.sha256}
            )
            self._serializers[purpose] = found
        return found
