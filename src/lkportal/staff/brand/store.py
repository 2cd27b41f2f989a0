"""Rows of changed brands: the draft, what was published, pictures. What they look like is built in drafts."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.registry.overlay import touch
from lkportal.core.unit import context, now
from lkportal.staff.models import BrandDraft, BrandFile, BrandVersion
from lkportal.theming.brand.changes import Changes

_DRAFT: Select[*tuple[Any, ...]] = select(
    BrandDraft.public_id, BrandDraft.brand, BrandDraft.changes, BrandDraft.version, BrandDraft.changed_at
)
_OF_BRAND = _DRAFT.where(BrandDraft.brand == bindparam("brand"))
_BY_PUBLIC = _DRAFT.where(BrandDraft.public_id == bindparam("public"))
_VERSIONS: Select[*tuple[Any, ...]] = (
    select(BrandVersion.number, BrandVersion.changes, BrandVersion.published_at, BrandVersion.published_by)
    .where(BrandVersion.brand == bindparam("brand"))
    .order_by(BrandVersion.number.desc())
    .limit(bindparam("limit"))
)
_FILE = select(BrandFile.body).where(BrandFile.name == bindparam("name"))
_SAVE = (
    update(BrandDraft)
    .where(BrandDraft.brand == bindparam("of"), BrandDraft.version == bindparam("seen"))
    .values(
        changes=bindparam("new"), version=BrandDraft.version + 1, changed_at=bindparam("at"), changed_by=bindparam("by")
    )
)
_DROP = delete(BrandDraft).where(BrandDraft.brand == bindparam("of"), BrandDraft.version == bindparam("seen"))


class ChangedMeanwhile(PortalError):
    """Somebody else changed or published the draft since this page was opened."""

    def __init__(self) -> None:
        words = text("staff.brand.meanwhile", "Somebody changed this brand since you opened it. Look at it anew.")
        super().__init__("brand_changed_meanwhile", words, 409)
        self.words = words


def draft(connection: Connection, brand: str) -> Row[Any] | None:
    """Return the draft of a brand: public_id, brand, changes, version, changed_at."""
    return connection.execute(_OF_BRAND, {"brand": brand}).first()


def draft_by_public_id(connection: Connection, public: str) -> Row[Any] | None:
    """Return a draft by its public id."""
    return connection.execute(_BY_PUBLIC, {"public": public}).first()


def versions(connection: Connection, brand: str, limit: int = 20) -> Sequence[Row[Any]]:
    """Return what was published of a brand, the newest first: number, changes, published_at, published_by."""
    return connection.execute(_VERSIONS, {"brand": brand, "limit": limit}).all()


def file(connection: Connection, name: str) -> bytes:
    """Return the bytes of a kept picture. Raises KeyError when there is none."""
    found = connection.execute(_FILE, {"name": name}).scalar()
    if found is None:
        raise KeyError(name)
    return bytes(found)


def keep_file(db: Session, body: bytes, suffix: str) -> str:
    """Keep a picture that was made safe and return its name; the same bytes are kept once."""
    name = f"{sha256(body).hexdigest()}{suffix}"
    if db.execute(select(BrandFile.id).where(BrandFile.name == name)).first() is None:
        db.execute(insert(BrandFile), {"name": name, "body": body, "created_at": now(db)})
    return name


def save(db: Session, brand: str, changes: Changes, seen: int) -> None:
    """Write the draft of a brand. `seen` is the version the writer knew, 0 for none. Raises ChangedMeanwhile."""
    row = {"changes": changes.packed(), "changed_at": now(db), "changed_by": context(db).actor.public_id}
    if seen == 0:
        try:
            db.execute(insert(BrandDraft), {"public_id": public_id(), "brand": brand, "version": 1, **row})
            db.flush()
        except IntegrityError:
            raise ChangedMeanwhile from None
        return
    values = {"of": brand, "seen": seen, "new": row["changes"], "at": row["changed_at"], "by": row["changed_by"]}
    if not db.connection().execute(_SAVE, values).rowcount:
        raise ChangedMeanwhile


def discard(db: Session, brand: str, seen: int) -> None:
    """Throw the draft of a brand away. Raises ChangedMeanwhile."""
    if not db.connection().execute(_DROP, {"of": brand, "seen": seen}).rowcount:
        raise ChangedMeanwhile


def publish(db: Session, brand: str, changes: Changes, after: int) -> int:
    """Publish changes of a brand to every process and return their number. `after` is the number published before, 0 for none;
    raises ChangedMeanwhile when there is a newer one."""
    highest = db.execute(select(func.max(BrandVersion.number)).where(BrandVersion.brand == brand)).scalar() or 0
    if highest != after:
        raise ChangedMeanwhile
    row = {
        "brand": brand,
        "number": after + 1,
        "changes": changes.packed(),
        "published_at": now(db),
        "published_by": context(db).actor.public_id,
    }
    try:
        db.execute(insert(BrandVersion), row)
        db.flush()
    except IntegrityError:
        raise ChangedMeanwhile from None
    touch(db)
    return after + 1
