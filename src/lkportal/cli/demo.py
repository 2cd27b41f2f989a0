"""`lkportal demo`: an example portal with its own provider and mailbox, filled and served by one command."""

from __future__ import annotations

import importlib
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from lkportal.cli.serve import run_server
from lkportal.core.migrating import migrate
from lkportal.core.protection.crypto import new_key

SHOP, SECRET = "100500", "test_sandbox"
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
    home = _find(example)
    port = _free(port)
    data = Path("var") / example
    if fresh:
        shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True, exist_ok=True)
    mailbox = importlib.import_module("lkportal.notify.post.mailbox")
    app = importlib.import_module("lkportal.app")
    address = f"http://127.0.0.1:{port}"
    with _sandbox(address, data) as provider, mailbox.serving(data / "mailbox") as (smtp_host, smtp_port):
        overrides = _overrides(address, data.resolve(), provider, (smtp_host, smtp_port))
        if brand is not None:
            overrides["portal"]["brand_dir"] = brand.resolve()
        if db:
            overrides["database"] = {"url": db}
        portal = app.create_app(home / "portal.toml", overrides=overrides)
        _prepare(portal, home, data, accounts)
        _greet(address, home, portal)
        run_server(portal, "127.0.0.1", port)


def _free(port: int) -> int:
    """Return the port, or any free one for 0. One that is taken is told before anything is filled.

    A port that an ended demo just left is free: the server would take it as well.
    """
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} is taken by another program, perhaps an earlier demo. Choose another one: make demo PORT={port + 1000}, "
                f"or lkportal demo --port {port + 1000}."
            ) from error
        return int(taken.getsockname()[1])


def _find(example: str) -> Path:
    for folder in (Path("examples") / example, _PACKAGED / example):
        if (folder / "portal.toml").is_file():
            return folder
    known = {file.parent.name for place in (Path("examples"), _PACKAGED) for file in place.glob("*/portal.toml")}
    there = ", ".join(sorted(known)) or "none beside this folder: run the command in a checkout"
    raise click.BadParameter(f"There is no example {example}. There is: {there}.", param_hint="EXAMPLE")


def _overrides(address: str, data: Path, provider: str, smtp: tuple[str, int]) -> dict[str, Any]:
    shop = {
        "shop_id": SHOP,
        "secret_key": SECRET,
        "base_url": f"{provider}/v3",
        "payment_page_origins": [provider],
        "notification_networks": ["127.0.0.0/8", "::1/128"],
    }
    return {
        "secret_key": _kept(data / "secret_key", lambda: secrets.token_urlsafe(32)),
        "encryption_keys": [_kept(data / "encryption_key", lambda: new_key("demo"))],
        "portal": {"public_url": address, "demo": True, "data_dir": data},
        "database": {"url": f"sqlite:///{data / 'portal.db'}"},
        "mail": {"host": smtp[0], "port": smtp[1]},
        "notify": {"sms": {"gateway": "console"}},
        "payments": {"gateway": "yookassa", "yookassa": shop},
    }


def _kept(file: Path, make: Any) -> str:
    """Return the secret of an earlier demo, so that its sessions and sealed values stay readable."""
    if not file.is_file():
        file.write_text(make(), encoding="ascii")
        file.chmod(0o600)
    return file.read_text(encoding="ascii").strip()


@contextmanager
def _sandbox(address: str, data: Path) -> Iterator[str]:
    """Run the payment provider of the demo as a process of its own; yield its address."""
    command = [sys.executable, "-m", "lkportal.modules.payments.sandbox", "--port", "0", "--shop", SHOP]
    command += [
        "--secret",
        SECRET,
        "--notify",
        f"{address}/payments/hooks/yookassa",
        "--state",
        str(data / "sandbox.json"),
        "--with-parent",
    ]
    process = subprocess.Popen(  # noqa: S603 - our own module; it ends when its input closes, however we end
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line.strip():
            raise click.ClickException("The payment sandbox did not start; see what it said above.")
        yield line.split()[-1]
    finally:
        process.terminate()
        process.wait(10)


def _prepare(portal: Any, home: Path, data: Path, accounts: int | None) -> None:
    migrate.upgrade(portal.database, portal.known)
    seeding = _seeding(home)
    if not seeding.is_seeded(portal):
        count = accounts or seeding.ACCOUNTS
        click.echo(f"Filling the portal: {count} accounts with their past.")
        portal.remember_brands()
        seeding.seed(portal, data / "billing", click.echo, count)


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
