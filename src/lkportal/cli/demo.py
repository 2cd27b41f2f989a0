"""`lkportal demo`: an example portal with its own provider and mailbox, filled and served by one command."""

from __future__ import annotations

import importlib
import secrets
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from lkportal.cli.serve import run_server
from lkportal.cli.stand_ins import free_port, sandbox, stood_in
from lkportal.core.migrating import migrate
from lkportal.core.protection.crypto import new_key

_PACKAGED = Path(__file__).parents[1] / "examples"


@click.command()
@click.argument("example", default="utility")
@click.option("--port", default=8000, show_default=True, help="Port to serve on; 0 takes a free one.")
@click.option("--brand", type=click.Path(path_type=Path, file_okay=False), help="Another brand book to wear.")
@click.option("--db", default="", help="Another database, such as postgresql://user@host/name.")
@click.option("--fresh", is_flag=True, help="Forget what earlier demos wrote and begin anew.")
@click.option("--accounts", type=click.IntRange(20), hidden=True, help="How many accounts to make: few, for tests.")
def demo(example: str, port: int, brand: Path | None, db: str, fresh: bool, accounts: int | None) -> None:
    """Serve EXAMPLE (utility or telecom) with seeded data, a sandbox for payments and a mailbox. No other service is needed."""
    if fresh and db:
        raise click.UsageError(
            "--fresh forgets the demo's folder and its keys, by which what stands in --db is sealed. Empty that database and its folder "
            "by hand, or leave one of the two out."
        )
    home = _find(example)
    port = free_port(port)
    data = Path("var") / example
    if fresh:
        shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True, exist_ok=True)
    mailbox = importlib.import_module("lkportal.notify.post.mailbox")
    app = importlib.import_module("lkportal.app")
    address = f"http://127.0.0.1:{port}"
    with sandbox(address, data) as provider, mailbox.serving(data / "mailbox") as (smtp_host, smtp_port):
        overrides = _overrides(address, data.resolve(), provider, (smtp_host, smtp_port))
        if brand is not None:
            overrides["portal"]["brand_dir"] = brand.resolve()
        if db:
            overrides["database"] = {"url": db}
        portal = app.create_app(home / "portal.toml", overrides=overrides)
        _prepare(portal, home, data, accounts)
        _greet(address, home, portal)
        run_server(portal, "127.0.0.1", port)


def _find(example: str) -> Path:
    for folder in (Path("examples") / example, _PACKAGED / example):
        if (folder / "portal.toml").is_file():
            return folder
    known = {file.parent.name for place in (Path("examples"), _PACKAGED) for file in place.glob("*/portal.toml")}
    there = ", ".join(sorted(known)) or "none beside this folder: run the command in a checkout"
    raise click.BadParameter(f"There is no example {example}. There is: {there}.", param_hint="EXAMPLE")


def _overrides(address: str, data: Path, provider: str, smtp: tuple[str, int]) -> dict[str, Any]:
    return {
        "secret_key": _kept(data / "secret_key", lambda: secrets.token_urlsafe(32)),
        "encryption_keys": [_kept(data / "encryption_key", lambda: new_key("demo"))],
        "portal": {"public_url": address, "demo": True, "data_dir": data},
        "database": {"url": f"sqlite:///{data / 'portal.db'}"},
        **stood_in(provider, smtp),
    }


def _kept(file: Path, make: Any) -> str:
    """Return the secret of an earlier demo, so that its sessions and sealed values stay readable."""
    if not file.is_file():
        file.write_text(make(), encoding="ascii")
        file.chmod(0o600)
    return file.read_text(encoding="ascii").strip()


def _prepare(portal: Any, home: Path, data: Path, accounts: int | None) -> None:
    migrate.upgrade(portal.database, portal.known)
    seeding = _seeding(home)
    if not seeding.is_seeded(portal):
        count = accounts or seeding.ACCOUNTS
        click.echo(f"Filling the portal: {count} accounts with their past.")
        portal.remember_brands()
        seeding.seed(portal, data / "billing", click.echo, count)
        importlib.import_module("lkportal.cli.examples").seed_modules(portal, tuple(seeding.CUSTOMERS))


def _seeding(home: Path) -> Any:
    """Return the example's own code: the folder is a package of its own."""
    if str(home.parent) not in sys.path:
        sys.path.insert(0, str(home.parent))
    return importlib.import_module(f"{home.name}.seed")


def _greet(address: str, home: Path, portal: Any) -> None:
    seeding = _seeding(home)
    click.echo(f"\n  {address}\n")
    for site in portal.sites[1:]:
        click.echo(f"  {site.public_url} ({portal.theme(site.key).book.name})\n")
    for login in (*seeding.CUSTOMERS, *seeding.STAFF):
        click.echo(f"  {login:<24} {seeding.PASSWORD}")
    click.echo(f"\n  What was mailed: {address}/mailbox    The example: {home}/README.md    Stop: Ctrl+C")
