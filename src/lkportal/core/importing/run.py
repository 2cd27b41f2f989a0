"""A run: a file goes through in batches, each one transaction that also says how far it came. A run that was killed goes on
where its last batch ended; nothing is doubled, nothing lost. How rows are read lives in imports_read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Table, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lkportal.core.db import Database, limited
from lkportal.core.errors import PortalError
from lkportal.core.events import emit
from lkportal.core.i18n import Text, text
from lkportal.core.importing.kind import Applied, ImportKind, Staged, rejection
from lkportal.core.importing.layout import Layout, Reading
from lkportal.core.importing.read import Block, Reject
from lkportal.core.importing.rejects import refused_row
from lkportal.core.importing.rows import read_blocks, understand
from lkportal.core.importing.runs import Run, finish, open_run
from lkportal.core.importing.sniff import refuse
from lkportal.core.importing.stage import clear, packed, refused, stage, staging_table
from lkportal.core.importing.tables import rejects as reject_rows
from lkportal.core.unit import UnitContext, open_unit

BATCH_ROWS = {"sqlite": 20_000, "postgresql": 50_000}
"""Rows of a batch. On SQLite others wait for the write lock while a batch is written, so it is smaller there."""
BATCH_MS = 600_000
"""How long a statement of a batch may take: what holds for a page would stop an import on a busy machine."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come, told after every batch: bytes of the file, rows accepted and rejected so far."""

    done: int
    size: int
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file. `accepted + rejected` is the number of its rows, whatever happened in between.

    `already` means an earlier run had finished this file and nothing was done now; `resumed` that an earlier one was
    continued. `counts` are the kind's own sums.
    """

    import_id: int
    public_id: str
    accepted: int
    rejected: int
    counts: Mapping[str, int]
    layout: Layout
    already: bool = False
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows ready for the database, and where the next batch begins."""

    blocks: Sequence[Block]
    rows: Sequence[Any]
    count: int
    end: int
    next_line: int


@dataclass(slots=True)
class _Work:
    """What a run needs at every batch."""

    database: Database
    circumstances: UnitContext
    kind: ImportKind
    layout: Layout
    table: Table
    render: Callable[[Text], str]
    parameters: Mapping[str, str]
    file_name: str


def run_import(
    database: Database,
    circumstances: UnitContext,
    kind: ImportKind,
    path: Path,
    *,
    reading: Reading | None = None,
    parameters: Mapping[str, str] | None = None,
    again: bool = False,
    batch_rows: int = 0,
    progress: Callable[[Progress], None] | None = None,
    render: Callable[[Text], str] = str,
    push: str = "",
    digest: str = "",
) -> ImportReport:
    """Import a file, or go on with it where an earlier run of the same file stopped.

    A file that was imported to its end does nothing unless `again`. `render` puts the reasons of rejects into the reader's
    language. `push` names what came not as a file of the operator's: it stands in place of the file's name, and the same content
    under another name is imported again; `digest` is its SHA-256 if that is known. Raises PortalError: imports.* when the file
    cannot be read as this kind (nothing is written then),
    imports.changed, .taken and .batch when a run stops half-way (run it again to go on).
    """
    before = _identity(path)
    found, layout = understand(kind, path, reading or Reading(), digest)
    name = push or path.name
    known = known_parameters(kind, name, parameters or {})
    run, state = open_run(database, circumstances, kind, name, found, layout, known, again=again, push=push)
    if state != "done":
        work = _Work(database, circumstances, kind, layout, staging_table(kind), render, known, name)
        limit = batch_rows or BATCH_ROWS[database.engine.dialect.name]
        with path.open("rb") as handle:
            for moved in _batches(work, run, handle, limit, before):
                run = moved
                if progress is not None:
                    progress(Progress(run.position, found.size, run.accepted, run.rejected))
        finish(database, circumstances, run)
    return ImportReport(
        run.id, run.public_id, run.accepted, run.rejected, run.counts, layout, state == "done", state == "resumed"
    )


def known_parameters(kind: ImportKind, file_name: str, given: Mapping[str, str]) -> Mapping[str, str]:
    """Return the parameters of a run: those in the file's name and those given. Raises PortalError imports.parameter (422)."""
    unknown = sorted(set(given) - set(kind.parameters))
    if unknown:
        known = ", ".join(kind.parameters) or "-"
        raise refuse(
            "parameter",
            text(
                "core.imports.parameter",
                "%(title)s does not know the parameter %(name)s. It knows: %(known)s.",
                title=kind.title,
                name=", ".join(unknown),
                known=known,
            ),
        )
    return {**(kind.claims(file_name) or {}), **given}


