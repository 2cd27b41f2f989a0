"""Opening a module step by step: to staff, to a list of accounts, to a share of all, to everybody. Pure: what is stored stands in
overlay, what it closes is asked by guard, menus, cards and notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Literal, get_args

from lkportal.core.module import Module

Mode = Literal["off", "staff", "accounts", "share", "all"]
"""off: nobody has the module, its desk pages neither. staff: the desk's pages, and customers' pages seen as a customer. accounts: the
listed ones. share: so many percent of all, and the listed ones. all: everybody."""
MODES: tuple[Mode, ...] = get_args(Mode)
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rollout:
    """To whom a module is open. `accounts` are public ids, `share` is in percent."""

    mode: Mode = "all"
    accounts: frozenset[str] = NOTHING
    share: int = 0

    def opens(self, module: str, account: str, *, staff: bool = False) -> bool:
        """Whether the module is open on an account (public id, "" for none); `staff`: somebody of the company looks at it."""
        if self.mode == "all" or (staff and self.mode != "off"):
            return True
        if self.mode not in ("accounts", "share") or not account:
            return False
        return account in self.accounts or (self.mode == "share" and place(module, account) < self.share)

    def packed(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"mode": self.mode, "accounts": sorted(self.accounts), "share": self.share}


def unpacked(value: Mapping[str, Any]) -> Rollout:
    """Return a rollout as it was stored; what a later release wrote and this one does not know is closed to customers."""
    mode = value.get("mode", "all")
    known: Mode = mode if mode in MODES else "staff"
    return Rollout(known, frozenset(value.get("accounts", ())), int(value.get("share", 0)))


def place(module: str, account: str) -> int:
    """Return the place of an account, 0 to 99, in the line in which a module opens: the same always, another for each module.

    A growing share only adds accounts, and no account comes first with everything.
    """
    return int.from_bytes(sha256(f"{module}:{account}".encode()).digest()[:8]) % 100


@dataclass(frozen=True)
class Opening:
    """What is not open to everybody, of the modules that are on. Empty on most portals: then nothing is asked."""

    rollouts: Mapping[str, Rollout]
    requires: Mapping[str, tuple[str, ...]]

    @property
    def partial(self) -> bool:
        """Whether any module is not open to everybody."""
        return bool(self.rollouts)

    def closed(self, account: str, *, staff: bool = False) -> frozenset[str]:
        """Return the modules that leave no trace on an account: those not open to it and those that need one of them."""
        if not self.rollouts:
            return NOTHING
        closed = {name for name, each in self.rollouts.items() if not each.opens(name, account, staff=staff)}
        for name, needed in self.requires.items():
            if not closed.isdisjoint(needed):
                closed.add(name)
        return frozenset(closed)

    def is_open(self, module: str, account: str, *, staff: bool = False) -> bool:
        """Whether a module is open on an account."""
        return module not in self.closed(account, staff=staff)

    def may_be_closed(self, module: str) -> bool:
        """Whether the answer to `is_open` depends on the account at all."""
        return any(each in self.rollouts for each in (module, *self.requires.get(module, ())))


def opening(modules: Sequence[Module], rollouts: Mapping[str, Rollout]) -> Opening:
    """Return what is not open to everybody among `modules`, which stand in the order in which they need one another."""
    on = {module.name: module for module in modules}
    kept = {
        name: each for name, each in rollouts.items() if name in on and each.mode != "all" and not on[name].always_on
    }
    requires: dict[str, tuple[str, ...]] = {}
    for module in modules if kept else ():
        deep = dict.fromkeys(module.requires)
        for name in module.requires:
            deep.update(dict.fromkeys(requires.get(name, ())))
        requires[module.name] = tuple(deep)
    return Opening(MappingProxyType(kept), MappingProxyType(requires))


def without(rights: frozenset[str], closed: frozenset[str]) -> frozenset[str]:
    """Return rights less those of closed modules: a right bears the name of its module."""
    return frozenset(each for each in rights if each.partition(".")[0] not in closed) if closed else rights
