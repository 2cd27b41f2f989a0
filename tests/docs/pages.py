"""The blocks of a page as the module they are."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

from tools import snippets
from tools.tree import ROOT


def written(page: str, name: str, folder: Path) -> ModuleType:
    """Write the Python of `page` ("docs/extend/events.md") into `folder` as the package `name`, import and return it.

    A block that begins indented goes on with the class before it.
    """
    blocks = [block.text for block in snippets.blocks(ROOT / page) if block.language == "python"]
    package = folder / name
    package.mkdir()
    (package / "__init__.py").write_text("\n\n".join(blocks), "utf-8")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