def _identity(path: Path) -> tuple[int, int, int]:
    """Return what shows that a file is still the one that was scanned."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0, 0)  # scan says in a sentence what is wrong with the path
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _batches(work: _Work, run: Run, handle: BinaryIO, limit: int, before: tuple[int, int, int]) -> Iterator[Run]:
    """Write all batches and yield the run after each. While the database applies a batch, a thread reads the next one."""
    stream = _read(work, run, handle, limit)
    with ThreadPoolExecutor(1, "lkportal-import") as reader:
        current = next(stream, None)
        while current is not None:
            found = os.fstat(handle.fileno())
            if (found.st_ino, found.st_size, found.st_mtime_ns) != before:
                raise refuse(
                    "changed",
                    text(
                        "core.imports.changed",
                        "The file was changed while it was being read. Import the new file from its beginning.",
                    ),
                )
            ahead: list[Future[_Batch | None]] = []
            read_ahead = partial(_read_ahead, ahead, reader, stream)
            try:
                run = _write(work, run, current, read_ahead)
            except DBAPIError as error:
                raise _failed(run, current, error) from error
            yield run
            current = ahead[0].result() if ahead else next(stream, None)


def _read_ahead(ahead: list[Future[_Batch | None]], reader: ThreadPoolExecutor, stream: Iterator[_Batch]) -> None:
    ahead.append(reader.submit(next, stream, None))


def _read(work: _Work, run: Run, handle: BinaryIO, limit: int) -> Iterator[_Batch]:
    """Yield batches of about `limit` rows. A block's values are packed at once and let go: only its text waits for rejects."""
    waiting: list[Block] = []
    rows: list[Any] = []
    count = seen = 0
    for block in read_blocks(handle, work.kind, work.layout, run.position, run.line):
        rows.append(packed(block, is_sqlite=work.database.is_sqlite))
        count += len(block.lines)
        seen += len(block.lines) + len(block.rejects)
        block.columns = ()
        waiting.append(block)
        if seen >= limit:
            yield _Batch(waiting, rows, count, block.end, block.next_line)
            waiting, rows, count, seen = [], [], 0, 0
    if waiting:
        yield _Batch(waiting, rows, count, waiting[-1].end, waiting[-1].next_line)


def _write(work: _Work, run: Run, batch: _Batch, read_ahead: Callable[[], None]) -> Run:
    """Write a batch, its rejects and the place where the next one begins, in one transaction; return the run as it then is."""
    with open_unit(work.database, work.circumstances) as db:
        run.claim(db)
        refusals = [reject for block in batch.blocks for reject in block.rejects]
        rows = batch.count + len(refusals)
        applied = Applied()
        if batch.count:
            stage(db, work.kind, batch.rows)
            read_ahead()
            with limited(db.connection(), BATCH_MS):
                applied = work.kind.apply(db, _staged(work, run, batch))
            refusals += _marked(db, work, batch)
            clear(db)
        if refusals:
            db.execute(insert(reject_rows), [refused_row(run.id, reject, work.render) for reject in refusals])
        moved = run.moved(batch.end, batch.next_line, rows - len(refusals), len(refusals), applied.counts)
        moved.save(db)
        if applied.event is not None:
            emit(db, applied.event)
    return moved


def _staged(work: _Work, run: Run, batch: _Batch) -> Staged:
    kind, parameters = work.kind.name, work.parameters
    return Staged(work.table, batch.count, run.id, run.public_id, run.batch + 1, kind, work.file_name, parameters)


def _marked(db: Session, work: _Work, batch: _Batch) -> list[Reject]:
    """Return the rows that the kind's SQL refused, as they stand in the file."""
    found = []
    waiting = iter(batch.blocks)
    block = next(waiting)
    for line, code in refused(db, work.table):
        while line >= block.next_line:
            block = next(waiting)
        why = rejection(work.kind, code)
        original = block.original(line, work.layout.delimiter)
        value = work.layout.cell(original, work.kind, why.column)
        found.append(Reject(line, why.column, value, why.reason, original))
    return found


def _failed(run: Run, batch: _Batch, error: DBAPIError) -> PortalError:
    known = type(error.orig).__name__ if error.orig is not None else type(error).__name__
    sentence = text(
        "core.imports.batch",
        "Rows from line %(first)s to line %(last)s could not be written: the database said %(error)s. What was imported "
        "before them stands. Correct the cause and run the import again: it goes on from line %(first)s.",
        first=run.line,
        last=batch.next_line - 1,
        error=known,
    )
    return PortalError("imports.batch", sentence, 500)
