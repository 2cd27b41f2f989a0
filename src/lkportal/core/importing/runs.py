"""The record of a run in core_imports: opened, claimed by each batch, finished. Two processes never write the same batch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lkportal.core.db import Database
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.importing.kind import ImportKind
from lkportal.core.importing.layout import Layout
from lkportal.core.importing.sniff import Scan, refuse
from lkportal.core.importing.tables import imports
from lkportal.core.unit import UnitContext, now, open_unit

State = Literal["new", "resumed", "done"]


@dataclass(frozen=True, slots=True)
class Run:
    """A run as this process knows it: its place in the file and its sums, always those of the last commit."""

    id: int
    public_id: str
    batch: int
    position: int
    line: int
    accepted: int
    rejected: int
    counts: dict[str, int]

    def claim(self, db: Session) -> None:
        """Take the next batch: refused (imports.taken) when another process has already written it."""
        held = (imports.c.id == self.id) & (imports.c.batch == self.batch) & (imports.c.state == "running")
        if db.execute(update(imports).where(held).values(batch=self.batch + 1)).rowcount != 1:  # type: ignore[attr-defined]
            raise _taken()

    def moved(self, position: int, line: int, accepted: int, rejected: int, counts: Mapping[str, int]) -> Run:
        """Return the run one batch further: `accepted`, `rejected` and `counts` are those of the batch."""
        sums = {name: self.counts.get(name, 0) + counts.get(name, 0) for name in {**self.counts, **counts}}
        accepted, rejected = self.accepted + accepted, self.rejected + rejected
        return replace(
            self, batch=self.batch + 1, position=position, line=line, accepted=accepted, rejected=rejected, counts=sums
        )

    def save(self, db: Session) -> None:
        """Write the place and the sums, in the transaction of the batch."""
        names = ("position", "line", "accepted", "rejected", "counts")
        values = {name: getattr(self, name) for name in names}
        db.execute(update(imports).where(imports.c.id == self.id).values(updated_at=now(db), **values))


def open_run(
    database: Database,
    circumstances: UnitContext,
    kind: ImportKind,
    file_name: str,
    scan: Scan,
    layout: Layout,
    parameters: Mapping[str, str],
    *,
    again: bool,
    push: str = "",
) -> tuple[Run, State]:
    """Return the run of this file: a new one, the unfinished one to go on with, or the one that is done."""
    fingerprint = _fingerprint(kind, scan, parameters, push)
    with open_unit(database, circumstances) as db:
        latest = db.execute(
            select(imports).where(imports.c.fingerprint == fingerprint).order_by(imports.c.run.desc()).limit(1)
        ).first()
        if latest is not None and not again:
            return _existing(latest, layout)
        given_up = (imports.c.fingerprint == fingerprint) & (imports.c.state == "running")
        db.execute(update(imports).where(given_up).values(state="abandoned", finished_at=now(db)))
        row = {
            "public_id": public_id(),
            "kind": kind.name,
            "fingerprint": fingerprint,
            "run": 1 if latest is None else latest.run + 1,
            "file_name": file_name[:255],
            "file_hash": scan.sha256,
            "size": scan.size,
            "layout": layout.as_dict(),
            "parameters": dict(parameters),
            "actor": circumstances.actor.label,
        } | _beginning(db, layout)
        try:
            created = db.execute(insert(imports).values(row).returning(imports)).one()
        except IntegrityError as error:
            raise _taken() from error
        return _run(created), "new"


def finish(database: Database, circumstances: UnitContext, run: Run) -> None:
    """Say that the whole file has gone through."""
    with open_unit(database, circumstances) as db:
        ours = (imports.c.id == run.id) & (imports.c.batch == run.batch) & (imports.c.state == "running")
        db.execute(update(imports).where(ours).values(state="done", finished_at=now(db), updated_at=now(db)))


def _fingerprint(kind: ImportKind, scan: Scan, parameters: Mapping[str, str], push: str) -> str:
    """Name the same content for the same purpose: a registry of another month may hold the same bytes, and so may a later push."""
    said = [kind.name, scan.sha256, sorted(parameters.items()), *([push] if push else [])]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _beginning(db: Session, layout: Layout) -> dict[str, Any]:
    moment = now(db)
    place = {"batch": 0, "position": layout.start, "line": layout.line, "accepted": 0, "rejected": 0, "counts": {}}
    return place | {"state": "running", "started_at": moment, "updated_at": moment, "finished_at": None}


def _existing(row: Row[Any], layout: Layout) -> tuple[Run, State]:
    if row.state == "done":
        return _run(row), "done"
    if row.layout != layout.as_dict():
        raise refuse(
            "layout",
            text(
                "core.imports.other_layout",
                "An import of this file was begun with other columns or another encoding. Use the same ones, or --again.",
            ),
        )
    return _run(row), "resumed"


def _run(row: Row[Any]) -> Run:
    return Run(
        row.id, row.public_id, row.batch, row.position, row.line, row.accepted, row.rejected, dict(row.counts or {})
    )


def _taken() -> PortalError:
    return PortalError(
        "imports.taken",
        text(
            "core.imports.taken",
            "Another process is importing this file right now. Wait until it ends; run again only if it was stopped.",
        ),
        409,
    )
