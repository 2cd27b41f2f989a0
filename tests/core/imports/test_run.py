"""A run takes every row once, says how far it came in the same transaction, and goes on from there after any stop."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update

from lkportal.core import imports as engine
from lkportal.core.db import Database
from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text
from lkportal.core.importing.rejects import formula_safe
from lkportal.core.importing.run import BATCH_ROWS
from lkportal.core.importing.tables import imports, rejects
from lkportal.core.tables import outbox
from tests.core.imports.world import DEBTS, KIND, circumstances, create, totals, write_file
from tests.core.jobs_kit import Site, make_tables

ROWS, BAD_EVERY = 1_000, 10
REJECTED = ROWS // BAD_EVERY
Run = Callable[..., engine.ImportReport]


@pytest.fixture
def ready(database: Database) -> Database:
    create(database, ROWS // 8)
    return database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_file(tmp_path / "charges.csv", ROWS, BAD_EVERY)


@pytest.fixture
def run(ready: Database, file: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("lkportal.core.importing.read.BLOCK_BYTES", 4_000)

    def go(path: Path = file, kind: engine.ImportKind = KIND, **options: object) -> engine.ImportReport:
        options.setdefault("batch_rows", 150)
        return engine.run_import(ready, circumstances(), kind, path, **options)  # type: ignore[arg-type]

    return go


def rows_of(database: Database, import_id: int) -> int:
    with database.reading() as connection:
        count = connection.execute(select(func.count()).where(rejects.c.import_id == import_id)).scalar_one()
    return int(count)


def test_accepted_and_rejected_are_all_rows(ready: Database, run: Run) -> None:
    told: list[engine.Progress] = []
    report = run(progress=told.append)
    assert (report.accepted, report.rejected) == (ROWS - REJECTED, REJECTED)
    assert totals(ready)[0] == ROWS - REJECTED
    assert rows_of(ready, report.import_id) == REJECTED
    assert report.counts == {"batches": len(told)}
    assert len(told) > 3
    assert told[-1].done == told[-1].size
    with ready.reading() as connection:
        bodies = [row.body for row in connection.execute(select(outbox.c.body).order_by(outbox.c.id))]
        assert [body["batch"] for body in bodies] == list(range(1, len(told) + 1))
        assert {body["import_id"] for body in bodies} == {report.public_id}
        row = connection.execute(select(imports)).one()
    assert (row.state, row.kind, row.file_name, row.actor, row.position) == (
        "done",
        "proof",
        "charges.csv",
        "system",
        row.size,
    )


def test_a_finished_file_does_nothing_again_unless_asked(ready: Database, run: Run, file: Path) -> None:
    first, books = run(), totals(ready)
    again = run()
    assert again.already
    assert (again.public_id, again.accepted) == (first.public_id, first.accepted)
    renamed = file.rename(file.with_name("the same under another name.csv"))
    assert run(renamed).already
    repeated = run(renamed, again=True)
    assert not repeated.already
    assert repeated.public_id != first.public_id
    assert repeated.accepted == first.accepted
    assert totals(ready) == books


def test_a_registry_of_another_month_is_another_import_though_its_bytes_are_the_same(run: Run, tmp_path: Path) -> None:
    names = [f"7707083893_40702810900000000001_{number}_{number}26.txt" for number in (10, 11)]
    reports = []
    for name in names:
        (tmp_path / name).write_text("7;Иванова;10,00\n", encoding="koi8-r")
        reports.append(run(tmp_path / name, DEBTS))
    assert not any(report.already for report in reports)
    with pytest.raises(PortalError, match="does not know the parameter month_of"):
        run(tmp_path / names[0], DEBTS, parameters={"month_of": "x"})


class Stopped(Exception):
    """The process dies here, as far as the database is concerned."""


def test_a_stop_at_any_statement_or_commit_loses_and_doubles_nothing(ready: Database, run: Run) -> None:
    """The import is broken at the 1st moment, then at the 2nd and so on, going on each time from what was committed."""
    seen, stops = 0, 0

    def stop_at(number: int) -> Callable[[str, str], None]:
        left = number

        def observer(moment: str, _sql: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Stopped

        return observer

    finished = None
    while finished is None:
        seen += 1
        with ready.observe(stop_at(seen)):
            try:
                finished = run(batch_rows=400)
            except (Stopped, PortalError):
                stops += 1
        assert stops < 200
    assert stops > 20
    assert (finished.accepted, finished.rejected) == (ROWS - REJECTED, REJECTED)
    assert totals(ready)[0] == ROWS - REJECTED
    assert rows_of(ready, finished.import_id) == REJECTED
    with ready.reading() as connection:
        batches = connection.execute(select(func.count()).select_from(outbox)).scalar_one()
        assert connection.execute(select(imports.c.batch)).scalar_one() == batches


def test_going_on_with_other_columns_is_refused(ready: Database, run: Run) -> None:
    report = run()
    with ready.unit() as db:
        db.execute(update(imports).values(state="running"))
    with pytest.raises(PortalError, match="begun with other columns"):
        run(reading=engine.Reading(mapping={"volume": "Тариф", "rate": "Объём"}))
    assert run(again=True).public_id != report.public_id
    with ready.reading() as connection:
        assert connection.execute(select(imports.c.state).order_by(imports.c.id)).scalars().all() == [
            "abandoned",
            "done",
        ]


def test_two_processes_do_not_write_the_same_batch(ready: Database, run: Run) -> None:
    """The second one begins while the first is between batches: one of them is told to leave, nothing is doubled."""
    refusals: list[PortalError] = []

    def intrude(progress: engine.Progress) -> None:
        if progress.done < progress.size:
            run()

    try:
        run(progress=intrude)
    except PortalError as error:
        refusals.append(error)
    assert [error.code for error in refusals] == ["imports.taken"]
    assert run().already
    assert totals(ready)[0] == ROWS - REJECTED


def test_a_file_that_changes_meanwhile_stops_the_run(run: Run, file: Path) -> None:
    def spoil(_progress: engine.Progress) -> None:
        with file.open("ab") as handle:
            handle.write(b"one more\n")

    with pytest.raises(PortalError, match="changed while it was being read"):
        run(progress=spoil)


def test_a_batch_that_the_database_refuses_is_named_by_its_lines(ready: Database, run: Run) -> None:
    def broken(db: object, staged: engine.Staged) -> engine.Applied:
        if staged.batch == 2:
            KIND.apply(db, staged)  # type: ignore[arg-type]
            db.execute(text("INSERT INTO proof_bills (account_id, period) VALUES (NULL, NULL)"))  # type: ignore[attr-defined]
        return KIND.apply(db, staged)  # type: ignore[arg-type]

    with pytest.raises(PortalError, match=r"Rows from line (\d+) to line \d+ .* goes on from line \1") as refused:
        run(kind=replace(KIND, apply=broken))
    assert refused.value.code == "imports.batch"
    kept = totals(ready)[0]
    assert 0 < kept < ROWS - REJECTED
    report = run()
    assert report.resumed
    assert report.accepted + report.rejected == ROWS
    assert totals(ready)[0] == ROWS - REJECTED


def test_a_file_that_cannot_be_read_leaves_no_trace(ready: Database, run: Run, file: Path) -> None:
    file.write_bytes(file.read_bytes() + "Иванова\n".encode()[:-2] + b"\x98\n")
    with pytest.raises(PortalError):
        run(reading=engine.Reading(encoding="utf-8"))
    with ready.reading() as connection:
        assert connection.execute(select(func.count()).select_from(imports)).scalar_one() == 0


def test_rejects_are_written_safe_for_spreadsheets(ready: Database, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text(
        "account;service;period;amount\n=1+1;вода;10.2026;1,00\n99;вода;10.2026;-\n"
        '999;"ООО ""Вода""";10.2026;1,00\n0000000001;@cmd;10.2026;2,00\n',
        encoding="utf-8",
    )

    def render(reason: Text) -> str:
        return f"<{reason.key}>"

    report = run(file, render=render)
    assert (report.accepted, report.rejected) == (1, 3)
    place = tmp_path / "rejects.csv"
    with ready.reading() as connection:
        engine.write_rejects(connection, report.import_id, place)
    written = place.read_bytes().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(written), delimiter=";"))[1:] == [
        ["2", "account", "'=1+1", "<core.imports.not_account>", "'=1+1;вода;10.2026;1,00"],
        ["3", "amount", "'-", "<core.imports.not_money>", "99;вода;10.2026;-"],
        ["4", "account", "999", "<proof.unknown_account>", '999;"ООО ""Вода""";10.2026;1,00'],
    ]
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []
    assert [formula_safe(cell) for cell in ("+7", "@a", "\tx", "a=b")] == ["'+7", "'@a", "'\tx", "a=b"]


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_text_arrives_as_it_was_written(ready: Database, run: Run, tmp_path: Path, delimiter: str) -> None:
    odd = ["back\\slash", "\\N", "tab\there", "two\nlines", 'a "quoted" word', "'apostrophe", "\\.", "Ёж — «щука»"]
    file = tmp_path / "odd.csv"
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, delimiter=delimiter)
        writer.writerow(["account", "service", "period", "amount", "volume"])
        writer.writerows(["0000000001", service, "10.2026", "1,00", ""] for service in odd)
    report = run(file)
    assert (report.accepted, report.rejected) == (len(odd), 0)
    with ready.reading() as connection:
        found = connection.execute(text("SELECT service, volume, charged_on FROM proof_lines")).all()
    assert {row.service for row in found} == set(odd)
    assert {(row.volume, row.charged_on) for row in found} == {(None, None)}


