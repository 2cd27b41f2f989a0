"""`lkportal database`: what the database itself must keep the portal from doing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lkportal.core.databases.privileges import restrict as grant


@click.group()
def database() -> None:
    """Rights of the portal's own user of the database."""


@database.command("restrict")
@click.argument("role")
@click.pass_obj
def restrict(load: Callable[[], Any], role: str) -> None:
    """Let ROLE run the portal, but never change or delete a row of ledger and audit.

    Run it as the owner of the tables after each `lkportal migrate`, and let `serve` and `worker` connect as ROLE.
    PostgreSQL only.
    """
    portal = load()
    if portal.database.is_sqlite:
        raise click.ClickException("SQLite knows no roles: this needs PostgreSQL, see database.url.")
    with portal.database.unit() as db:
        closed = grant(db.connection(), role, portal.known)
    click.echo(f"{role} may run the portal. It may only add to: {', '.join(closed)}.")
