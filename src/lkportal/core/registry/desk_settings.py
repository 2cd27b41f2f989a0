"""Settings of modules as the desk may change them: which fields are declared for it, and portal.toml with the stored values on top.
The environment stands above both."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from lkportal.core.contributions import DeskSetting
from lkportal.core.errors import StartupError
from lkportal.core.module import Module
from lkportal.core.settings import Configuration, ModuleSettings

_log = logging.getLogger(__name__)


def desk_settings_of(modules: Sequence[Module], found: Sequence[tuple[str, DeskSetting]]) -> Mapping[str, DeskSetting]:
    """Return the settings of the desk by full name ("readings.window_last"). Raises StartupError for a field that is not there."""
    classes = {module.name: module.settings for module in modules}
    named: dict[str, DeskSetting] = {}
    for owner, setting in sorted(found, key=lambda each: each[1].order):
        name = f"{owner}.{setting.key}"
        model = classes.get(owner)
        if model is None or field_of(model, setting.key) is None or name in named:
            raise StartupError(
                "desk_setting",
                f"The module {owner!r} declares the setting {setting.key!r} for the desk, which its settings class does not have once.",
            )
        named[name] = setting
    return MappingProxyType(named)


def field_of(model: type[BaseModel], key: str) -> FieldInfo | None:
    """Return the field of a settings class that a path names, or None."""
    *tables, last = key.split(".")
    for name in tables:
        known = model.model_fields.get(name)
        below = known.annotation if known else None
        if not (isinstance(below, type) and issubclass(below, BaseModel)):
            return None
        model = below
    return model.model_fields.get(last)


def value_of(settings: Any, key: str) -> Any:
    """Return what stands in settings under a path."""
    for name in key.split("."):
        settings = getattr(settings, name)
    return settings


def settings_of(
    configuration: Configuration,
    modules: Sequence[Module],
    declared: Mapping[str, DeskSetting],
    values: Mapping[str, Mapping[str, Any]],
    *,
    strict: bool = False,
) -> dict[str, ModuleSettings]:
    """Return the settings of modules. A stored value that is declared no more is passed over; so is one that does not fit any
    more, with a line of the log, unless `strict`."""
    found: dict[str, ModuleSettings] = {}
    for module in modules:
        if module.settings is None:
            continue
        own = {key: value for key, value in values.get(module.name, {}).items() if f"{module.name}.{key}" in declared}
        try:
            found[module.name] = configuration.of_module(module.name, module.settings, own)
        except StartupError as error:
            if not own or strict:
                raise
            found[module.name] = _fitting(configuration, module.name, module.settings, own)
            _log.warning("A setting changed at the desk is left out: %s", error.message)
    return found


def _fitting(
    configuration: Configuration, name: str, model: type[ModuleSettings], values: Mapping[str, Any]
) -> ModuleSettings:
    """Return the settings with as many of the stored values as fit together with portal.toml."""
    kept: dict[str, Any] = {}
    for key, value in values.items():
        try:
            configuration.of_module(name, model, {**kept, key: value})
        except StartupError:
            continue
        kept[key] = value
    return configuration.of_module(name, model, kept)
