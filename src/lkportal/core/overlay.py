"""What staff changed since portal.toml was written: modules switched off, rights of the company's roles, and the version that
tells processes to look again. It is read with the session row, so every process swaps its registry at its next request."""

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
    """The stored overlay: its version, the modules that are switched off, the roles that were changed.

    Version 0: nothing was ever changed.
    """

    version: int = 0
    off: frozenset[str] = frozenset()
    roles: Mapping[str, RoleChange] = field(default_factory=lambda: MappingProxyType({}))


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


def switch(db: Session, module: str, *, on: bool) -> Overlay:
    """Switch a module on or off for every process; return the new overlay. Two switches at once both count."""

    def switched(value: dict[str, Any]) -> dict[str, Any]:
        off = frozenset(value.get("off", ()))
        return {**value, "off": sorted(off - {module} if on else off | {module})}

    return _changed(db, switched)


def change_role(db: Session, role: str, change: RoleChange) -> Overlay:
    """Keep what is changed of a role, in place of what was before; return the new overlay."""

    def changed(value: dict[str, Any]) -> dict[str, Any]:
        roles = {name: each for name, each in value.get("roles", {}).items() if name != role}
        if change.given or change.taken:
            roles[role] = {"given": sorted(change.given), "taken": sorted(change.taken)}
        return {**value, "roles": roles}

    return _changed(db, changed)


def touch(db: Session) -> None:
    """Tell every process to build its registry and brands anew: something they show was published."""
    _changed(db, dict)


def stand_in_line(db: Session, name: str) -> None:
    """Let no other unit of this `name` go on beside this one: rules about the whole of a table are then judged one by one."""
    db.connection().execute(_FIRST[db.get_bind().dialect.name], {"key": name, "value": {}, "version": 0})
    db.connection().execute(_STAND, {"of": name})


def _changed(db: Session, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Overlay:
    """Store a changed overlay by a conditional statement: whoever was slower reads anew and changes that."""
    connection = db.connection()
    connection.execute(_FIRST[db.get_bind().dialect.name], {"key": _KEY, "value": {"off": []}, "version": 0})
    while True:
        row = connection.execute(_READ).one()
        value = change(dict(row.value))
        if connection.execute(_WRITE, {"known": row.version, "new": value}).rowcount:
            return _overlay(row.version + 1, value)


def _overlay(version: int, value: Mapping[str, Any]) -> Overlay:
    roles = {
        name: RoleChange(frozenset(each.get("given", ())), frozenset(each.get("taken", ())))
        for name, each in value.get("roles", {}).items()
    }
    return Overlay(version, frozenset(value.get("off", ())), MappingProxyType(roles))
