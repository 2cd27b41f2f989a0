"""The map of data: every table that holds something of people, what, why and for how long. Made of the declarations alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lkportal.core.i18n import Text, text
from lkportal.core.module import Module, PersonalTable
from lkportal.core.protection.personal import Way
from lkportal.core.protection.retention import Retention
from lkportal.core.registry.building import Registry
from lkportal.privacy.collecting import declarations
from lkportal.privacy.erasure import in_words, rule_of
from lkportal.privacy.settings import PrivacySettings

_OF = {
    "person": text("privacy.map.person", "of a person"),
    "account": text("privacy.map.account", "of an account"),
    "label": text("privacy.map.label", "by public id"),
    "public_id": text("privacy.map.label", "by public id"),
    "contact": text("privacy.map.contact", "by an address or number"),
}
_GROWS = text("privacy.map.grows", "only added to; nothing in it names a person")
_END = {
    "delete": text("privacy.map.deleted", "then deleted"),
    "erase": text("privacy.map.erased", "then without names"),
    "keep": text("privacy.map.stays", "then without a way to a name"),
}
_LEAVES = text("privacy.map.leaves", "until the person leaves")


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of the map. `columns` are all that are exported, erased or masked; `masked` those staff may see in part."""

    module: Text | str
    is_on: bool
    table: str
    title: Text | str
    whose: Text
    columns: tuple[str, ...]
    masked: tuple[str, ...]
    rule: Text | str
    end: Text | str
    because: Text | str


def entries(modules: Sequence[Module], registry: Registry, settings: PrivacySettings) -> list[Entry]:
    """Return the whole map, by module."""
    only_grow = {table for module in modules for table in module.append_only}
    return [
        _entry(module, personal, way, registry, settings, only_grow=personal.table in only_grow)
        for module, personal, way in declarations(modules)
    ]


def setting_value(registry: Registry, rule: Retention) -> Any:
    """Return the value of the setting a rule names, None when its module is off."""
    module, _, name = rule.setting.partition(".")
    return getattr(registry.settings.get(module), name, None)


def _entry(
    module: Module, personal: PersonalTable, way: Way, registry: Registry, settings: PrivacySettings, *, only_grow: bool
) -> Entry:
    rule = rule_of(personal, settings)
    said, end = _how_long(personal, way, rule, registry, only_grow=only_grow)
    named = dict.fromkeys((*personal.export, *dict(personal.erase), *personal.mask))
    return Entry(
        module.title,
        registry.is_on(module.name),
        personal.table,
        personal.title or personal.table,
        _OF[way.root],
        tuple(named),
        personal.mask,
        said,
        end,
        personal.because,
    )


def _how_long(
    personal: PersonalTable, way: Way, rule: Retention | None, registry: Registry, *, only_grow: bool
) -> tuple[Text | str, Text | str]:
    if rule is None:
        return (_LEAVES if way.root != "account" else in_words(None)), ""
    if rule.setting:
        value = setting_value(registry, rule)
        said = text(
            "privacy.map.setting", "%(name)s = %(value)s", name=rule.setting, value="–" if value is None else value
        )
        return said, _END["delete"]
    return in_words(rule), _GROWS if only_grow else _END[personal.at_end]
