"""`lkportal audit`: whether the audit is what was sealed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lkportal.audit import sealer


@click.group()
def audit() -> None:
    """The trail of what people did."""


@audit.command("verify")
@click.option("--head", "known", default="", help="The hash of a seal noted earlier: it must still be in the chain.")
@click.pass_obj
def verify(load: Callable[[], Any], known: str) -> None:
    """Compute every seal anew. Prints the broken ones and exits with 1; prints the head of the chain to note elsewhere."""
    portal = load()
    moment = portal.clock.now()
    with portal.database.reading() as connection:
        broken = sealer.broken_seals(connection)
        never = sealer.never_sealed(connection, moment)
        waiting = sealer.unsealed_age(connection, moment)
        head = sealer.head(connection)
        lost = bool(known) and not sealer.holds(connection, known)
    for seal in broken:
        click.echo(f"BROKEN  seal {seal.id} of {seal.sealed_at:%Y-%m-%d %H:%M} UTC: {seal.what}")
    if never:
        click.echo(f"BROKEN  {never} records older than a day were never sealed: is a worker running?")
    if lost:
        click.echo(f"BROKEN  the seal {known} is not in the chain any more: its end was cut off.")
    if broken or never or lost:
        raise SystemExit(1)
    click.echo(
        f"The audit is whole. Oldest record without a seal: {int(waiting.total_seconds())} s. Head: {head or 'none'}"
    )
