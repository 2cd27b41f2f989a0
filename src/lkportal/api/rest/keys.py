"""Idempotency keys: an act is done once for its key, and answered again as it was answered then. The answer is kept in the unit of
the act, so there is never one without the other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.orm import Session

from lkportal.api.models import Answer
from lkportal.core.errors import Problem
from lkportal.core.i18n import text
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now
from lkportal.web import Request

KEY = re.compile(r"[\x21-\x7e]{1,200}")
_answers: Any = Answer.__table__
_TAKE = insert_if_new(_answers)
_MINE = (Answer.caller == bindparam("of"), Answer.key == bindparam("named"))
_FIND = select(Answer.fingerprint, Answer.status, Answer.media, Answer.body).where(*_MINE)
_KEEP = update(_answers).where(_answers.c.caller == bindparam("of"), _answers.c.key == bindparam("named"))
_OLD = select(Answer.id).where(Answer.created_at < bindparam("before")).order_by(Answer.id).limit(500)


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants what done under which key; `fingerprint` tells one wish from another."""

    caller: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What was answered."""

    status: int
    media: str
    body: str


class KeyReused(Problem):
    """A key stands for something else already."""

    def __init__(self) -> None:
        words = text("api.rest.key_reused", "This Idempotency-Key was used for another call. Take a new key.")
        super().__init__("api.key_reused", words, 422)


def wish_of(request: Request) -> Wish:
    """Return what a call wants done. Raises Problem 400 without a key."""
    key = request.headers.get("idempotency-key", "").strip()
    if KEY.fullmatch(key) is None:
        words = text(
            "api.rest.key",
            "Send the header Idempotency-Key with a name of your own for this act (up to 200 letters, digits and signs): sent again,"
            " it is done once.",
        )
        raise Problem("api.key", words, 400)
    what = f"{request.method} {request.path_below}?{request.scope['query_string'].decode('latin-1')}\n".encode()
    return Wish(request.actor.label, key, hashlib.sha256(what + request.body_bytes).hexdigest())


def find(connection: Connection | Session, wish: Wish) -> Stored | None:
    """Return what was answered to a wish before, or None. Raises KeyReused."""
    row = connection.execute(_FIND, {"of": wish.caller, "named": wish.key}).first()
    if row is None:
        return None
    if row.fingerprint != wish.fingerprint:
        raise KeyReused
    return Stored(row.status, row.media, row.body)


def take(db: Session, wish: Wish) -> Stored | None:
    """Take the key for this unit, waiting for whoever has it in hand; return None, or what they answered. Raises KeyReused."""
    row = {
        "caller": wish.caller,
        "key": wish.key,
        "fingerprint": wish.fingerprint,
        "status": 0,
        "media": "",
        "body": "",
        "created_at": now(db),
    }
    taken: Any = db.execute(_TAKE[db.get_bind().dialect.name], row)
    return None if taken.rowcount else find(db, wish)


def keep(db: Session, wish: Wish, status: int, media: str, body: str) -> Stored:
    """Keep the answer under the key that this unit took."""
    db.execute(_KEEP.values(status=status, media=media, body=body), {"of": wish.caller, "named": wish.key})
    return Stored(status, media, body)


def forget_old(db: Session, before: datetime) -> int:
    """Let go of answers kept since before a moment, some hundreds at a time; return how many."""
    found: Sequence[int] = db.scalars(_OLD, {"before": before}).all()
    db.execute(delete(_answers).where(_answers.c.id.in_(found)))
    return len(found)
