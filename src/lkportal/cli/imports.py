"""`lkportal import KIND FILE`: any import kind of an enabled module. The engine is lkportal.core.imports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from lkportal.core import imports as engine
from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, ntext, text
from lkportal.core.migrating.migrate import pending

USAGE, UNREADABLE, ALL_REJECTED, STOPPED = 2, 3, 4, 5
_USAGE = {"imports.absent", "imports.kind", "imports.parameter", "imports.pair"}
_STOPPED = {"imports.changed", "imports.taken", "imports.batch", "imports.rejects_file", "imports.schema"}

Say = Callable[[Text | str], str]


@click.command("import")
@click.argument("kind", required=False)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--map", "mapping", multiple=True, metavar="COLUMN=NAME", help="Which header (or cell number) a column is."
)
@click.option("--set", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter of the kind.")
@click.option("--encoding", default="", help="utf-8, windows-1251, koi8-r or cp866; found out when left out.")
@click.option("--delimiter", default="", help="semicolon, comma or tab; found out when left out.")
@click.option("--header/--no-header", default=None, help="Whether line 1 names the columns; found out when left out.")
@click.option("--ignore-unknown", is_flag=True, help="Leave out columns that this kind does not know.")
@click.option("--preview", is_flag=True, help="Show how the first 20 rows are understood and write nothing.")
@click.option("--again", is_flag=True, help="Import from the beginning a file that was imported before.")
@click.option(
    "--rejects", type=click.Path(path_type=Path), help="Where rejected rows go; FILE.rejects.csv when left out."
)
@click.pass_obj
def import_file(load: Callable[[], Any], /, kind: str | None, file: Path | None, **options: Any) -> None:
    """Import FILE as KIND; without arguments, tell which kinds there are.

    A stopped import goes on when it is started again. Exit codes: 0 done (rejected rows, if any, are in their file),
    2 wrong arguments, 3 the file cannot be read as this kind, 4 every row was rejected, 5 stopped half-way.
    """
    portal = load()
    say: Say = portal.locales.get(None).render
    kinds = list(portal.registry.import_kinds.values())
    if kind is None or file is None:
        for known in kinds:
            click.echo(f"{known.name}: {say(known.title)} ({', '.join(column.name for column in known.columns)})")
        raise SystemExit(0 if kind is None else USAGE)
    try:
        chosen = engine.choose_kind(kinds, kind, file.name)
        reading = engine.Reading(
            _pairs(options["mapping"], "--map"),
            options["encoding"],
            options["delimiter"],
            options["header"],
            options["ignore_unknown"],
        )
        if options["preview"]:
            _show(engine.preview(chosen, file, reading), chosen, say)
            return
        _refuse_old_schema(portal)
        _import(portal, chosen, file, reading, options, say)
    except PortalError as error:
        click.echo(say(error.message), err=True)
        raise SystemExit(_exit_code(error.code)) from error


def _exit_code(code: str) -> int:
    if code in _USAGE:
        return USAGE
    return STOPPED if code in _STOPPED or not code.startswith("imports.") else UNREADABLE


def _pairs(given: Sequence[str], option: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in given]
    if not all(name and equals and value for name, equals, value in pairs):
        message = text("core.import_command.pair", "Write %(option)s as NAME=VALUE.", option=option)
        raise PortalError("imports.pair", message)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _refuse_old_schema(portal: Any) -> None:
    if pending(portal.database, portal.known):
        message = text("core.import_command.schema", "The database is not up to date. Run lkportal migrate first.")
        raise PortalError("imports.schema", message)


def _import(portal: Any, kind: engine.ImportKind, file: Path, reading: engine.Reading, options: Any, say: Say) -> None:
    parameters = _pairs(options["parameters"], "--set")
    size = file.stat().st_size if file.is_file() else 1
    with click.progressbar(length=size, label=file.name) as bar:
        report = engine.run_import(
            portal.database,
            portal.unit_context("import"),
            kind,
            file,
            reading=reading,
            parameters=parameters,
            again=options["again"],
            progress=lambda progress: bar.update(progress.done - bar.pos),
            render=say,
        )
    _tell(report, say)
    place = options["rejects"] or file.with_name(f"{file.name}.rejects.csv")
    if report.rejected:
        _keep_rejects(portal, report, place, say)
    elif not options["rejects"]:
        place.unlink(missing_ok=True)  # what an earlier run of a file of this name left there is no longer true
    if report.rejected and not report.accepted:
        message = text("core.import_command.all_rejected", "Every row was rejected. Is this the right kind of file?")
        click.echo(say(message), err=True)
        raise SystemExit(ALL_REJECTED)


_COUNTED = {
    "adjusted": text("core.import_command.adjusted", "balances adjusted"),
    "asserted": text("core.import_command.asserted", "balances told"),
    "bills": text("core.import_command.bills", "bills"),
    "known": text("core.import_command.known", "known before"),
    "lines": text("core.import_command.lines", "lines of bills"),
    "new": text("core.import_command.new", "new"),
    "operations": text("core.import_command.operations", "operations"),
}
"""What kinds of ours count, in words; what a plugin counts stands under its own name."""


def _tell(report: engine.ImportReport, say: Say) -> None:
    if report.already:
        click.echo(
            say(
                text(
                    "core.import_command.already",
                    "This file was imported before; nothing was done now. To import it from the beginning, add --again.",
                )
            )
        )
    if report.resumed:
        click.echo(say(text("core.import_command.resumed", "The import went on where it had been stopped.")))
    click.echo(say(ntext("core.import_command.accepted", "%(n)s row accepted", "%(n)s rows accepted", report.accepted)))
    click.echo(say(ntext("core.import_command.rejected", "%(n)s row rejected", "%(n)s rows rejected", report.rejected)))
    for name, count in sorted(report.counts.items()):
        click.echo(f"{say(_COUNTED[name]) if name in _COUNTED else name}: {count}")


def _keep_rejects(portal: Any, report: engine.ImportReport, place: Path, say: Say) -> None:
    try:
        with portal.database.reading() as connection:
            engine.write_rejects(connection, report.import_id, place, say)
    except OSError as error:
        raise PortalError(
            "imports.rejects_file",
            text(
                "core.import_command.rejects_file",
                "The rejected rows could not be written to %(name)s. Say with --rejects where they may go and run it again.",
                name=place.name,
            ),
        ) from error
    click.echo(
        say(text("core.import_command.rejects", "The rejected rows and their reasons: %(name)s", name=str(place)))
    )


def _show(found: engine.Preview, kind: engine.ImportKind, say: Say) -> None:
    layout = found.layout
    delimiter = {"\t": "tab"}.get(layout.delimiter, layout.delimiter)
    known = {"encoding": layout.encoding_title, "delimiter": delimiter, "line": layout.line}
    click.echo(
        say(
            text(
                "core.import_command.understood",
                "%(encoding)s, delimiter %(delimiter)s, data from line %(line)s",
                **known,
            )
        )
    )
    for name, value in found.parameters.items():
        click.echo(f"{name}: {value}")
    for column, place in zip(kind.columns, layout.positions, strict=True):
        header = layout.headers[place] if place >= 0 and layout.headers else str(place + 1) if place >= 0 else "-"
        click.echo(f"{column.name} ({say(column.title)}): {header}")
    for row in found.rows:
        if row.reject is None:
            values = zip(kind.columns, row.values, strict=True)
            shown = " | ".join("" if value is None else column.parse.show(value) for column, value in values)
        else:
            shown = f"! {row.reject.column} {row.reject.value!r} {say(row.reject.reason)}"
        click.echo(f"{row.line:>4}  {shown}")
