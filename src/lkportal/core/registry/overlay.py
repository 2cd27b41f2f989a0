"""What staff changed since portal.toml was written: modules switched off or opened to some, settings, rights of the company's roles,
and the version that tells processes to look again. It is read with the session row, so every process swaps its registry at its next request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Integer, String, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from lkportal.core.columns import JSONText
from lkportal.core.db import Base
from lkportal.core.registry.rollouts import Rollout, unpacked

_KEY = "registry"


class State(Base):
    """A named piece of the portal's own state with a version that grows at every change."""

    __tablename__ = "core_state"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False)


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What the company changed of a role of its people: rights given and taken beside what modules and settings say."""

    given: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Overlay:
    """The stored overlay: its version, the modules that are switched off, the roles that were changed, the modules that are not
    open to everybody, and values of settings by module and key ("autopay.notice_days").

    Version 0: nothing was ever changed.
    """

    version: int = 0
    off: frozenset[str] = frozenset()
    roles: Mapping[str, RoleChange] = field(default_factory=lambda: MappingProxyType({}))
    rollouts: Mapping[str, Rollout] = field(default_factory=lambda: MappingProxyType({}))
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))

    def rollout(self, module: str) -> Rollout:
        """Return to whom a module is open by what staff stored."""
        return Rollout("off") if module in self.off else self.rollouts.get(module, Rollout())

    def opened(self, module: str, rollout: Rollout) -> Overlay:
        """Return the overlay in which a module is open to others."""
        return _overlay(self.version, _opened(self.packed(), module, rollout))

    def valued(self, module: str, key: str, value: Any) -> Overlay:
        """Return the overlay with another value of a setting; None: that of portal.toml again."""
        return _overlay(self.version, _valued(self.packed(), module, key, value))

    def packed(self) -> dict[str, Any]:
        """Return it as it is stored, without its version."""
        roles = {name: {"given": sorted(each.given), "taken": sorted(each.taken)} for name, each in self.roles.items()}
        rollouts = {name: each.packed() for name, each in self.rollouts.items()}
        values = {name: dict(each) for name, each in self.values.items()}
        return {"off": sorted(self.off), "roles": roles, "rollouts": rollouts, "values": values}


VERSION = select(State.version).where(State.key == _KEY).scalar_subquery()
_READ = select(State.version, State.value).where(State.key == _KEY)
_WRITE = (
    update(State)
    .where(State.key == _KEY, State.version == bindparam("known"))
    .values(value=bindparam("new", type_=JSONText()), version=State.version + 1)
    .execution_options(preserve_rowcount=True, synchronize_session=False)
)
_FIRST = {
    "sqlite": sqlite.insert(State).on_conflict_do_nothing().inline(),
    "postgresql": postgresql.insert(State).on_conflict_do_nothing().inline(),
}
_STAND = (
    update(State)
    .where(State.key == bindparam("of"))
    .values(version=State.version + 1)
    .execution_options(synchronize_session=False)
)


def read_overlay(connection: Connection) -> Overlay:
    """Return the stored overlay."""
    row = connection.execute(_READ).first()
    return _overlay(row.version, row.value) if row else Overlay()


def change_role(db: Session, role: str, change: RoleChange) -> Overlay:
    """Keep what is changed of a role, in place of what was before; return the new overlay."""

    def changed(value: dict[str, Any]) -> dict[str, Any]:
        roles = {name: each for name, each in value.get("roles", {}).items() if name != role}
        if change.given or change.taken:
            roles[role] = {"given": sorted(change.given), "taken": sorted(change.taken)}
        return {**value, "roles": roles}

    return _changed(db, changed)


def open_to(db: Session, module: str, rollout: Rollout, seen: Rollout) -> Overlay | None:
    """Open a module to others for every process; return the new overlay, or None when it is no more open as it was `seen`."""
    return _changed_if(
        db, lambda value: _overlay(0, value).rollout(module) == seen, lambda value: _opened(value, module, rollout)
    )


def set_value(db: Session, module: str, key: str, value: Any, seen: Any) -> Overlay | None:
    """Keep a setting's value in place of that of portal.toml (None: that again) for every process; return the new overlay, or
    None when the stored value is no more the one that was `seen`."""
    return _changed_if(
        db,
        lambda stored: stored.get("values", {}).get(module, {}).get(key) == seen,
        lambda stored: _valued(stored, module, key, value),
    )


def touch(db: Session) -> None:
    """Tell every process to build its registry and brands anew: something they show was published."""
    _changed(db, dict)


def stand_in_line(db: Session, name: str) -> None:
    """Let no other unit of this `name` go on beside this one: rules about the whole of a table are then judged one by one."""
    db.connection().execute(_FIRST[db.get_bind().dialect.name], {"key": name, "value": {}, "version": 0})
    db.connection().execute(_STAND, {"of": name})


def _opened(value: dict[str, Any], module: str, rollout: Rollout) -> dict[str, Any]:
    off = frozenset(value.get("off", ()))
    rollouts = {name: each for name, each in value.get("rollouts", {}).items() if name != module}
    if rollout.mode not in ("off", "all"):
        rollouts[module] = rollout.packed()
    return {**value, "off": sorted(off | {module} if rollout.mode == "off" else off - {module}), "rollouts": rollouts}


def _valued(value: dict[str, Any], module: str, key: str, wanted: Any) -> dict[str, Any]:
    values = {name: dict(each) for name, each in value.get("values", {}).items()}
    own = {name: each for name, each in values.pop(module, {}).items() if name != key}
    if wanted is not None:
        own[key] = wanted
    return {**value, "values": {**values, module: own} if own else values}


def _changed(db: Session, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Overlay:
    """Store a changed overlay by a conditional statement: whoever was slower reads anew and changes that."""
    changed = _changed_if(db, lambda _value: True, change)
    assert changed is not None
    return changed


def _changed_if(
    db: Session, fits: Callable[[dict[str, Any]], bool], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> Overlay | None:
    connection = db.connection()
    connection.execute(_FIRST[db.get_bind().dialect.name], {"key": _KEY, "value": {"off": []}, "version": 0})
    while True:
        row = connection.execute(_READ).one()
        if not fits(dict(row.value)):
            return None
        value = change(dict(row.value))
        if connection.execute(_WRITE, {"known": row.version, "new": value}).rowcount:
            return _overlay(row.version + 1, value)


def _overlay(version: int, value: Mapping[str, Any]) -> Overlay:
    roles = {
        name: RoleChange(frozenset(each.get("given", ())), frozenset(each.get("taken", ())))
        for name, each in value.get("roles", {}).items()
    }
    rollouts = {name: unpacked(each) for name, each in value.get("rollouts", {}).items()}
    values = {name: MappingProxyType(dict(each)) for name, each in value.get("values", {}).items()}
    return Overlay(
        version,
        frozenset(value.get("off", ())),
        MappingProxyType(roles),
        MappingProxyType(rollouts),
        MappingProxyType(values),
    )
