"""Hooks of modules: loaded, compared with the specifications, called once each. What they return is put into tables in registry."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, get_args, get_type_hints

import pluggy

from lkportal.core import hookspecs
from lkportal.core.errors import StartupError
from lkportal.core.module import Module
from lkportal.core.registry.checks import guess

# Hook name -> the class of the records it returns a list of.
_RETURNED: Mapping[str, type[Any]] = {
    name: get_args(get_type_hints(spec)["return"])[0]
    for name, spec in inspect.getmembers(hookspecs, inspect.isfunction)
    if spec.__module__ == hookspecs.__name__
}


def gather(modules: Sequence[Module]) -> dict[str, list[tuple[str, Any]]]:
    """Call every hook of every module once; return hook name -> [(module name, object)] in the order of modules.

    Raises StartupError, one sentence, for hooks that cannot be loaded, are misspelt, want arguments, raise, or return
    something else than a list of the hook's records.
    """
    manager = pluggy.PluginManager("lkportal")
    manager.add_hookspecs(hookspecs)
    for module in modules:
        if module.hooks:
            _register(manager, module)
    places = {module.name: place for place, module in enumerate(modules)}
    found: dict[str, list[tuple[str, Any]]] = {}
    for name in _RETURNED:
        implementations = getattr(manager.hook, name).get_hookimpls()
        found[name] = []
        for each in sorted(implementations, key=lambda each: places[each.plugin_name]):
            found[name] += [(each.plugin_name, item) for item in _returned(each.plugin_name, each.function)]
    return found


def _register(manager: pluggy.PluginManager, module: Module) -> None:
    hooks = _import(module)
    _check_arguments(module, hooks)
    try:
        manager.register(hooks, name=module.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        misspelt = str(error).split("'")[1] if "'" in str(error) else ""
        reason = " ".join(str(error).split())
        raise StartupError(
            "hook_unknown",
            f"The module {module.name!r} has a hook the portal does not know: {reason}.{guess(misspelt, _RETURNED)}",
        ) from None


def _import(module: Module) -> ModuleType:
    try:
        return importlib.import_module(module.hooks)
    except Exception as error:
        raise StartupError(
            "module_broken",
            f"The module {module.name!r} cannot be loaded from {module.hooks}: {type(error).__name__}: {error}. "
            f"Mend it, or take it out of modules.enabled.",
        ) from error


def _check_arguments(module: Module, hooks: ModuleType) -> None:
    for name, function in inspect.getmembers(hooks, inspect.isfunction):
        wanted = list(inspect.signature(function).parameters)
        if wanted and name in _RETURNED and hasattr(function, "lkportal_impl"):
            raise StartupError(
                "hook_arguments",
                f"The hook {name!r} of module {module.name!r} wants arguments that it is not given: {', '.join(wanted)}. "
                f"Write it as `def {name}():`.",
            )


def _returned(owner: str, function: Any) -> list[Any]:
    name = function.__name__
    if inspect.iscoroutinefunction(function):
        raise StartupError(
            "hook_async",
            f"The hook {name} of module {owner!r} is async: write it as a plain def, hooks only return lists.",
        )
    try:
        items = function()
    except Exception as error:
        raise StartupError(
            "hook_failed",
            f"The hook {name} of module {owner!r} failed: {type(error).__name__}: {error}. "
            f"Mend it, or take {owner!r} out of modules.enabled.",
        ) from error
    record = _RETURNED[name]
    odd = next((type(item).__name__ for item in items if not isinstance(item, record)), "") if _is_list(items) else ""
    if odd or not _is_list(items):
        what = f"a list with {odd} in it" if odd else type(items).__name__
        raise StartupError(
            "hook_returned",
            f"The hook {name} of module {owner!r} returns {what}: let it return a list of {record.__name__}.",
        )
    return list(items)


def _is_list(items: Any) -> bool:
    return isinstance(items, Sequence) and not isinstance(items, str | bytes)