def test_others_write_while_an_import_runs(ready: Database, run: Run, tmp_path: Path) -> None:
    """People's own units get their turn between batches; the longest wait is of the order of a batch."""
    file = write_file(tmp_path / "long.csv", 6_000)
    waits: list[float] = []
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            begun = time.monotonic()
            with ready.unit() as db:
                db.execute(text("UPDATE proof_accounts SET number = number WHERE id = 1"))
            waits.append(time.monotonic() - begun)
            time.sleep(0.002)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        report = run(file, batch_rows=500)
    finally:
        over.set()
        writer.join()
    assert report.accepted + report.rejected == 6_000
    assert len(waits) > 5
    assert max(waits) < 5


def test_batches_are_smaller_where_others_wait_for_the_write_lock() -> None:
    assert BATCH_ROWS["sqlite"] < BATCH_ROWS["postgresql"]


def test_the_preview_writes_nothing_and_shows_what_would_be_refused(file: Path) -> None:
    before = file.stat()
    found = engine.preview(KIND, file)
    assert len(found.rows) == 20
    assert [row.line for row in found.rows] == list(range(2, 22))
    assert found.rows[0].reject is None
    refused = found.rows[19].reject
    assert refused is not None
    assert (refused.line, refused.column, refused.value) == (21, "amount", "много")
    assert file.stat().st_mtime_ns == before.st_mtime_ns


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    opened = Database.connect(database_url, pool_size=10)
    make_tables(opened)
    create(opened, ROWS // 8)
    yield Site(opened, database_url, "table")
    opened.close()


def test_rejected_rows_are_let_go_after_their_time_and_the_record_stays(site: Site, tmp_path: Path) -> None:
    file = write_file(tmp_path / "charges.csv", ROWS, 2)
    report = engine.run_import(site.database, replace(circumstances(), clock=site.clock), KIND, file)
    worker = site.worker()
    worker.run_once()
    site.clock.advance(timedelta(days=20))
    worker.run_once()
    assert rows_of(site.database, report.import_id) == report.rejected > 0
    site.clock.advance(timedelta(days=20))
    worker.run_once()
    assert rows_of(site.database, report.import_id) == 0
    with site.database.reading() as connection:
        assert connection.execute(select(imports.c.rejected)).scalar_one() == report.rejected
