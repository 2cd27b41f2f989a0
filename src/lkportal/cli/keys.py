"""`lkportal keys`: new encryption keys, and re-encryption under the newest one while the portal runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from lkportal.core.columns import keyring_of
from lkportal.core.db import Base
from lkportal.core.protection.crypto import new_key
from lkportal.core.protection.personal import load_tables
from lkportal.core.protection.rotation import rotate
from lkportal.notify.push.sealing import OwnKey


@click.group()
def keys() -> None:
    """Keys of the values that are kept encrypted."""


@keys.command("new")
@click.option("--name", default="k1", show_default=True, help="The key's name: letters and digits, each name once.")
def new(name: str) -> None:
    """Print a new key for the setting encryption_keys; put it before the older ones."""
    if not name.isalnum():
        raise click.BadParameter("A key's name is made of letters and digits.", param_hint="--name")
    click.echo(new_key(name))


@keys.command("push")
def push() -> None:
    """Print a new key for messages of the browser: the setting notify.push.key."""
    click.echo(OwnKey.new().text)


@keys.command("rotate")
@click.option("--batch", default=500, show_default=True, help="How many rows are re-encrypted in one transaction.")
@click.pass_obj
def rotate_keys(load: Callable[[], Any], batch: int) -> None:
    """Re-encrypt everything under the newest key. The portal may go on working; a stopped run continues."""
    portal = load()
    load_tables(portal.known)  # a module that is off may be switched on when the older keys are gone
    ring = keyring_of(portal.database.engine.dialect)
    count = rotate(portal.database, Base.metadata, ring, batch, _say)
    older = ", ".join(ring.names[1:])
    click.echo(f"{count} values re-encrypted, all are under the key {ring.primary or '(none)'}.")
    if older:
        click.echo(f"When every process runs with {ring.primary} first, these may leave the setting: {older}.")


def _say(context: str, count: int) -> None:
    click.echo(f"{context}: {count}")
