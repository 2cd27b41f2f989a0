"""`lkportal verify`: the laws of the data, checked on the live database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from sqlalchemy import text

SHOWN = 5


@click.command()
@click.pass_obj
def verify(load: Callable[[], Any]) -> None:
    """Check every invariant of every installed module. Exit code 1 when one is broken; nothing is changed."""
    broken = 0
    for name, title, rows in broken_invariants(load()):
        broken += bool(rows)
        click.echo(f"{'BROKEN' if rows else 'holds '}  {name}: {title}")
        for row in rows:
            click.echo(f"        {dict(row._mapping)}")
    raise SystemExit(1 if broken else 0)


def broken_invariants(portal: Any) -> list[tuple[str, str, list[Any]]]:
    """Return (name, title, first rows that break it) for each invariant of the installed modules."""
    found = []
    with portal.database.reading() as connection:
        for module in portal.known:
            for law in module.invariants:
                rows = connection.execute(text(law.statement)).fetchmany(SHOWN)
                found.append((law.name, law.title, list(rows)))
    return found
