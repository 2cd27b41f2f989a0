"""The sealer: chains records by hash, in batches, after they were committed. One chain, whoever seals; a broken link shows.
A writer never waits for the chain; the age of the oldest unsealed record is watched instead."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, bindparam, exists, func, insert, select
from sqlalchemy.orm import Session

from lkportal.audit.models import Record, Seal, Sealed
from lkportal.core.columns import UTCDateTime
from lkportal.core.unit import now

GENESIS = "0" * 64
BATCH = 1_000
SETTLED = timedelta(days=1)
"""No transaction stays open so long: what a seal of that age passed over was not there, and need not be looked for again."""
_FIELDS = ("public_id", "at", "actor", "on_behalf_of", "action", "outcome", "target", "account", "request_id", "detail")
_COLUMNS = tuple(getattr(Record, name) for name in _FIELDS)
_UNSEALED = ~exists().where(Sealed.record_id == Record.id)
_OLD_SEAL = (
    select(Seal.id)
    .where(Seal.sealed_at < bindparam("settled", type_=UTCDateTime()))
    .order_by(Seal.id.desc())
    .limit(1)
    .scalar_subquery()
)
# Asked by itself: as a number PostgreSQL knows how few records lie above it, as a subquery it would read them all.
_FLOOR = select(Sealed.record_id).where(Sealed.seal_id == _OLD_SEAL, Sealed.place == 0)
_KEY = bindparam("floor", type_=BigInteger())
_NEW = and_(Record.id >= _KEY, ~exists().where(Sealed.record_id == Record.id, Sealed.record_id >= _KEY))
_NEXT = select(Record.id, *_COLUMNS).where(_NEW).order_by(Record.id).limit(BATCH)
_OLDEST = select(func.min(Record.at)).where(_NEW)
_NEVER = (
    select(func.count()).select_from(Record).where(Record.at < bindparam("settled", type_=UTCDateTime()), _UNSEALED)
)
_LAST = select(Seal.hash).order_by(Seal.id.desc()).limit(1)
_HOLDS = select(Seal.id).where(Seal.hash == bindparam("hash"))
_SEALS = select(Seal.id, Seal.sealed_at, Seal.records, Seal.previous, Seal.hash).order_by(Seal.id)
_NEWEST = _SEALS.order_by(None).order_by(Seal.id.desc()).limit(bindparam("most"))
_UNDER = (
    select(*_COLUMNS)
    .join(Sealed, Sealed.record_id == Record.id)
    .where(Sealed.seal_id == bindparam("seal"))
    .order_by(Sealed.place)
)


@dataclass(frozen=True, slots=True)
class Broken:
    """A seal that does not hold: which, when it was set, and what is not as it was."""

    id: int
    sealed_at: datetime
    what: str


def seal(db: Session) -> int:
    """Seal up to a batch of records; return how many. Two sealers at once: the later one breaks on the unique `previous`
    (IntegrityError) and looks again."""
    moment = now(db)
    rows = db.execute(_NEXT, {"floor": _floor(db.connection(), moment)}).all()
    if not rows:
        return 0
    previous = db.scalar(_LAST) or GENESIS
    link = Seal(sealed_at=moment, records=len(rows), previous=previous, hash=chained(previous, moment, rows))
    db.add(link)
    db.flush()
    places = [{"record_id": row.id, "seal_id": link.id, "place": place} for place, row in enumerate(rows)]
    db.execute(insert(Sealed), places)
    return len(rows)


def broken_seals(connection: Connection) -> list[Broken]:
    """Return the seals whose records, order, time or link to the one before are not what was sealed."""
    broken: list[Broken] = []
    previous = GENESIS
    for link in connection.execute(_SEALS).all():
        rows = connection.execute(_UNDER, {"seal": link.id}).all()
        if link.previous != previous:
            broken.append(Broken(link.id, link.sealed_at, "it does not follow the seal before it"))
        elif len(rows) != link.records:
            broken.append(Broken(link.id, link.sealed_at, f"{len(rows)} records of {link.records} are there"))
        elif chained(link.previous, link.sealed_at, rows) != link.hash:
            broken.append(Broken(link.id, link.sealed_at, "its records are not what was sealed"))
        previous = link.hash
    return broken


@dataclass(frozen=True, slots=True)
class Checked:
    """The newest seals computed anew: how many, over how many records, since when, and those that do not hold. `head` is the newest."""

    seals: int
    records: int
    since: datetime | None
    head: str
    broken: tuple[Broken, ...]


def check_newest(connection: Connection, most: int) -> Checked:
    """Compute the newest `most` seals anew, each with its link to the one before; `lkportal audit verify` computes them all."""
    links = list(reversed(connection.execute(_NEWEST, {"most": most + 1}).all()))
    checked, broken = links[1:] if len(links) > most else links, []
    previous = links[0].hash if len(links) > most else GENESIS
    for link in checked:
        rows = connection.execute(_UNDER, {"seal": link.id}).all()
        if link.previous != previous or chained(link.previous, link.sealed_at, rows) != link.hash:
            broken.append(Broken(link.id, link.sealed_at, ""))
        previous = link.hash
    since = checked[0].sealed_at if checked else None
    return Checked(len(checked), sum(link.records for link in checked), since, previous, tuple(broken))


def unsealed_age(connection: Connection, moment: datetime) -> timedelta:
    """Return the age of the oldest record without a seal; zero when all are sealed."""
    oldest = connection.execute(_OLDEST, {"floor": _floor(connection, moment)}).scalar()
    return moment - oldest if oldest else timedelta(0)


def never_sealed(connection: Connection, moment: datetime) -> int:
    """Return how many records older than SETTLED have no seal: reads the whole trail, for `lkportal audit verify`."""
    return connection.execute(_NEVER, {"settled": moment - SETTLED}).scalar_one()


def head(connection: Connection) -> str:
    """Return the hash of the newest seal, "" before the first. Noted elsewhere, it shows when the end is cut off."""
    return connection.execute(_LAST).scalar() or ""


def holds(connection: Connection, known: str) -> bool:
    """Whether a seal with this hash is in the chain."""
    return connection.execute(_HOLDS, {"hash": known}).first() is not None


def chained(previous: str, moment: datetime, rows: Iterable[Any]) -> str:
    """Return the SHA-256 over the seal before, the time of sealing and the records, each as JSON in a fixed order."""
    digest = hashlib.sha256(f"{previous}\n{_stamp(moment)}\n".encode())
    for row in rows:
        digest.update(canonical(row))
    return digest.hexdigest()


def canonical(row: Any) -> bytes:
    """Return the bytes of a record that are sealed: the same on every database."""
    values = [getattr(row, name) for name in _FIELDS]
    plain = [_stamp(value) if isinstance(value, datetime) else value for value in values]
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _floor(connection: Connection, moment: datetime) -> int:
    """Return the key below which every record was sealed long ago."""
    return connection.execute(_FLOOR, {"settled": moment - SETTLED}).scalar() or 0


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
