"""The declaration of a module: what it is, needs, and owes. Read at boot, cheap when the module is off.
How declarations become a running portal lives in registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lkportal.core.i18n import Text
from lkportal.core.policy import Permission


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a person may be told about. `default` are the channels used until they choose."""

    name: str
    title: str
    default: tuple[str, ...] = ("in_app", "email")


@dataclass(frozen=True, slots=True)
class Action:
    """Something people do that audit records: `title` is how the history of an account tells of it, "Readings sent"."""

    name: str
    title: Text


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """What a module holds of a person: which table, how to find a person's rows, and what each duty does with them.

    `path` is the column that leads to accounts or identities; `export`, `mask` name columns; `erase` maps a column to its
    replacement; `retain` says for how long the law keeps the row.
    """

    table: str
    path: str
    export: tuple[str, ...] = ()
    erase: tuple[tuple[str, str], ...] = ()
    mask: tuple[str, ...] = ()
    retain: str = ""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A law of the data. `statement` is SQL that returns the rows that break it: none means it holds."""

    name: str
    title: str
    statement: str


@dataclass(frozen=True)
class Module:
    """A module of the portal, ours or a stranger's.

    `name` prefixes its tables, routes, permissions and events; `package` is the dotted import path of its folder, where
    templates/, static/, locale/ and migrations/ are found by convention; `hooks` is the dotted path of its hook functions,
    imported only when the module is on. `append_only` names tables whose rows are never changed: the database's own role is
    denied it. `requires` are modules that must be on; `after` only orders.
    `origins` are where its forms may lead besides the portal, or a function of its settings that returns them.
    """

    name: str
    title: Text | str
    version: str
    package: str
    requires: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    needs_portal: str = ""
    models: str = ""
    hooks: str = ""
    settings: type[Any] | None = None
    permissions: tuple[Permission, ...] = ()
    topics: tuple[Topic, ...] = ()
    actions: tuple[Action, ...] = ()
    origins: tuple[str, ...] | Callable[[Any], tuple[str, ...]] = ()
    personal: tuple[PersonalTable, ...] = ()
    append_only: tuple[str, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    seed: Callable[..., Any] | None = field(default=None, compare=False)
    always_on: bool = False
    mount: str | None = None

    @property
    def prefix(self) -> str:
        """The path its routes are mounted under: "/readings", or "" for rooms whose pages stand at the root."""
        return f"/{self.name}" if self.mount is None else self.mount


def names(modules: Sequence[Module]) -> list[str]:
    """Return the names of `modules`, in order."""
    return [module.name for module in modules]
