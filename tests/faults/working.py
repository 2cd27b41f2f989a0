"""A worker in a process of its own, as `lkportal worker` runs it: `python -m tests.faults.working SETTINGS`."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lkportal.app import create_app
from tests.faults.fast_clock import FastClock


def main(settings: str) -> None:
    """Do what is due of the portal whose settings stand in a file, until terminated."""
    work(json.loads(Path(settings).read_text("utf-8")))


def work(overrides: Mapping[str, Any], clock: str = "") -> None:
    """Do what is due until terminated, by the machine's clock or one that is kept in a file."""
    portal = create_app(overrides=overrides, clock=FastClock(Path(clock)) if clock else None)
    portal.start(in_web=False)
    worker, stop = portal.worker(), threading.Event()

    def leave(*_: object) -> None:
        stop.set()
        worker.wake()

    signal.signal(signal.SIGTERM, leave)
    print("at work", flush=True)
    worker.run(stop)


if __name__ == "__main__":
    main(sys.argv[1])
