"""`lkportal practice`: a company's own portal before it has a contract with a payment provider or a mail server."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from lkportal.cli.serve import run_server
from lkportal.cli.stand_ins import free_port, sandbox, stood_in
from lkportal.core.settings import read_configuration


@click.command()
@click.option("--port", default=8000, show_default=True, help="Port to serve on; 0 takes a free one.")
@click.pass_context
def practice(ctx: click.Context, port: int) -> None:
    """Serve this portal with a payment provider to practise on, and a mailbox at /mailbox for all it sends.

    Nothing leaves this machine. Refused where public_url is https: what is paid here stands in the ledger like any payment.
    """
    chosen = ctx.find_root().params.get("config") or Path("portal.toml")
    configuration = read_configuration(chosen)
    if configuration.settings.portal.public_url.startswith("https:"):
        raise click.ClickException("This portal is public (public_url is https): practise on a copy of it.")
    address = f"http://127.0.0.1:{free_port(port)}"
    data = configuration.path(configuration.settings.portal.data_dir).resolve()
    data.mkdir(parents=True, exist_ok=True)
    mailbox = importlib.import_module("lkportal.notify.post.mailbox")
    with sandbox(address, data) as provider, mailbox.serving(data / "mailbox") as smtp:
        overrides = {"portal": {"public_url": address, "demo": True}, **stood_in(provider, smtp)}
        portal = importlib.import_module("lkportal.app").create_app(chosen, overrides=overrides)
        click.echo(f"\n  {address}\n\n  What was sent: {address}/mailbox    Stop: Ctrl+C")
        run_server(portal, "127.0.0.1", int(address.rpartition(":")[2]))
