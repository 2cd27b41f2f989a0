"""What pages of the documentation tell people to type: fenced blocks, command lines, settings, variables. Each is compared with
the program, so that no page teaches what is not there. Blocks of Python are run by tests that name their page."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from tools import discover
from tools.tree import python_files, source_files

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(lkportal [a-z][^`]*)`")
_LINE = re.compile(r"(?:^|[\s=\"|])(?:\S*/bin/)?lkportal ((?:--config \S+ )?[a-z][^\n]*)", re.MULTILINE)
_VARIABLE = re.compile(r"\bLKPORTAL_([A-Z0-9]+(?:_[A-Z0-9]+)*(?:__[A-Z0-9_]+)*)")
_SETTING = re.compile(r"`\[([a-z][a-z0-9_.]*(?:\.[A-Z]+)?)\] ([a-z_]+)\b[^`]*`")
_NOT_SETTINGS = {"brand", "color", "shape", "type", "logo", "voice", "email", "policy", "terms", "theme", "static"}
_OUR_VARIABLES = {"CONFIG", "TEST_POSTGRES"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language ("" when none is named), what stands in it, its first line in the page."""

    language: str
    text: str
    line: int


def pages(root: Path) -> Iterator[Path]:
    """Yield the pages people read: the Markdown of the checkout without fragments of the changelog and what npm brought."""
    for path in sorted({*root.glob("*.md"), *(root / "docs").rglob("*.md"), *(root / "src").rglob("*.md")}):
        parts = path.relative_to(root).parts
        if parts[:2] != ("docs", "changes") and not {"vendor", "static", "node_modules"}.intersection(parts):
            yield path


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page in order."""
    words = page.read_text(encoding="utf-8")
    return [Block(found[1], found[2], words.count("\n", 0, found.start()) + 2) for found in _FENCE.finditer(words)]


def command_lines(page: Path) -> list[str]:
    """Return what a page tells to type after `lkportal`, in blocks and in sentences."""
    found = [line for block in blocks(page) if block.language != "python" for line in _LINE.findall(block.text)]
    prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return [*found, *(line.removeprefix("lkportal ") for line in _INLINE.findall(prose))]


def command_problem(root: Path, line: str, group: click.Group) -> str:
    """Return what is wrong with a command line, or "". Values are not judged: pages hold placeholders."""
    words = _words(line)
    if words and words[0] in _brought(root):
        return ""
    command: click.Command = group
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        context = click.Context(command)
        if words[0] not in command.list_commands(context):
            return f"there is no command {words[0]!r}"
        command, words = command.get_command(context, words[0]) or command, words[1:]
    known = {option for item in command.params for option in (*item.opts, *item.secondary_opts)} | {"--help"}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
    return f"there is no option {unknown[0]}" if unknown else ""


def _words(line: str) -> list[str]:
    first = line.split(" && ", maxsplit=1)[0].split(" || ", maxsplit=1)[0]
    try:
        words = shlex.split(first, comments=True)
    except ValueError:  # the line stands inside quotes, as in a file of aliases
        words = first.rstrip("\"'").split()
    return words[2:] if words[:1] == ["--config"] else words


@cache
def _brought(root: Path) -> frozenset[str]:
    """Return the names of commands that modules bring to a portal that has them on."""
    said = (path.read_text(encoding="utf-8") for path in source_files(root))
    return frozenset(name for words in said for name in re.findall(r"\bCommand\(\s*\"([a-z-]+)\"", words))


@cache
def _tables(root: Path) -> dict[str, frozenset[str]]:
    """Return the keys of each table of portal.toml by its path ("auth.oidc.NAME"); "" is the top."""
    tables: dict[str, set[str]] = {}
    for thing in discover.settings(root):
        tables.setdefault("" if thing.group == "at the top" else thing.group.strip("[]"), set()).add(thing.name)
    return {name: frozenset(keys) for name, keys in tables.items()}


def is_setting(root: Path, path: list[str]) -> bool:
    """Whether ["auth", "oidc", "company", "client_id"] leads to a setting; the name of an entry may be anything."""
    table, key = path[:-1], path[-1]
    for name, keys in _tables(root).items():
        parts = name.split(".") if name else []
        fits = len(parts) == len(table) and all(a in (b, "NAME") for a, b in zip(parts, table, strict=True))
        if fits and (key in keys or any(other.startswith(f"{name}.{key}") for other in _tables(root))):
            return True
    return False


def setting_problems(root: Path, page: Path, others: frozenset[str] = frozenset()) -> list[str]:
    """Return the variables and settings named in a page that are none. `others`: tables of modules that the page itself writes."""
    words = page.read_text(encoding="utf-8")
    named = [
        (f"LKPORTAL_{name}", name.lower().split("__"))
        for name in _VARIABLE.findall(words)
        if name not in _OUR_VARIABLES
    ]
    named += [(f"[{table}] {key}", [*table.split("."), key]) for table, key in _SETTING.findall(words)]
    return [
        f"{page.relative_to(root).as_posix()}: there is no setting {said}"
        for said, path in named
        if path[0] not in others | _NOT_SETTINGS and not is_setting(root, path)
    ]


def broken_python(root: Path, page: Path) -> list[str]:
    """Return the blocks of Python in a page that do not compile, or that import from lkportal what is not there."""
    found: list[str] = []
    for block in blocks(page):
        where = f"{page.relative_to(root).as_posix()}:{block.line}"
        try:
            tree = ast.parse(_whole(block.text)) if block.language == "python" else ast.Module([], [])
        except SyntaxError as error:
            found.append(f"{where}: {error.msg}")
            continue
        for item in ast.walk(tree):
            if isinstance(item, ast.ImportFrom) and (item.module or "").partition(".")[0] == "lkportal":
                found += [f"{where}: {item.module} has no {name.name}" for name in item.names if not _there(item, name)]
    return found


def _whole(text: str) -> str:
    """Return a block as Python: one that begins indented goes on with the class of the block before it."""
    return f"class Page:\n{text}" if text.startswith(" ") else text


def _there(item: ast.ImportFrom, name: ast.alias) -> bool:
    try:
        return hasattr(import_module(str(item.module)), name.name) or bool(find_spec(f"{item.module}.{name.name}"))
    except ModuleNotFoundError:
        return False


def unrun(root: Path) -> list[str]:
    """Return the pages with Python that no test names."""
    tests = "\n".join(
        path.read_text(encoding="utf-8")
        for path in python_files(root, "tests", "src", "examples")
        if path.name.startswith("test_")
    )
    pages_of_python = [page for page in pages(root) if any(block.language == "python" for block in blocks(page))]
    names = [page.relative_to(root).as_posix() for page in pages_of_python]
    return [name for name in names if name not in tests and f'"{name.removeprefix("docs/")}"' not in tests]
