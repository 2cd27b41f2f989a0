"""Serves one ASGI subject on a port: `python -m benchmarks.serve lkportal|floor URL PORT`. The server is that of `lkportal serve`."""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.floor import Floor
from benchmarks.places import ROOT, overrides
from lkportal.app import create_app
from lkportal.cli.serve import run_server


def application(subject: str, url: str, address: str, sandbox: str) -> Any:
    """Return the ASGI application of a subject over the database at `url`."""
    portal = create_app(ROOT / "examples/utility/portal.toml", overrides=overrides(url, address, sandbox))
    if subject == "lkportal":
        return portal
    portal.start()
    return Floor(portal, url)


if __name__ == "__main__":
    subject, url, port, *rest = sys.argv[1:]
    run_server(
        application(subject, url, f"http://127.0.0.1:{port}", *(rest or ["http://127.0.0.1:9"])), "127.0.0.1", int(port)
    )
