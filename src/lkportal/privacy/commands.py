"""`lkportal privacy`: letting go of rows whose time is over, from the shell, and what would be let go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lkportal.core.unit import open_unit
from lkportal.privacy.retaining import Done, retain, would_retain


@click.group()
def privacy() -> None:
    """What is held of people."""


@privacy.command("retain")
@click.option("--dry-run", is_flag=True, help="Tell what would be let go, and change nothing.")
@click.pass_obj
def retain_rows(load: Callable[[], Any], dry_run: bool) -> None:
    """Delete or erase rows whose time is over, by the rules of the modules and [privacy.retain]. A worker does it each night."""
    portal = load()
    now, settings = portal.clock.now(), portal.settings_of("privacy")
    if dry_run:
        with portal.database.reading() as connection:
            found = would_retain(connection, portal.known, settings, now)
        _tell(found, "would be let go")
        return
    unit = lambda: open_unit(portal.database, portal.unit_context("retain"))  # noqa: E731 - a unit for each batch
    _tell(list(retain(portal.known, settings, now, unit)), "let go")


def _tell(found: list[Done], what: str) -> None:
    for done in found:
        note = "  some stay: others point at them" if done.stuck else ""
        click.echo(f"{done.table:<32}{done.act:<8}{done.rows:>10}{note}")
    click.echo(f"Rows {what}: {sum(done.rows for done in found)}")
