"""A brand on the desk: what is known of it when a page of the editor opens, and the acts on it, each in one unit with its audit row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sqlalchemy import Row

from lkportal.core.errors import NotFound
from lkportal.core.strangers import Opener
from lkportal.staff.brand import store
from lkportal.staff.brand.drafts import Drafts, Guise
from lkportal.staff.people.rules import record
from lkportal.theming.brand.book import BrandBook, plain_book
from lkportal.theming.brand.changes import PLAIN, Changes
from lkportal.theming.brand.file import load_book
from lkportal.theming.marks.drawable import demand_drawable
from lkportal.theming.marks.logos import Picture, safe_picture
from lkportal.web import Request, unit_of_work


class BrandDesk(Protocol):
    """Port filled by the portal: the brands of the company and what they would look like."""

    @property
    def brand_folders(self) -> Mapping[str, Any]: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def live(self) -> Any: ...


@dataclass(frozen=True)
class Edited:
    """One brand as its editor finds it. `seen` is the draft's version (0: none), `number` what is published (0: the files)."""

    key: str
    base: BrandBook
    changes: Changes
    seen: int
    number: int
    public: str
    versions: Sequence[Row[Any]]

    @property
    def is_draft(self) -> bool:
        """Whether there is something unpublished."""
        return self.seen > 0


def desk(request: Request) -> BrandDesk:
    """Return the brands of the portal."""
    return request.portal.ports.get(BrandDesk)  # type: ignore[type-abstract]


def edited(request: Request, key: str) -> Edited:
    """Return a brand as it stands: its files, its draft or what is published of it. Raises NotFound."""
    office = desk(request)
    if key not in {face.key for face in office.live.faces.faces}:
        raise NotFound
    folder = office.brand_folders.get(key)
    base = load_book(folder, key) if folder else plain_book(PLAIN["brand.name"], PLAIN["color.primary"], key)
    draft, versions = store.draft(request.db, key), store.versions(request.db, key)
    packed = draft.changes if draft else versions[0].changes if versions else {}
    number = versions[0].number if versions else 0
    seen, public = (draft.version, draft.public_id) if draft else (0, "")
    return Edited(key, base, Changes.of(packed), seen, number, public, versions)


def guise(request: Request, brand: Edited, changes: Changes | None = None) -> Guise:
    """Return what a brand would look like. Raises BrandError."""
    return desk(request).drafts.build(brand.key, brand.changes if changes is None else changes)


def keep(
    request: Request, brand: Edited, changes: Changes, seen: int, pictures: Mapping[str, tuple[bytes, str]]
) -> None:
    """Save a draft. `pictures` are uploads by use, made safe first. Raises BrandError when it cannot be built, and then nothing
    is kept; ChangedMeanwhile when somebody was quicker."""
    safe = {use: _safe(request, f"[logo] {use}", *picture) for use, picture in pictures.items()}
    with unit_of_work(request) as db:
        files = {f"logo.{use}": store.keep_file(db, picture.body, picture.suffix) for use, picture in safe.items()}
        whole = replace(changes, files={**changes.files, **files})
        store.save(db, brand.key, whole, seen)
        record(db, "staff.brand_edited", brand.key)


def _safe(request: Request, place: str, body: bytes, suffix: str) -> Picture:
    safe = safe_picture(body, suffix, place)
    request.release()
    return demand_drawable(request.portal.ports.get(Opener), safe, place)


def publish(request: Request, brand: Edited, changes: Changes, after: int, seen: int) -> int:
    """Publish changes to every process and return their number; the draft `seen` is done with, 0 leaves it alone."""
    with unit_of_work(request) as db:
        number = store.publish(db, brand.key, changes, after)
        if seen:
            store.discard(db, brand.key, seen)
        record(db, "staff.brand_published", brand.key, number=number)
    return number


def discard(request: Request, brand: Edited, seen: int) -> None:
    """Throw the draft away."""
    with unit_of_work(request) as db:
        store.discard(db, brand.key, seen)
        record(db, "staff.brand_discarded", brand.key)
