"""One-time codes and links, worked out from the portal's secret and the id of their row: a job that is tried again sends the same
ones, and no table holds them. What a copy of the database shows opens nothing."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

from pydantic import SecretStr

DIGITS = 7
"""Digits of a typed code: 23 bits. Six would be fewer than the 20 bits that are asked of a code one types."""


class Mint:
    """Makes the secrets of one portal. Fills a port, since jobs and pages make the same ones."""

    def __init__(self, secret: SecretStr) -> None:
        self._key = hashlib.sha256(b"lkportal.codes." + secret.get_secret_value().encode()).digest()

    def code(self, row: str) -> str:
        """Return the typed code of a row: seven digits, each as likely as any other (the rest of 2^128 weighs nothing)."""
        number = int.from_bytes(self._mac("code", row)[:16], "big") % 10**DIGITS
        return f"{number:0{DIGITS}d}"

    def link(self, row: str) -> str:
        """Return the token of the row's link: 256 bits, URL-safe."""
        return urlsafe_b64encode(self._mac("link", row)).rstrip(b"=").decode()

    def kept(self, browser: str, code: str) -> str:
        """Return what is kept of a typed code: worth nothing without the browser's own secret and the portal's."""
        return self._mac("kept", f"{browser} {code}").hex()

    def _mac(self, what: str, value: str) -> bytes:
        return hmac.digest(self._key, f"{what} {value}".encode(), "sha256")


def spoken(code: str) -> str:
    """Return a code as one reads it aloud: 123-45-67."""
    return f"{code[:3]}-{code[3:5]}-{code[5:]}"
