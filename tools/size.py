"""Keeps functions, files and folders small: 40 lines, 400 lines, 30 files. An exception is one line in size_exceptions.txt, with its reason."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tools.tree import parse, python_files

FUNCTION_LINES = 40
FILE_LINES = 400
FOLDER_FILES = 30
FOLDERS = ("src", "tests", "tools", "examples", "benchmarks")
EXCEPTIONS = "tests/architecture/size_exceptions.txt"


def problems(root: Path) -> list[str]:
    """Return what is too long and not excused, and the excuses nobody needs any more."""
    excused, found = _excuses(root / EXCEPTIONS)
    seen: set[str] = set()
    for folder in FOLDERS:
        for path in python_files(root, folder) if (root / folder).is_dir() else ():
            for name, length, limit in _long(root, path):
                seen.add(name)
                if name not in excused:
                    found.append(
                        f"{name}: {length} lines, the limit is {limit}. Split it, or excuse it in {EXCEPTIONS}"
                    )
    found.extend(_crowded(root))
    found.extend(f"{EXCEPTIONS}: {name} is not too long (any more): delete the line" for name in sorted(excused - seen))
    return found


def _crowded(root: Path) -> Iterator[str]:
    """Name folders of the product that hold too many files to be seen at a glance; tests may be many."""
    held = Counter(path.parent for path in python_files(root, "src") if path.name != "__init__.py")
    for folder, count in sorted(held.items()):
        if count > FOLDER_FILES and folder.name != "tests":
            name = folder.relative_to(root).as_posix()
            yield f"{name}: {count} files, the limit is {FOLDER_FILES}. Put those of one subject into a folder of their own"


def _long(root: Path, path: Path) -> Iterator[tuple[str, int, int]]:
    name = path.relative_to(root).as_posix()
    lines = len(path.read_text(encoding="utf-8").splitlines())
    if lines > FILE_LINES:
        yield name, lines, FILE_LINES
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{name}::{node.name}", length, FUNCTION_LINES


def _excuses(path: Path) -> tuple[set[str], list[str]]:
    """Return the excused names, and a complaint for each line that gives no reason."""
    excused: set[str] = set()
    unreasoned: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, reason = line.partition(" ")
        excused.add(name)
        if len(reason.split()) < 3:
            unreasoned.append(f"{EXCEPTIONS}: {name} needs its reason on the same line")
    return excused, unreasoned
