"""Finds modules that are installed: entry points of the group lkportal.modules, and those handed to create_app."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import entry_points

from lkportal.core.errors import StartupError
from lkportal.core.module import Module

GROUP = "lkportal.modules"


def installed_modules(given: Iterable[Module] = ()) -> list[Module]:
    """Return the modules handed in by code, then those found by entry points, each once."""
    found = list(given)
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        try:
            module = point.load()
        except Exception as error:
            raise StartupError(
                "module_broken",
                f"The installed module {point.name!r} ({point.value}) cannot be loaded: {type(error).__name__}: {error}. Mend or uninstall it.",
            ) from error
        if not isinstance(module, Module):
            raise StartupError(
                "module_broken",
                f"The entry point {point.name!r} ({point.value}) is not a Module: let it name the Module object.",
            )
        if module not in found:
            found.append(module)
    return found
