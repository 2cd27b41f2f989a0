"""Passwords: hashing, checking, and which new ones are refused. Whoever calls `fits` or `make` runs on the hash limiter."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Protocol

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from lkportal.auth.guessable import is_guessable
from lkportal.auth.settings import AuthSettings
from lkportal.core.i18n import Text, text

MOST = 128


class Hasher(Protocol):
    """What makes and checks hashes: pwdlib's PasswordHash."""

    def hash(self, password: str, /) -> str: ...
    def verify_and_update(self, password: str, kept: str, /) -> tuple[bool, str | None]: ...


class Passwords:
    """The passwords of one portal, by its settings. Argon2id; the default profile is OWASP's (19 MiB, 2 passes, 1 lane)."""

    def __init__(self, settings: AuthSettings, hasher: Hasher | None = None) -> None:
        self._least = settings.password_least
        self._words = settings.password_words
        self._hasher = hasher or PasswordHash(
            (
                Argon2Hasher(
                    time_cost=settings.hash_passes,
                    memory_cost=settings.hash_memory_kib,
                    parallelism=settings.hash_lanes,
                ),
            )
        )

    def make(self, password: str) -> str:
        """Return the hash of a password, exactly as typed."""
        return self._hasher.hash(password)

    def fits(self, password: str, kept: str) -> tuple[bool, str]:
        """Return whether the password is the one whose hash is kept, and a new hash when the profile has changed, else "".

        With nothing kept (nobody has this login) the same work is done for nothing: the answer takes as long.
        """
        if not kept:
            self._hasher.hash(password)
            return False, ""
        try:
            fits, newer = self._hasher.verify_and_update(password, kept)
        except UnknownHashError:
            return False, ""
        return fits, newer or ""

    def problem(self, password: str, words: Iterable[str] = ()) -> Text | None:
        """Return what is wrong with a new password, or None. `words` are the person's own: login, name, brand."""
        if len(password) < self._least:
            return text("auth.password.short", "Make it at least %(least)s characters long.", least=self._least)
        if len(password) > MOST:
            return text("auth.password.long", "Make it at most %(most)s characters long.", most=MOST)
        if is_guessable(password, (*self._words, *words)):
            return text(
                "auth.password.guessable",
                "This one is guessed first. Take a few words that have nothing to do with you or with us.",
            )
        return None


def fingerprint(password_hash: str) -> str:
    """Return what binds a recovery link to the password it was made under."""
    return hashlib.sha256(b"lkportal.password." + password_hash.encode()).hexdigest()
