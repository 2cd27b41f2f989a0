"""Photos kept: held when the form comes, tied to a reading when it is accepted, let go when nobody claims them or their time is
over. Which file is a photo is in checking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef
from lkportal.core.storage import Storage
from lkportal.core.unit import now
from lkportal.modules.readings.models import Photo, Reading
from lkportal.modules.readings.photos.checking import Cleaned

HELD = timedelta(days=1)
KEPT = timedelta(days=3 * 365)
MOST_HELD = 60
"""Photos of an account that may wait for their readings: nobody fills the storage by forms that are never right."""
TOO_MANY = text(
    "readings.photo.many",
    "Too many photos of this account wait for their readings. Send the reading without a photo, or come back tomorrow.",
)
_ROOM = "readings"
_CLAIM = (
    update(Photo)
    .where(Photo.public_id == bindparam("photo"), Photo.account_id == bindparam("of"), Photo.reading_id.is_(None))
    .values(reading_id=select(Reading.id).where(Reading.public_id == bindparam("reading")).scalar_subquery())
)
_OF = select(Photo.public_id, Photo.file_key, Photo.account_id).where(Photo.public_id == bindparam("photo"))
_MINE = _OF.where(Photo.account_id == bindparam("of"))
_HELD = select(Photo.public_id).where(
    Photo.account_id == bindparam("of"),
    Photo.reading_id.is_(None),
    Photo.public_id.in_(bindparam("photos", expanding=True)),
)
_WAITING = select(func.count()).where(Photo.account_id == bindparam("of"), Photo.reading_id.is_(None))
_OLD = (
    select(Photo.id, Photo.file_key)
    .where(
        ((Photo.reading_id.is_(None)) & (Photo.stored_at < bindparam("held"))) | (Photo.stored_at < bindparam("kept"))
    )
    .limit(500)
)
_FORGET = delete(Photo).where(Photo.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Held:
    """A photo that waits for its reading: `file_key` in the storage, `photo` its public id."""

    photo: str
    file_key: str


def hold(db: Session, storage: Storage, account: AccountRef, picture: Cleaned) -> Held:
    """Keep a photo until its reading is accepted: a form that must be corrected has it already."""
    stored = storage.put(_ROOM, picture.body)
    row = {
        "public_id": public_id(),
        "account_id": account.id,
        "reading_id": None,
        "file_key": stored.key,
        "size": stored.size,
        "width": picture.width,
        "height": picture.height,
        "sha256": sha256(picture.body).hexdigest(),
        "stored_at": now(db),
    }
    db.execute(insert(Photo), row)
    return Held(str(row["public_id"]), stored.key)


def waiting(connection: Connection, account_id: int) -> int:
    """Count the photos of an account that wait for a reading."""
    return int(connection.execute(_WAITING, {"of": account_id}).scalar_one())


def claim(db: Session, account: AccountRef, photos: Mapping[str, str]) -> None:
    """Tie held photos (reading -> photo, public ids) to their readings, in the unit that accepts these."""
    for reading, photo in photos.items():
        db.connection().execute(_CLAIM, {"photo": photo, "of": account.id, "reading": reading})


def still_held(connection: Connection, account_id: int, photos: Sequence[str]) -> frozenset[str]:
    """Return those of the photos that wait for a reading of this account."""
    if not photos:
        return frozenset()
    return frozenset(connection.scalars(_HELD, {"of": account_id, "photos": list(photos)}))


def of_account(connection: Connection, account_id: int, photo: str) -> Row[*tuple[Any, ...]] | None:
    """Return the row of a photo of an account, or None."""
    return connection.execute(_MINE, {"photo": photo, "of": account_id}).first()


def for_staff(connection: Connection, photo: str) -> Row[*tuple[Any, ...]] | None:
    """Return the row of a photo, whosever it is, or None."""
    return connection.execute(_OF, {"photo": photo}).first()


def forget_old(db: Session, moment: datetime) -> list[str]:
    """Delete the rows of photos nobody claimed and of those whose time is over; return the keys of their files, at most 500."""
    rows = db.execute(_OLD, {"held": moment - HELD, "kept": moment - KEPT}).all()
    if rows:
        db.connection().execute(_FORGET, {"ids": [row.id for row in rows]})
    return [row.file_key for row in rows]
