"""What stands in for others on one machine: the payment provider to practise on, the mailbox. Used by `demo` and `practice`."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

SHOP, SECRET = "100500", "test_sandbox"


def free_port(port: int) -> int:
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
                f"or --port {port + 1000}."
            ) from error
        return int(taken.getsockname()[1])


@contextmanager
def sandbox(address: str, data: Path) -> Iterator[str]:
    """Run a payment provider to practise on as a process of its own, its books in `data`; yield its address."""
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
    with subprocess.Popen(  # noqa: S603 - our own module; it ends when its input closes, however we end
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.strip():
                raise click.ClickException("The payment sandbox did not start; see what it said above.")
            yield line.split()[-1]
        finally:
            process.terminate()
            process.wait(10)


def stood_in(provider: str, smtp: tuple[str, int]) -> dict[str, Any]:
    """Return the settings by which payments go to `provider` and letters to the mailbox that listens at `smtp`."""
    shop = {
        "shop_id": SHOP,
        "secret_key": SECRET,
        "base_url": f"{provider}/v3",
        "payment_page_origins": [provider],
        "notification_networks": ["127.0.0.0/8", "::1/128"],
    }
    return {
        "mail": {"host": smtp[0], "port": smtp[1]},
        "notify": {"sms": {"gateway": "console"}},
        "payments": {"gateway": "yookassa", "yookassa": shop},
    }
