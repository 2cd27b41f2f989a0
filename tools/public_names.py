"""The names that others build on may not vanish. `python -m tools.public_names` adds new ones to the snapshot;
one that has run its deprecation (docs/understand/versions.md) is taken out of the file by hand, in its own commit."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from lkportal.testing.judging.syntax import constant
from tools.tree import ROOT, module_name, parse

SNAPSHOT = "tests/architecture/public_names.txt"
PROMISED = (
    "src/lkportal/__init__.py",
    *(
        f"src/lkportal/core/{name}.py"
        for name in [
            "__init__",
            "clock",
            "columns",
            "contributions",
            "db",
            "errors",
            "events",
            "foreign",
            "hookspecs",
            "i18n",
            "ids",
            "imports",
            "jobs",
            "module",
            "money",
            "notices",
            "policy",
            "ports",
            "settings",
            "storage",
            "strangers",
            "unit",
        ]
    ),
    "src/lkportal/web/__init__.py",
    "src/lkportal/auth/guard.py",
    "src/lkportal/accounts/contract.py",
    "src/lkportal/privacy/contract.py",
    "src/lkportal/staff/__init__.py",
    "src/lkportal/api/__init__.py",
    "src/lkportal/testing/__init__.py",
    "src/lkportal/testing/plugin.py",
)
"""The files whose public names are a promise to plugins; the contracts of modules join them by themselves."""

_HEAD = "# Names that others build on, one a line. `python -m tools.public_names` adds; taking one out is a decision.\n"


def problems(root: Path) -> list[str]:
    """Return promised names that vanished, and new ones that the snapshot does not protect yet."""
    kept, present = snapshot(root), set(current(root))
    vanished = [
        f"{name} has vanished. Others build on it: keep it as an alias that warns and names its heir for two minor "
        f"versions (docs/understand/versions.md). If it has run them, delete its line from {SNAPSHOT}"
        for name in sorted(kept - present)
    ]
    return vanished + [f"{name} is new: run `python -m tools.public_names`" for name in sorted(present - kept)]


def snapshot(root: Path) -> set[str]:
    """Return the names that were promised."""
    path = root / SNAPSHOT
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return {line for line in lines if line and not line.startswith("#")}


def current(root: Path) -> Iterator[str]:
    """Yield the public names as they stand in the source: `lkportal.core.money.Money`."""
    modules = root / "src/lkportal/modules"
    contracts = sorted([*modules.glob("*/contract.py"), *modules.glob("*/contract/__init__.py")])
    for file in [*(root / place for place in PROMISED), *contracts]:
        if file.is_file():
            yield from (f"{module_name(root, file)}.{name}" for name in _exported(file))


def _exported(path: Path) -> list[str]:
    """Return `__all__`, or the public names a module defines; an __init__ exports what it imports from the house too."""
    defined: list[str] = []
    for node in parse(path).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.append(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            defined.append(node.target.id)
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if names == ["__all__"] and isinstance(node.value, ast.List | ast.Tuple):
                return sorted(text for text in map(constant, node.value.elts) if text)
            defined.extend(names)
        elif (
            isinstance(node, ast.ImportFrom) and path.stem == "__init__" and (node.module or "").startswith("lkportal")
        ):
            defined.extend(alias.asname or alias.name for alias in node.names)
    return sorted({name for name in defined if not name.startswith("_") or name == "__version__"})


def main(root: Path = ROOT, *, fresh: bool = False) -> None:
    """Write the snapshot: old names stay, new ones join; `fresh` forgets the old ones (before the first release)."""
    names = set(current(root)) | (set() if fresh else snapshot(root))
    (root / SNAPSHOT).write_text(_HEAD + "".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")


if __name__ == "__main__":
    main(fresh="--fresh" in sys.argv)
