"""Identifiers: random public ids for URLs, API and files, time-ordered ids for events, secrets for links and cookies."""

from __future__ import annotations

import hashlib
import secrets
import string
from datetime import datetime
from uuid import UUID

_ALPHABET = string.ascii_letters + string.digits
_PUBLIC_LENGTH = 16
_PUBLIC_IDS = len(_ALPHABET) ** _PUBLIC_LENGTH


def public_id() -> str:
    """Return a random id of 16 letters and digits (95 bits): what the world sees instead of a row's key."""
    number, letters = secrets.randbelow(_PUBLIC_IDS), []  # one draw for all letters: the system is asked once
    for _ in range(_PUBLIC_LENGTH):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)


def grouped(public: str) -> str:
    """Return a public id in groups of four, as it is shown and read out: "F9h9 GwEU ZyBn wY3s", with spaces that do not break."""
    return "\u00a0".join(public[place : place + 4] for place in range(0, len(public), 4))


def secret_token() -> str:
    """Return an unguessable URL-safe token of 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return the hex SHA-256 of a token: only this is stored, so a copy of the database opens no session."""
    return hashlib.sha256(token.encode()).hexdigest()


def event_id(moment: datetime) -> str:
    """Return a UUID of version 7 (RFC 9562) for `moment`: milliseconds first, then 74 random bits."""
    value = (
        int(moment.timestamp() * 1000) << 80
        | 0x7 << 76
        | secrets.randbits(12) << 64
        | 0b10 << 62
        | secrets.randbits(62)
    )
    return str(UUID(int=value))


def sql_public_id(dialect: str) -> str:
    """Return the SQL that makes a random public id (16 hex digits) for each row of a set-based INSERT."""
    if dialect == "sqlite":
        return "lower(hex(randomblob(8)))"
    return "substr(md5(gen_random_uuid()::text), 1, 16)"
