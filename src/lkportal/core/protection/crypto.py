"""Encryption of single values at rest: AES-256-GCM under a ring of keys. The column type is in columns, rotation in rotation."""

from __future__ import annotations

import binascii
import os
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.exc import DontWrapMixin

from lkportal.core.errors import StartupError

KEY_BYTES = 32
_NONCE_BYTES = 12


class SealError(StartupError, DontWrapMixin):
    """A value cannot be sealed or opened with the keys that are set; the sentence names the column, the key, the cure."""


class KeyRing:
    """Named keys, newest first: the first encrypts, all of them decrypt.

    A token is `<key name>:<base64 of nonce and sealed text>`. `context` ("table.column") is sealed in, so that a value
    copied into another column does not open.
    """

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._sealers = {name: AESGCM(key) for name, key in keys.items()}
        self.primary = next(iter(keys), "")

    @classmethod
    def parse(cls, lines: Iterable[str]) -> KeyRing:
        """Return the ring of `["k2:<base64 of 32 bytes>", "k1:..."]`; StartupError names a line that cannot be read."""
        keys: dict[str, bytes] = {}
        for position, line in enumerate(lines, start=1):
            name, _, encoded = line.strip().partition(":")
            key = _decoded(encoded)
            if not name or len(key) != KEY_BYTES:
                raise StartupError(
                    "key_unreadable",
                    f"Encryption key number {position} cannot be read: write it as name:base64 of {KEY_BYTES} bytes,"
                    " or make one with `lkportal keys new`.",
                )
            if name in keys:
                raise StartupError("key_twice", f"Two encryption keys are called {name}: give each its own name.")
            keys[name] = key
        return cls(keys)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the keys, newest first."""
        return tuple(self._sealers)

    def encrypt(self, value: bytes, context: str) -> str:
        """Return the token of `value` under the newest key."""
        if not self._sealers:
            raise SealError(
                "key_missing",
                f"{context} is kept encrypted and no key is set: make one with `lkportal keys new` and put it into the"
                " setting encryption_keys (environment LKPORTAL_ENCRYPTION_KEYS).",
            )
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._sealers[self.primary].encrypt(nonce, value, context.encode())
        return f"{self.primary}:{urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, token: str, context: str) -> bytes:
        """Return the value in `token`; SealError when its key is not in the ring or the token was altered or moved."""
        name, _, encoded = token.partition(":")
        sealer = self._sealers.get(name)
        if sealer is None:
            raise SealError(
                "key_missing",
                f"{context} holds a value encrypted with the key {name!r}, which is not among the setting"
                " encryption_keys: put that key back behind the newest one.",
            )
        try:
            sealed = urlsafe_b64decode(encoded)
            return sealer.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise SealError(
                "sealed_value_broken",
                f"A value in {context} does not open with the key {name!r}: it was altered, moved from another column,"
                " or another key was given this name. Restore the right key or the row from a backup.",
            ) from error

    def needs_rotation(self, token: str) -> bool:
        """Whether `token` was made with a key that is no longer the newest."""
        return not token.startswith(f"{self.primary}:")


def new_key(name: str) -> str:
    """Return a fresh key line for the setting: `name:base64`."""
    return f"{name}:{b64encode(os.urandom(KEY_BYTES)).decode()}"


def _decoded(encoded: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except binascii.Error:
        return b""
