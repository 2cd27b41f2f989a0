"""`lkportal migrate`: bring the tables of all installed modules up to date, or write a module's next migration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lkportal.core.migrating import migrate as migrations
from lkportal.core.migrating.make import autogenerate


@click.command()
@click.option("--check", is_flag=True, help="Only tell what would be done; exit code 1 when something would.")
@click.option("--make", "module", help="For developers: write the next migration of this module.")
@click.option("--message", default="change", show_default=True, help="What the new migration does, in a word or two.")
@click.pass_obj
def migrate(load: Callable[[], Any], check: bool, module: str | None, message: str) -> None:
    """Apply what is pending, module by module. Safe to run twice and from two machines at once."""
    portal = load()
    if module:
        _make(portal, module, message)
        return
    waiting = migrations.pending(portal.database, portal.known)
    if check:
        for name, revision in waiting:
            click.echo(f"{name}: {revision}")
        raise SystemExit(1 if waiting else 0)
    for name, revision in migrations.upgrade(portal.database, portal.known):
        click.echo(f"{name}: {revision}")
    click.echo("The database is up to date.")


def _make(portal: Any, name: str, message: str) -> None:
    chosen = next((each for each in migrations.with_core(portal.known) if each.name == name), None)
    if chosen is None:
        raise click.BadParameter(f"There is no module {name}.", param_hint="--make")
    path = autogenerate(portal.database, chosen, message)
    click.echo(f"Written: {path}" if path else "Models and tables agree: there is nothing to write.")
