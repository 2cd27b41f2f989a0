"""What every robot needs of a source tree: its files, their syntax trees, and what each file imports.
The rules themselves live beside this file, one per module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_NOT_OURS = {"__pycache__", "vendor", "scaffold", "node_modules", ".venv", "build", "dist"}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported thing: `module` as written ("lkportal.core.db"), `name` what is taken from it ("" for the module)."""

    module: str
    name: str
    line: int

    @property
    def target(self) -> str:
        """The full dotted path: the module, and the name when there is one."""
        return f"{self.module}.{self.name}" if self.name else self.module


def python_files(root: Path, *folders: str) -> Iterator[Path]:
    """Yield our Python files under `root`, in order, from `folders` or everywhere; vendored and generated ones are left out."""
    for folder in folders or (".",):
        for path in sorted((root / folder).rglob("*.py")):
            if not _NOT_OURS.intersection(path.relative_to(root).parts):
                yield path


def source_files(root: Path) -> Iterator[Path]:
    """Yield the Python files of the package itself, without the tests that live in the slices."""
    for path in python_files(root, "src/lkportal"):
        if "tests" not in path.relative_to(root).parts:
            yield path


def is_contract(path: Path) -> bool:
    """Whether a file is a room's contract: contract.py, or a file of the folder contract/ when it is split by subject."""
    return path.name == "contract.py" or path.parent.name == "contract"


def parse(path: Path) -> ast.Module:
    """Return the syntax tree of `path`; the same unchanged file is parsed once."""
    return _parse(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4096)
def _parse(path: Path, _changed: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> Iterator[Import]:
    """Yield every import of `path`, wherever in the file it stands."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, "", node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                yield Import(node.module or "", alias.name, node.lineno)


def module_name(root: Path, path: Path) -> str:
    """Return the dotted name of a file of the package: src/lkportal/core/db.py is "lkportal.core.db"."""
    parts = list(path.relative_to(root / "src").with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def inside(dotted: str, package: str) -> bool:
    """Say whether `dotted` is `package` or lies in it."""
    return dotted == package or dotted.startswith(package + ".")


def where(root: Path, path: Path, line: int) -> str:
    """Return "src/lkportal/core/db.py:12", the way an editor opens it."""
    return f"{path.relative_to(root).as_posix()}:{line}"
