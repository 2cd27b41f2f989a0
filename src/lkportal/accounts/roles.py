"""Roles of customers: the five built-in ones and a company's own, what each may do and how it is called. Rights are declared by
modules; the table [accounts.roles] of portal.toml widens, narrows and adds. Roles of the company's people: desk.roles."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lkportal.accounts.contract import CUSTOMER_ROLES
from lkportal.accounts.settings import RoleTable
from lkportal.core.errors import StartupError
from lkportal.core.i18n import Text, text
from lkportal.core.module import Module
from lkportal.core.policy import Permission

OWNER = "owner"
SEE, MANAGE = "accounts.view", "accounts.manage"
_KEPT = {OWNER: frozenset({SEE, MANAGE})}
TITLES = {
    "owner": text("accounts.role.owner", "Owner"),
    "payer": text("accounts.role.payer", "Pays"),
    "reader": text("accounts.role.reader", "Sends readings"),
    "accountant": text("accounts.role.accountant", "Bookkeeper"),
    "signer": text("accounts.role.signer", "Signs"),
}


class Registry(Protocol):
    """What is read of the registry: rights of the modules that are on, and of all installed ones."""

    @property
    def permissions(self) -> Mapping[str, Permission]: ...
    @property
    def installed(self) -> tuple[Module, ...]: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Roles:
    """All roles of a portal in order: what each may do among the modules that are on, and its titles by language.

    `rights` also holds what a role does not have itself but modules declare for it under its name: nothing else does.
    """

    rights: Mapping[str, frozenset[str]]
    titles: Mapping[str, Mapping[str, str]]
    permissions: Mapping[str, Permission]

    def title(self, role: str, language: str) -> Text | str:
        """Return what a role is called; its own name when it is not known any more."""
        own = self.titles.get(role, {})
        said = own.get(language) or own.get("en") or next(iter(own.values()), "")
        return said or TITLES.get(role, role)

    def said(self, role: str) -> Text | str:
        """Return what a role is called where the reader's language is not known yet."""
        own = self.titles.get(role, {})
        return next(iter(own.values()), "") or TITLES.get(role, role)

    def having(self, right: str) -> list[str]:
        """Return the roles that have a right (empty: all)."""
        return [role for role, rights in self.rights.items() if not right or right in rights]

    def manages(self, role: str) -> bool:
        """Whether whoever has this role decides who reaches the account."""
        return MANAGE in self.rights.get(role, frozenset())

    def below(self, roles: Iterable[str]) -> list[str]:
        """Return the roles that a person with `roles` may give with no more ado: none that manages people, and none that may
        more than they do. Owners give any of them."""
        held = set(roles)
        own = frozenset().union(*(self.rights.get(role, frozenset()) for role in held))
        return [
            role for role, rights in self.rights.items() if MANAGE not in rights and (OWNER in held or rights <= own)
        ]


class Levels:
    """Which rights of a role open at which level of verification. `rights` are those of roles, `gates` the level each needs."""

    def __init__(self, rights: Mapping[str, frozenset[str]], gates: Mapping[str, int]) -> None:
        self._rights = rights
        self._gates = gates
        self._open: dict[tuple[str, int], frozenset[str]] = {}

    def open(self, role: str, level: int) -> frozenset[str]:
        """Return the rights that a role has at a level."""
        found = self._open.get((role, level))
        if found is None:
            found = frozenset(each for each in self.all(role) if self._gates.get(each, 0) <= level)
            self._open[role, level] = found
        return found

    def all(self, role: str) -> frozenset[str]:
        """Return the rights of a role at the highest level."""
        return self._rights.get(role, frozenset())


def named(lists: Iterable[str | None]) -> frozenset[str]:
    """Return the rights that lists of what is switched off name, words with spaces between."""
    return frozenset(name for each in lists if each for name in each.split())


def roles_of(registry: Registry) -> Roles:
    """Return the roles of a portal. Raises StartupError for a role of the settings that names a right nobody declares."""
    settings = registry.settings.get("accounts")
    tables: Mapping[str, RoleTable] = settings.roles if settings else {}
    declared = {each.name: each for module in registry.installed for each in module.permissions}
    on = registry.permissions
    rights: dict[str, frozenset[str]] = {
        role: frozenset(p.name for p in on.values() if role in p.roles) for role in CUSTOMER_ROLES
    }
    for role, table in tables.items():
        _refuse_unfit(role, table, declared)
        before = rights.get(role, frozenset())
        whole = before if table.rights is None else frozenset(table.rights)
        changed = (whole | set(table.more) | {SEE}) - set(table.less)
        lost = _KEPT.get(role, frozenset({SEE})) - changed
        if lost:
            raise _unfit(role, f"takes {min(lost)!r} away, which this role cannot do without: leave it in")
        rights[role] = changed & on.keys()
    titles = {role: dict(table.titles) for role, table in tables.items() if table.titles}
    return Roles(rights, titles, on)


def _refuse_unfit(role: str, table: RoleTable, declared: Mapping[str, Permission]) -> None:
    customers = [name for name, each in declared.items() if each.roles or not each.staff]
    for right in (*(table.rights or ()), *table.more, *table.less):
        if right not in declared:
            near = difflib.get_close_matches(right, customers, 1)
            hint = f" Did you mean {near[0]!r}?" if near else f" Rights of customers: {', '.join(sorted(customers))}."
            raise _unfit(role, f"names the right {right!r}, which no installed module declares.{hint}")
        if right not in customers:
            raise _unfit(role, f"names {right!r}, a right of the company's people: it cannot be given to customers")
    if role not in CUSTOMER_ROLES and (table.rights is None or not table.titles):
        raise _unfit(
            role, 'is new, so it needs a title and rights, such as title = "Tenant" and rights = ["readings.view"]'
        )


def _unfit(role: str, problem: str) -> StartupError:
    return StartupError("role_unfit", f"[accounts.roles.{role}] {problem}")
