"""The order of cards as a person settled it: plain data and pure functions. Where it is kept lives in service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Act = Literal["up", "down", "hide", "show", "pin", "unpin"]
_HIDDEN, _PINNED = "-", "^"


@dataclass(frozen=True, slots=True)
class Layout:
    """The cards of one person on one account, by name. `order` is theirs; what it does not name stands where its module put it."""

    order: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    pinned: frozenset[str] = frozenset()

    @classmethod
    def read(cls, kept: str) -> Layout:
        """Return the layout that `str()` of one wrote: names in order, "^" before a pinned and "-" before a hidden one."""
        words = kept.split()
        return cls(
            tuple(word.lstrip(_HIDDEN + _PINNED) for word in words),
            frozenset(word[1:] for word in words if word.startswith(_HIDDEN)),
            frozenset(word[1:] for word in words if word.startswith(_PINNED)),
        )

    def __str__(self) -> str:
        return " ".join(self._mark(name) + name for name in self.order)

    def __bool__(self) -> bool:
        return bool(self.order)

    def arranged(self, names: Sequence[str]) -> list[str]:
        """Return `names`, given in the order of their modules, as this person wants them: the pinned first.

        A card that came later stands behind the one it follows by default, so that a new one is never lost at the end.
        """
        found = [name for name in self.order if name in names]
        for place, name in enumerate(names):
            if name not in self.order:
                found.insert(found.index(names[place - 1]) + 1 if place else 0, name)
        return sorted(found, key=lambda name: name not in self.pinned)

    def changed(self, act: Act, name: str, names: Sequence[str]) -> Layout:
        """Return the layout after `act` on the card `name`; `names` are the cards there are, in the order of their modules.

        Up and down go past the next card that is seen, among the pinned or among the others; at the end nothing moves.
        """
        arranged = self.arranged(names)
        away = [kept for kept in self.order if kept not in names]
        match act:
            case "up" | "down":
                return replace(self, order=(*self._moved(arranged, name, -1 if act == "up" else 1), *away))
            case "hide":
                kept = replace(self, hidden=self.hidden | {name}, pinned=self.pinned - {name})
            case "show":
                kept = replace(self, hidden=self.hidden - {name})
            case "pin":
                kept = replace(self, hidden=self.hidden - {name}, pinned=self.pinned | {name})
            case _:
                kept = replace(self, pinned=self.pinned - {name})
        return replace(kept, order=(*arranged, *away))

    def _moved(self, arranged: list[str], name: str, step: int) -> list[str]:
        mates = [each for each in arranged if self._kind(each) == self._kind(name)]
        at = mates.index(name) + step
        if not 0 <= at < len(mates):
            return arranged
        mine, other = arranged.index(name), arranged.index(mates[at])
        arranged.insert(other, arranged.pop(mine))
        return arranged

    def _kind(self, name: str) -> str:
        return _HIDDEN if name in self.hidden else _PINNED if name in self.pinned else ""

    def _mark(self, name: str) -> str:
        return self._kind(name)
