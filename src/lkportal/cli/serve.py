"""`lkportal serve` and `lkportal worker`: the two processes of a portal."""

from __future__ import annotations

import gc
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import click
import uvicorn

Load = Callable[[], Any]


def run_server(app: Any, host: str, port: int, proxies: tuple[str, ...] = ()) -> None:
    """Serve an ASGI application until the process is told to stop.

    Requests in flight are finished; the access log is the portal's own, so the server keeps quiet.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=20,
        timeout_keep_alive=15,
        h11_max_incomplete_event_size=32 * 1024,
        lifespan="on",
    )
    _Server(config).run()


class _Server(uvicorn.Server):
    """Uvicorn that takes what stands for good out of the collector's sight: a whole collection over it would hold up every
    answer for a fifth of a second."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then freeze what the start has made."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End live streams, which would last for minutes, then finish what is in flight."""
        edge = getattr(self.config.app, "edge", None)
        if edge is not None:
            edge.streams.close()
        await super().shutdown(sockets)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.pass_obj
def serve(load: Load, host: str, port: int) -> None:
    """Serve the portal over HTTP; put a proxy with TLS before it."""
    portal = load()
    click.echo(f"Serving {portal.settings.portal.public_url} on http://{host}:{port}")
    run_server(portal, host, port)


@click.command()
@click.option("--once", is_flag=True, help="Do what is due and leave: for cron and tests.")
@click.pass_obj
def worker(load: Load, once: bool) -> None:
    """Relay events, run jobs and schedules until stopped. Any number of workers may run."""
    portal = load()
    portal.start(in_web=False)
    mine = portal.worker()
    if once:
        click.echo(f"{mine.run_once()} jobs done.")
        return
    stop = threading.Event()

    def leave(*_: object) -> None:
        stop.set()
        mine.wake()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, leave)
    click.echo(f"Worker {mine.name} is at work.")
    mine.run(stop)
