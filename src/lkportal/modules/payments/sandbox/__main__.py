"""Runs the sandbox as a process of its own. Prints one line with its address when it listens."""

from __future__ import annotations

import argparse
import socket
import sys
import threading

import uvicorn

from .app import create_app


def main() -> None:
    """Read the arguments, listen, serve until told to stop."""
    parser = argparse.ArgumentParser(prog="sandbox", description="A payment provider to practise on (YooKassa API v3).")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--shop", required=True, help="shop id the merchant signs in with")
    parser.add_argument("--secret", required=True, help="secret key the merchant signs in with")
    parser.add_argument("--notify", default="", help="the merchant's address for notices")
    parser.add_argument("--state", default=":memory:", help="a file that keeps everything over a restart")
    parser.add_argument("--public-url", default="", help="how browsers reach this process, when it differs")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input closes")
    options = parser.parse_args()
    listener = socket.create_server((options.host, options.port))
    host, port = listener.getsockname()[:2]
    sys.stdout.write(f"Sandbox provider listens on http://{host}:{port}\n")
    sys.stdout.flush()
    app = create_app(options.shop, options.secret, options.notify, options.state, options.public_url)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1, lifespan="on")
    server = uvicorn.Server(config)
    if options.with_parent:
        threading.Thread(target=_leave_with_parent, args=(server,), daemon=True).start()
    server.run(sockets=[listener])


def _leave_with_parent(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
