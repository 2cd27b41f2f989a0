"""What staff changed since portal.toml was written: modules switched off, and the version that tells processes to look again.
The version is read with the session row, so every process swaps its registry at its next request."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Integer, String, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from lkportal.core.columns import JSONText
from lkportal.core.db import Base

_KEY = "registry"


class State(Base):
    """A named piece of the portal's own state with a version that grows at every change."""

    __tablename__ = "core_state"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, list[str]]] = mapped_column(JSONText(), nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False)


@dataclass(frozen=True, slots=True)
class Overlay:
    """The stored overlay: its version and the modules that are switched off. Version 0: nothing was ever changed."""

    version: int = 0
    off: frozenset[str] = frozenset()


VERSION = select(State.version).where(State.key == _KEY).scalar_subquery()
_READ = select(State.version, State.value).where(State.key == _KEY)
_WRITE = (
    update(State)
    .where(State.key == _KEY, State.version == bindparam("known"))
    .values(value=bindparam("new"), version=State.version + 1)
)


def read_overlay(connection: Connection) -> Overlay:
    """Return the stored overlay."""
    row = connection.execute(_READ).first()
    return Overlay(row.version, frozenset(row.value.get("off", ()))) if row else Overlay()


def switch(db: Session, module: str, *, on: bool) -> Overlay:
    """Switch a module on or off for every process; return the new overlay. Two switches at once both count."""
    while True:
        before = read_overlay(db.connection())
        off = before.off - {module} if on else before.off | {module}
        value = {"off": sorted(off)}
        if before.version == 0:
            db.execute(insert(State).values(key=_KEY, value=value, version=1))
            return Overlay(1, off)
        if db.execute(_WRITE, {"known": before.version, "new": value}).rowcount:  # type: ignore[attr-defined]
            return Overlay(before.version + 1, off)


def touch(db: Session) -> None:
    """Tell every process to build its registry and brands anew: something they show was published."""
    before = read_overlay(db.connection())
    if before.version == 0:
        db.execute(insert(State).values(key=_KEY, value={"off": []}, version=1))
    else:
        db.execute(update(State).where(State.key == _KEY).values(version=State.version + 1))
