"""Authenticator apps (RFC 6238: SHA-1, six digits, half a minute): seeds, codes, and the one statement that takes a code.

A code works for its half minute, the one before and the one after, and never twice: the newest step taken is kept, and a code of
that step or an older one is refused. What surrounds a code at the door stands in proving."""

from __future__ import annotations

import hmac
import secrets
from base64 import b32decode, b32encode
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import Connection, Row, Select, bindparam, delete, select, update
from sqlalchemy.orm import Session

from lkportal.auth.models import Totp
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now

STEP = 30
DIGITS = 6
_SEED_BYTES = 20
_ROW: Select[*tuple[Any, ...]] = select(Totp.seed, Totp.created_at, Totp.used_at).where(
    Totp.identity_id == bindparam("person")
)
_TAKE = (
    update(Totp)
    .where(Totp.identity_id == bindparam("person"), Totp.used_step < bindparam("step"))
    .values(used_step=bindparam("step"), used_at=bindparam("now"))
    .execution_options(preserve_rowcount=True)
)
_INSERT = insert_if_new(Totp.__table__)  # type: ignore[arg-type]
_REPLACE = (
    update(Totp)
    .where(Totp.identity_id == bindparam("person"), Totp.used_step < bindparam("step"))
    .values(seed=bindparam("seed"), used_step=bindparam("step"), created_at=bindparam("now"), used_at=bindparam("now"))
    .execution_options(preserve_rowcount=True)
)
_FORGET = delete(Totp).where(Totp.identity_id == bindparam("person"))


def new_seed() -> str:
    """Return a new seed of 160 bits as apps read it: base32."""
    return b32encode(secrets.token_bytes(_SEED_BYTES)).decode()


def address(seed: str, issuer: str, login: str) -> str:
    """Return the otpauth:// address that a QR code shows to an app."""
    label = quote(f"{issuer}:{login}", safe="")
    return f"otpauth://totp/{label}?" + urlencode({"secret": seed, "issuer": issuer}, quote_via=quote)


def step_at(moment: datetime) -> int:
    """Return the half minute of a moment."""
    return int(moment.timestamp()) // STEP


def code_at(seed: str, step: int) -> str:
    """Return the code of a seed in a half minute."""
    digest = hmac.digest(b32decode(seed), step.to_bytes(8, "big"), "sha1")
    place = digest[-1] & 0x0F
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(seed: str, code: str, moment: datetime) -> int | None:
    """Return the half minute whose code this is, the present one or a neighbour, or None."""
    here = step_at(moment)
    fitting = [step for step in (here - 1, here, here + 1) if hmac.compare_digest(code_at(seed, step), code)]
    return fitting[-1] if fitting else None


def row_of(connection: Connection, identity_id: int) -> Row[Any] | None:
    """Return when a person's app was set up (`created_at`) and used last (`used_at`), with its `seed`; None without one."""
    return connection.execute(_ROW, {"person": identity_id}).first()


def take(db: Session, identity_id: int, code: str) -> bool:
    """Take a code of a person's app; say whether it fits and was never taken before. Of many at once one is taken."""
    row = row_of(db.connection(), identity_id)
    step = step_of(row.seed, code, now(db)) if row and code.isascii() else None
    if step is None:
        return False
    values = {"person": identity_id, "step": step, "now": now(db)}
    return bool(db.connection().execute(_TAKE, values).rowcount)


def set_up(db: Session, identity_id: int, seed: str, code: str) -> bool:
    """Keep the seed of a new app, whose first code proves that it was read right; say whether it does. An older app is replaced."""
    moment = now(db)
    step = step_of(seed, code, moment) if code.isascii() else None
    if step is None:
        return False
    connection, dialect = db.connection(), db.get_bind().dialect.name
    row = {"identity_id": identity_id, "seed": seed, "used_step": step, "created_at": moment, "used_at": moment}
    if connection.execute(_INSERT[dialect], row).rowcount:
        return True
    values = {"person": identity_id, "seed": seed, "step": step, "now": moment}
    return bool(connection.execute(_REPLACE, values).rowcount)


def forget(db: Session, identity_id: int) -> None:
    """Forget a person's app."""
    db.connection().execute(_FORGET, {"person": identity_id})
