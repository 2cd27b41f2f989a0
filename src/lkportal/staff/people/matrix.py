"""The matrix of the company's people: which role may do what, by the modules, then portal.toml, then what was changed at the desk.
Pure functions; changing it is in rules, the page in routes_roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from lkportal.accounts.contract import STAFF_ROLES
from lkportal.core.errors import StartupError
from lkportal.core.i18n import Text, text
from lkportal.core.module import Module
from lkportal.core.policy import Permission
from lkportal.core.registry.building import Registry
from lkportal.core.registry.checks import guess
from lkportal.core.registry.overlay import Overlay, RoleChange
from lkportal.staff.settings import StaffSettings

KEYS = frozenset({"staff.rights", "staff.people"})
"""The rights that make an administrator: at every moment somebody who may sign in has both."""
_TITLES: Mapping[str, Text] = {
    "operator": text("staff.duty.operator", "operator"),
    "cashier": text("staff.duty.cashier", "cashier"),
    "accountant": text("staff.duty.accountant", "accountant"),
    "specialist": text("staff.duty.specialist", "specialist"),
    "administrator": text("staff.duty.administrator", "administrator"),
    "auditor": text("staff.duty.auditor", "auditor"),
}


@dataclass(frozen=True, slots=True)
class Role:
    """A role as the desk shows it. `own`: the company declared it in portal.toml."""

    name: str
    title: Text | str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """The rights of one module: each with the roles that have it."""

    name: str
    title: Text | str
    rights: tuple[Permission, ...]


def roles(settings: StaffSettings) -> tuple[Role, ...]:
    """Return the roles of the company's people: ours first, then the company's own."""
    named = {name: settings.roles[name].title if name in settings.roles else "" for name in STAFF_ROLES}
    ours = (Role(name, named[name] or _TITLES[name]) for name in STAFF_ROLES)
    own = (Role(name, each.title or name, True) for name, each in settings.roles.items() if name not in STAFF_ROLES)
    return (*ours, *own)


def title_of(name: str, settings: StaffSettings) -> Text | str:
    """Return what a role is called; its name when no settings declare it any more."""
    return next((role.title for role in roles(settings) if role.name == name), name)


def for_staff(permission: Permission) -> bool:
    """Whether a right is one of the company's people: all but those that are of customers alone."""
    return bool(permission.staff) or not permission.roles


def blocks(registry: Registry) -> list[Block]:
    """Return the rights of staff by module, in the order of the modules."""
    found = []
    for module in registry.modules:
        rights = tuple(registry.permissions[each.name] for each in module.permissions if for_staff(each))
        if rights:
            found.append(Block(module.name, module.title, rights))
    return found


def rights_of(role: str, permissions: Mapping[str, Permission]) -> frozenset[str]:
    """Return what a role may do by a matrix."""
    return frozenset(name for name, permission in permissions.items() if role in permission.staff)


def in_conflict(registry: Registry, role: str) -> list[tuple[Permission, ...]]:
    """Return the rights of a role that stand behind acts one person should not do alone: two steps in one hand."""
    held = rights_of(role, registry.permissions)
    pairs = (conflict.rights for module in registry.modules for conflict in module.conflicts)
    return [
        tuple(registry.permissions[name] for name in rights)
        for rights in pairs
        if len(rights) > 1 and held >= {*rights}
    ]


def with_company(registry: Registry, overlay: Overlay) -> Registry:
    """Return the registry with the company's matrix in its permissions. Raises StartupError for rights nobody declares."""
    settings = registry.settings.get("staff")
    if not isinstance(settings, StaffSettings):
        return registry
    _refuse_unknown(settings, registry.installed)
    given = _declared(registry.permissions.values(), settings)
    _laid(given, overlay.roles)
    made = {
        name: replace(each, staff=tuple(role for role in given if name in given[role])) if for_staff(each) else each
        for name, each in registry.permissions.items()
    }
    return replace(registry, permissions=MappingProxyType(made))


def change_to(role: str, wanted: frozenset[str], registry: Registry, before: RoleChange) -> RoleChange:
    """Return what has to be stored, in place of `before`, so that a role may do exactly `wanted` of the rights there are.

    What was changed of modules that are off now stays as it was.
    """
    declared = [each for module in registry.modules for each in module.permissions]
    ours = frozenset(_declared(declared, registry.settings["staff"]).get(role, set()))
    known = frozenset(each.name for each in declared if for_staff(each))
    given, taken = (wanted & known) - ours, (ours & known) - wanted
    return RoleChange(given | (before.given - known), taken | (before.taken - known))


def _declared(permissions: Iterable[Permission], settings: StaffSettings) -> dict[str, set[str]]:
    """Return role -> rights by modules and portal.toml."""
    names = {role.name for role in roles(settings)}
    found: dict[str, set[str]] = {role.name: set() for role in roles(settings)}
    for permission in permissions:
        for role in permission.staff:
            if role in names:
                found[role].add(permission.name)
    for role, table in settings.roles.items():
        if table.rights is not None:
            found[role] = set(table.rights)
    return found


def _laid(given: dict[str, set[str]], changes: Mapping[str, RoleChange]) -> None:
    for role, change in changes.items():
        if role in given:
            given[role] = (given[role] | change.given) - change.taken


def _refuse_unknown(settings: StaffSettings, installed: Sequence[Module]) -> None:
    known: dict[str, Any] = {each.name: each for module in installed for each in module.permissions if for_staff(each)}
    for role, table in settings.roles.items():
        for right in table.rights or ():
            if right not in known:
                raise StartupError(
                    "role_right_unknown",
                    f"[staff.roles.{role}] names the right {right!r}, which no module declares for staff."
                    f"{guess(right, known)}",
                )
        if role not in STAFF_ROLES and not table.title:
            raise StartupError("role_untitled", f"[staff.roles.{role}] needs a title: what people call this role.")
    for right in settings.two_persons:
        if right not in known:
            raise StartupError(
                "two_persons_unknown",
                f"[staff] two_persons names the right {right!r}, which no module declares for staff.{guess(right, known)}",
            )
