"""The switchboard: which modules are on, to whom each is open, why, and whether one may be switched. Pure; what is stored and who
changed it stand in store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lkportal.core.i18n import Text, ntext, text
from lkportal.core.module import Module
from lkportal.core.registry.overlay import Overlay
from lkportal.core.registry.rollouts import Rollout
from lkportal.staff.desk import Desk

Say = Callable[[Text | str], str]
_ALWAYS = text("staff.modules.always", "Part of every portal")
_ON = text("staff.modules.on", "always on")
_ABSENT = text("staff.modules.absent", "Not named in modules.enabled of portal.toml")
_KINDS = {"off": "off", "staff": "inf", "accounts": "inf", "share": "warn", "all": "ok"}


@dataclass(frozen=True, slots=True)
class Switch:
    """One installed module and to whom it is open. `refusal` says why that cannot be changed at the desk, None when it can;
    `needed` why it cannot be switched off now."""

    name: str
    title: Text | str
    version: str
    rollout: Rollout
    refusal: Text | None
    needed: Text | None = None

    @property
    def state(self) -> tuple[str, Text]:
        """A kind of state with its words."""
        if self.refusal is _ALWAYS:
            return "off", _ON
        return _KINDS[self.rollout.mode], told(self.rollout)


def told(rollout: Rollout) -> Text:
    """Return in words to whom something is open."""
    match rollout.mode:
        case "off":
            return text("staff.modules.to_nobody", "off")
        case "staff":
            return text("staff.modules.to_staff", "staff only")
        case "accounts":
            return ntext("staff.modules.to_accounts", "%(n)s account", "%(n)s accounts", len(rollout.accounts))
        case "share":
            return text("staff.modules.to_share", "%(n)s%% of accounts", n=rollout.share)
    return text("staff.modules.to_all", "everybody")


def switches(desk: Desk, overlay: Overlay, say: Say) -> list[Switch]:
    """Return all installed modules in the order they are known: first those that can be switched."""
    found = [_switch(desk, overlay, module, say) for module in desk.known]
    return sorted(found, key=lambda each: each.refusal is not None)


def _switch(desk: Desk, overlay: Overlay, module: Module, say: Say) -> Switch:
    enabled = module.name in desk.settings.modules.enabled
    if module.always_on or not enabled:
        rollout = Rollout() if module.always_on else Rollout("off")
        return Switch(module.name, module.title, module.version, rollout, _ALWAYS if module.always_on else _ABSENT)
    users = [each for each in desk.registry.modules if module.name in each.requires]
    needed = text("staff.modules.needed", "Needed by: %(names)s", names=_names(users, say)) if users else None
    rollout = overlay.rollout(module.name)
    missing = [each for each in desk.known if each.name in module.requires and not desk.registry.is_on(each.name)]
    lacks = text("staff.modules.needs", "Needs first: %(names)s", names=_names(missing, say)) if missing else None
    return Switch(module.name, module.title, module.version, rollout, lacks, needed)


def followers(desk: Desk, module: str) -> list[Module]:
    """Return the modules that are closed wherever this one is, because they need it."""
    opening = desk.registry.opening
    return [each for each in desk.registry.modules if module in opening.requires.get(each.name, each.requires)]


def _names(modules: list[Module], say: Say) -> str:
    return ", ".join(say(module.title) for module in modules)
