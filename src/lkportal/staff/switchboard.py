"""The switchboard: which modules are on, why, and whether one may be switched. Pure; the switching itself is the portal's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lkportal.core.i18n import Text, text
from lkportal.core.module import Module
from lkportal.staff.desk import Desk

Say = Callable[[Text | str], str]
_ALWAYS = text("staff.modules.always", "Part of every portal")
_NAMED = text("staff.modules.named", "Named in portal.toml")
_OFF = text("staff.modules.switched_off", "Switched off at the desk")
_ABSENT = text("staff.modules.absent", "Not named in modules.enabled of portal.toml")


@dataclass(frozen=True, slots=True)
class Switch:
    """One installed module. `refusal` says why it cannot be switched over now, None when it can."""

    name: str
    title: Text | str
    version: str
    on: bool
    reason: Text
    refusal: Text | None


def switches(desk: Desk, say: Say) -> list[Switch]:
    """Return all installed modules in the order they are known: first those that can be switched."""
    found = [_switch(desk, module, say) for module in desk.known]
    return sorted(found, key=lambda each: each.reason is _ALWAYS)


def _switch(desk: Desk, module: Module, say: Say) -> Switch:
    on = desk.registry.is_on(module.name)
    enabled = module.name in desk.settings.modules.enabled
    if module.always_on or not enabled:
        reason = _ALWAYS if module.always_on else _ABSENT
        return Switch(module.name, module.title, module.version, on, reason, reason)
    in_the_way = _in_the_way(desk, module, say, on=on)
    return Switch(module.name, module.title, module.version, on, _NAMED if on else _OFF, in_the_way)


def _in_the_way(desk: Desk, module: Module, say: Say, *, on: bool) -> Text | None:
    """Name the modules because of which this one must stay as it is."""
    if on:
        users = [each for each in desk.registry.modules if module.name in each.requires]
        return text("staff.modules.needed", "Needed by: %(names)s", names=_names(users, say)) if users else None
    missing = [each for each in desk.known if each.name in module.requires and not desk.registry.is_on(each.name)]
    return text("staff.modules.needs", "Needs first: %(names)s", names=_names(missing, say)) if missing else None


def _names(modules: list[Module], say: Say) -> str:
    return ", ".join(say(module.title) for module in modules)
