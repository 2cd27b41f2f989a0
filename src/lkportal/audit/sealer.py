"""The sealer: chains records by hash, in batches, after they were committed. One chain, whoever seals; a broken link shows.
A writer never waits for the chain; the age of the oldest unsealed record is watched instead."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, func, insert, select
from sqlalchemy.orm import Session

from lkportal.audit.models import Record, Seal, Sealed
from lkportal.core.unit import now

GENESIS = "0" * 64
BATCH = 1_000
_FIELDS = ("public_id", "at", "actor", "on_behalf_of", "action", "outcome", "target", "account", "request_id", "detail")
_COLUMNS = tuple(getattr(Record, name) for name in _FIELDS)
_UNSEALED = ~exists().where(Sealed.record_id == Record.id)
_NEXT = select(Record.id, *_COLUMNS).where(_UNSEALED).order_by(Record.id).limit(BATCH)
_OLDEST = select(func.min(Record.at)).where(_UNSEALED)
_LAST = select(Seal.hash).order_by(Seal.id.desc()).limit(1)
_SEALS = select(Seal.id, Seal.records, Seal.previous, Seal.hash).order_by(Seal.id)
_UNDER = (
    select(*_COLUMNS)
    .join(Sealed, Sealed.record_id == Record.id)
    .where(Sealed.seal_id == bindparam("seal"))
    .order_by(Sealed.place)
)


def seal(db: Session) -> int:
    """Seal up to a batch of records; return how many. Two sealers at once: the second breaks on the unique `previous`."""
    rows = db.execute(_NEXT).all()
    if not rows:
        return 0
    previous = db.scalar(_LAST) or GENESIS
    digest = chained(previous, rows)
    link = Seal(sealed_at=now(db), records=len(rows), previous=previous, hash=digest)
    db.add(link)
    db.flush()
    places = [{"record_id": row.id, "seal_id": link.id, "place": place} for place, row in enumerate(rows)]
    db.execute(insert(Sealed), places)
    return len(rows)


def broken_seals(connection: Connection) -> list[int]:
    """Return the ids of seals whose records, count or link to the one before are not what was sealed."""
    broken: list[int] = []
    previous = GENESIS
    for link in connection.execute(_SEALS).all():
        rows = connection.execute(_UNDER, {"seal": link.id}).all()
        whole = len(rows) == link.records and link.previous == previous and chained(previous, rows) == link.hash
        if not whole:
            broken.append(link.id)
        previous = link.hash
    return broken


def unsealed_age(connection: Connection, moment: datetime) -> timedelta:
    """Return the age of the oldest record without a seal; zero when all are sealed."""
    oldest = connection.execute(_OLDEST).scalar()
    return moment - oldest if oldest else timedelta(0)


def chained(previous: str, rows: Iterable[Row[Any]] | Sequence[Any]) -> str:
    """Return the SHA-256 over the seal before and the records, each as JSON of its fields in a fixed order."""
    digest = hashlib.sha256(previous.encode())
    for row in rows:
        digest.update(canonical(row))
    return digest.hexdigest()


def canonical(row: Any) -> bytes:
    """Return the bytes of a record that are sealed: the same on every database."""
    values = [getattr(row, name) for name in _FIELDS]
    plain = [v.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(v, datetime) else v for v in values]
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
