"""A setting of the desk as a field: what kind it is and within which limits, how its value is said, and what was typed into it read.
Types and limits are those of the module's settings class."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, Literal, get_args, get_origin

from lkportal.core.contributions import DeskSetting
from lkportal.core.i18n import Text, text
from lkportal.core.language.formats import Locale
from lkportal.core.module import Module
from lkportal.core.registry.building import Registry
from lkportal.core.registry.desk_settings import field_of, value_of
from lkportal.core.registry.overlay import Overlay
from lkportal.core.settings import ENV_PREFIX

Kind = Literal["switch", "choice", "several", "number", "money", "numbers", "time", "text"]
_ON, _OFF = text("staff.setting.on", "on"), text("staff.setting.off", "off")
_WHOLE = text("staff.setting.whole", "Enter a whole number.")
_SUM = text(
    "staff.setting.sum", "Enter a sum from zero up, such as 250000 or 1482.60, of ten digits before the point at most."
)
_CHOOSE = text("staff.setting.choose", "Choose one of these.")
_TIME = text("staff.setting.time", "Enter a time such as 09:00.")
_NUMBERS = text("staff.setting.numbers", "Enter whole numbers with commas between, such as 10, 2.")


class Misfit(ValueError):
    """What was typed is no value of the setting; `words` say why."""

    def __init__(self, words: Text) -> None:
        super().__init__(str(words))
        self.words = words


@dataclass(frozen=True, slots=True)
class Field:
    """A setting of a module that is on. `name` is its full name, `value` what holds now, `stored` what the desk keeps (None: nothing).

    `variable` names the variable of the environment that settles it, "" when none does: it stands above the desk.
    """

    name: str
    module: Module
    setting: DeskSetting
    kind: Kind
    least: int | None
    most: int | None
    value: Any
    stored: Any
    variable: str = ""

    @property
    def options(self) -> list[tuple[str, Text]]:
        """The words to choose from, for a switch or a choice."""
        if self.kind == "switch":
            return [("on", _ON), ("off", _OFF)]
        return list(self.setting.choices)

    @property
    def limits(self) -> Text | str:
        """The limits of a number in words."""
        if self.kind != "number" or self.least is None:
            return ""
        if self.most is None:
            return text("staff.setting.from", "From %(least)s", least=self.least)
        return text("staff.setting.between", "From %(least)s to %(most)s", least=self.least, most=self.most)

    @property
    def typed(self) -> str:
        """The value that holds, as it stands in the field of a form."""
        return typed_of(self.kind, self.value)

    def said(self, value: Any, locale: Locale, currency: str) -> Text | str:
        """Return a value in words."""
        plain = typed_of(self.kind, value)
        if self.kind == "several":
            return ", ".join(locale.render(self._title(each)) for each in value) or text("staff.setting.all_of", "all")
        if self.kind in ("switch", "choice"):
            return next((title for key, title in self.options if key == plain), plain)
        if self.kind == "money":
            return locale.money(int(value), currency)
        return f"{plain}\u00a0{locale.render(self.setting.unit)}".strip() if self.setting.unit else plain

    def read(self, typed: str) -> Any:
        """Return what was typed as it is stored. Raises Misfit."""
        match self.kind:
            case "switch" | "choice":
                return self._chosen(typed)
            case "several":
                return self._several([each for each in typed.split(",") if each])
            case "number" | "money":
                return self._number(typed)
            case "numbers":
                return _numbers(typed)
            case "time":
                return _time(typed)
        return typed.strip()

    def _chosen(self, typed: str) -> Any:
        if typed not in [key for key, _ in self.options]:
            raise Misfit(_CHOOSE)
        if self.kind == "switch":
            return typed == "on"
        return int(typed) if isinstance(self.value, int) else typed

    def _several(self, typed: list[str]) -> list[str]:
        """Return what was ticked in the order of the choices; what stands in portal.toml and is no choice of the desk stays."""
        known = [key for key, _ in self.options]
        if not set(typed) <= set(known):
            raise Misfit(_CHOOSE)
        return [key for key in known if key in typed] + [each for each in self.value if typed and each not in known]

    def _title(self, key: str) -> Text | str:
        return next((title for name, title in self.options if name == key), key)

    def _number(self, typed: str) -> int:
        plain = "".join(typed.split())
        if self.kind == "money":
            whole, _, part = plain.replace(",", ".").partition(".")
            plain = whole + part.ljust(2, "0") if len(part) <= 2 else ""
        if not (plain.isdecimal() and plain.isascii() and len(plain) <= 12):
            raise Misfit(_SUM if self.kind == "money" else _WHOLE)
        value = int(plain)
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise Misfit(_outside(self))
        return value


def fields(registry: Registry, overlay: Overlay) -> Mapping[str, Field]:
    """Return the settings that the desk may change, by full name, in the order of modules."""
    found: dict[str, Field] = {}
    for module in registry.modules:
        for name, setting in registry.desk_settings.items():
            if name.partition(".")[0] == module.name and module.settings is not None:
                found[name] = _field(registry, overlay, name, setting, module)
    return found


def typed_of(kind: Kind, value: Any) -> str:
    """Return a value as it stands in the field of a form."""
    if kind == "switch":
        return "on" if value else "off"
    if kind == "money":
        return f"{int(value) // 100}.{int(value) % 100:02d}"
    if kind == "several":
        return ",".join(value)
    if kind == "numbers":
        return ", ".join(str(each) for each in value)
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)


def _field(registry: Registry, overlay: Overlay, name: str, setting: DeskSetting, module: Module) -> Field:
    assert module.settings is not None
    info = field_of(module.settings, setting.key)
    assert info is not None, "the registry refused it otherwise"
    variable = f"{ENV_PREFIX}{name.replace('.', '__')}".upper()
    return Field(
        name,
        module,
        setting,
        _kind(info.annotation, setting),
        *_limits(info.metadata),
        value=value_of(registry.settings[module.name], setting.key),
        stored=overlay.values.get(module.name, {}).get(setting.key),
        variable=variable if variable in os.environ else "",
    )


def _kind(annotation: Any, setting: DeskSetting) -> Kind:
    if annotation is bool:
        return "switch"
    if setting.choices:
        return "several" if get_origin(annotation) is tuple else "choice"
    if annotation is int:
        return "money" if setting.money else "number"
    if annotation is time:
        return "time"
    return "numbers" if get_origin(annotation) is tuple and int in _inside(annotation) else "text"


def _inside(annotation: Any) -> list[Any]:
    return [get_args(each)[0] if get_origin(each) is not None else each for each in get_args(annotation)] + [
        each.__origin__ for each in get_args(annotation) if hasattr(each, "__origin__")
    ]


def _limits(metadata: Iterable[Any]) -> tuple[int | None, int | None]:
    least = most = None
    for each in metadata:
        least = getattr(each, "ge", least)
        most = getattr(each, "le", most)
    return least, most


def _outside(field: Field) -> Text:
    if field.most is None:
        return text("staff.setting.too_small", "Enter %(least)s or more.", least=typed_of(field.kind, field.least))
    return text(
        "staff.setting.outside",
        "Enter a number from %(least)s to %(most)s.",
        least=typed_of(field.kind, field.least or 0),
        most=typed_of(field.kind, field.most),
    )


def _numbers(typed: str) -> list[int]:
    parts = [each.strip() for each in typed.split(",") if each.strip()]
    if not all(each.isdecimal() and each.isascii() and len(each) <= 4 for each in parts):
        raise Misfit(_NUMBERS)
    return [int(each) for each in parts]


def _time(typed: str) -> str:
    try:
        return time.fromisoformat(typed.strip()).strftime("%H:%M")
    except ValueError:
        raise Misfit(_TIME) from None
