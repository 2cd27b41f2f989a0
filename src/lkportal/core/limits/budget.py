"""A small allowance a minute inside one process, for what strangers can make us write. Limits shared by processes are in rates."""

from __future__ import annotations

from time import monotonic


class Budget:
    """At most `most` takings a minute; what is over is simply not done."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most
        self._since = monotonic()

    def take(self) -> bool:
        """Take one if there is one left."""
        now = monotonic()
        if now - self._since >= 60:
            self._since, self._left = now, self._most
        if self._left <= 0:
            return False
        self._left -= 1
        return True
