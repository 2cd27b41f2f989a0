"""The edge on a real socket, for what a test client cannot show: bodies that lie, streams, slots."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from lkportal.web import Edge


@contextmanager
def served(edge: Edge) -> Iterator[tuple[str, int]]:
    """Serve the edge on a free port of the loopback address; gives (host, port)."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(edge, log_config=None, lifespan="off", http="httptools", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def speak(address: tuple[str, int], request: bytes, *, seconds: float = 10) -> bytes:
    """Send raw bytes and return all that comes back until the server closes or falls silent."""
    with socket.create_connection(address, timeout=seconds) as peer:
        peer.sendall(request)
        return hear(peer)


def hear(peer: socket.socket) -> bytes:
    """Return the head of an answer and the first part of its body."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        chunk = peer.recv(65536)
        if not chunk:
            break
        heard += chunk
    return heard


def status_of(answer: bytes) -> int:
    """Return the status of a raw answer."""
    return int(answer.split(b" ", 2)[1])
