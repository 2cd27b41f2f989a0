"""A clock that several processes share: it runs faster than the machine's, and jumps when it is told to."""

from __future__ import annotations

import mmap
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_KEPT = struct.Struct("4d")
_AHEAD = struct.Struct("d")


class FastClock:
    """The clock kept in `file`: since when it runs, from which moment, how fast, and how far it was moved ahead."""

    def __init__(self, file: Path) -> None:
        self.file = file
        with file.open("r+b") as kept:
            self._kept = mmap.mmap(kept.fileno(), _KEPT.size)

    @classmethod
    def made(cls, file: Path, start: datetime, speed: float) -> FastClock:
        """Make a clock that stands at `start` now and runs `speed` times as fast as the machine's."""
        file.write_bytes(_KEPT.pack(time.time(), start.timestamp(), speed, 0.0))
        return cls(file)

    def now(self) -> datetime:
        begun, start, speed, ahead = _KEPT.unpack_from(self._kept)
        return datetime.fromtimestamp(start + (time.time() - begun) * speed + ahead, UTC)

    def advance(self, delta: timedelta) -> None:
        """Move the present of every process by `delta`."""
        place = _KEPT.size - _AHEAD.size
        (ahead,) = _AHEAD.unpack_from(self._kept, place)
        _AHEAD.pack_into(self._kept, place, ahead + delta.total_seconds())
