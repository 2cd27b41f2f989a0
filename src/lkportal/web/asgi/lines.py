"""Who waits before a limiter and whose turn is next: strangers in one line, those who are known to us in another ahead of it.
The lines know nothing of threads and locks; limiters holds them under its own."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass

NOBODY: Mapping[str, int] = {}
IN_A_ROW = 4
"""So many of those ahead get their turn before one of the others does: nobody waits for ever."""


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """One who waits: what is told when the turn comes, and the keys by which those ahead are counted (none for strangers)."""

    come: asyncio.Future[None]
    keys: tuple[str, ...] = ()


class Lines:
    """Two bounded lines. Each key has few places ahead, so that nobody fills that line alone; who finds none stands with the
    others."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._ahead: deque[Turn] = deque()
        self._others: deque[Turn] = deque()
        self._taken: Counter[str] = Counter()
        self._row = 0

    def __len__(self) -> int:
        return len(self._ahead) + len(self._others)

    def join(self, come: asyncio.Future[None], places: Mapping[str, int] = NOBODY) -> Turn | None:
        """Let somebody wait; None when both lines open to them are full. `places` says for each key of who is known how many of
        that key may wait ahead at once."""
        if places and len(self._ahead) < self._length and all(self._taken[key] < most for key, most in places.items()):
            turn = Turn(come, tuple(places))
            self._taken.update(turn.keys)
            self._ahead.append(turn)
            return turn
        if len(self._others) >= self._length:
            return None
        turn = Turn(come)
        self._others.append(turn)
        return turn

    def leave(self, turn: Turn) -> bool:
        """Let one who waits go; False when the turn came already."""
        line = self._ahead if turn.keys else self._others
        if turn not in line:
            return False
        line.remove(turn)
        self._forget(turn)
        return True

    def following(self) -> Turn | None:
        """Take out whose turn it is now; None when nobody waits."""
        if self._ahead and (self._row < IN_A_ROW or not self._others):
            self._row += 1
            turn = self._ahead.popleft()
            self._forget(turn)
            return turn
        self._row = 0
        return self._others.popleft() if self._others else None

    def _forget(self, turn: Turn) -> None:
        self._taken.subtract(turn.keys)
        for key in turn.keys:
            if not self._taken[key]:
                del self._taken[key]
