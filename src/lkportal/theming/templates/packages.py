"""Where the files of an installed package stand."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from lkportal.core.errors import StartupError


def package_folder(package: str) -> Path:
    """Return the folder of a package by its dotted name. Raises StartupError when it is no folder that can be imported."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise StartupError(
            "module_package",
            f"The module's package {package!r} is not a folder that can be imported: mend Module.package.",
        )
    return Path(next(iter(spec.submodule_search_locations)))
