"""A worker in a process of its own, as `lkportal worker` runs it: `python -m tests.faults.working SETTINGS`."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path

from lkportal.app import create_app


def main(settings: str) -> None:
    """Do what is due until terminated."""
    portal = create_app(overrides=json.loads(Path(settings).read_text("utf-8")))
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
