"""`lkportal token`: tokens of the company's systems, from the shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lkportal.api import tokens
from lkportal.api.rest.scopes import Scopes
from lkportal.core.unit import open_unit

Load = Callable[[], Any]


@click.group()
def token() -> None:
    """Systems that push data or call the API."""


@token.command("add")
@click.argument("name")
@click.option("--kind", "kinds", multiple=True, help="An import kind it may push; may be given twice.")
@click.option(
    "--scope", "calls", multiple=True, help="A scope of the API it is good for, such as bills.read; may be given twice."
)
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 1830), help="How long it is good.")
@click.option("--network", "networks", multiple=True, help="A network it may be used from, such as 10.0.0.0/8.")
@click.pass_obj
def add(
    load: Load, name: str, kinds: tuple[str, ...], calls: tuple[str, ...], days: int, networks: tuple[str, ...]
) -> None:
    """Make a token for the system NAME and print it, this once: to standard output the token alone."""
    portal = load()
    known = (
        ("import kind", kinds, portal.registry.import_kinds),
        ("scope", calls, portal.ports.get(Scopes).of("systems")),
    )
    for what, asked, there in known:
        for each in asked:
            if each not in there:
                raise click.BadParameter(f"There is no {what} {each}. There are: {', '.join(sorted(there))}.")
    if not (kinds or calls):
        raise click.UsageError("Say what the token is for: --kind KIND, --scope SCOPE, or both.")
    with open_unit(portal.database, portal.unit_context("token add")) as db:
        secret, public_id = tokens.add(db, name[:80], kinds, days=days, networks=networks, scopes=calls)
    click.echo(f"{public_id}: good for {days} days. The token is not shown again:", err=True)
    click.echo(secret)


@token.command("list")
@click.pass_obj
def show(load: Load) -> None:
    """List the tokens: id, ending, name, what they may do, state."""
    portal = load()
    with portal.database.reading() as connection:
        for row in tokens.everything(connection):
            ended = "revoked" if row.revoked_at else "over" if row.expires_at <= portal.clock.now() else "good"
            click.echo(f"{row.public_id} …{row.ending} {row.name}: {', '.join(row.rights)} ({ended})")


@token.command("revoke")
@click.argument("public_id")
@click.pass_obj
def revoke(load: Load, public_id: str) -> None:
    """Revoke the token PUBLIC_ID: its next call is refused."""
    portal = load()
    with open_unit(portal.database, portal.unit_context("token revoke")) as db:
        tokens.revoke(db, public_id)
    click.echo("Revoked.")
