"""The rules of rooms and slices that arrows cannot say: contracts, manifests, what a file of a slice may know.
The arrows between rooms are import-linter's, in pyproject.toml."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from lkportal.testing.judging.syntax import called, constant, keyword
from tools.tree import (
    Import,
    imports,
    inside,
    is_contract,
    module_name,
    parse,
    python_files,
    source_files,
    where,
)

MODULES = "lkportal.modules"
CONNECTORS = "lkportal.connectors"

SQL_TYPES = {"Connection", "Session", "Row", "RowMapping", "ColumnElement", "ScalarSelect"}
"""What a file that holds no SQL may still name, as the type of an argument."""

OPEN_TO_PLUGINS = (
    "lkportal.core",
    "lkportal.web",
    "lkportal.auth.guard",
    "lkportal.accounts.contract",
    "lkportal.privacy.contract",
    "lkportal.staff",
    "lkportal.api",
    "lkportal.testing",
)


def problems(root: Path) -> list[str]:
    """Return every broken rule of the tree at `root`, one sentence each."""
    found: list[str] = []
    for path in source_files(root):
        for rule in (_module_reach, _contract_reach, _no_http, _no_sql, _connector_reach, _facade):
            found.extend(rule(root, path))
    found.extend(_middleware(root))
    found.extend(_themes(root))
    found.extend(_plugins(root))
    return found


def manifest(package: Path) -> tuple[set[str], set[str]] | None:
    """Return what a module declares, (requires, after), read from `Module(...)` in its __init__.py without running it."""
    entry = package / "__init__.py"
    if not entry.is_file():
        return None
    for node in ast.walk(parse(entry)):
        if isinstance(node, ast.Call) and called(node) == "Module":
            return _names(keyword(node, "requires")), _names(keyword(node, "after"))
    return None


def _names(node: ast.expr | None) -> set[str]:
    if not isinstance(node, ast.Tuple | ast.List | ast.Set):
        return set()
    texts = {constant(item) for item in node.elts}
    # A requirement may carry a version: "payments>=1.2".
    return {item.split(">")[0].split("=")[0].split("<")[0].strip() for item in texts if item}


def _module_reach(root: Path, path: Path) -> Iterator[str]:
    """A module sees another only as its contract, and only when its manifest says so."""
    here = module_name(root, path)
    if not inside(here, MODULES) or here == MODULES:
        return
    own = here.split(".")[2]
    declared = manifest(root / "src/lkportal/modules" / own)
    requires, after = declared or (set(), set())
    for found in imports(path):
        if not inside(found.target, MODULES) or found.target == MODULES:
            continue
        other = found.target.split(".")[2]
        if other == own:
            continue
        place = where(root, path, found.line)
        if not inside(found.target, f"{MODULES}.{other}.contract"):
            yield f"{place}: {own} imports {found.target}; another module is known only as {MODULES}.{other}.contract"
        elif other not in requires | after:
            yield f"{place}: {own} uses {other} but its Module(...) declares it neither in requires nor in after"


def _contract_reach(root: Path, path: Path) -> Iterator[str]:
    """A contract is plain data: the core, the shared nouns and nothing that knows HTTP or holds SQL."""
    if not is_contract(path):
        return
    own = module_name(root, path).rpartition(".contract")[0] + ".contract"
    for found in imports(path):
        place = where(root, path, found.line)
        allowed = inside(found.target, "lkportal.core") or inside(found.target, "lkportal.accounts.contract")
        allowed = allowed or inside(found.target, own)
        if inside(found.module, "lkportal") and not allowed:
            yield f"{place}: a contract imports {found.target}; it may know lkportal.core and lkportal.accounts.contract"
        if inside(found.module, "starlette") or _is_sql(found):
            yield f"{place}: a contract imports {found.target}; it holds plain data, no HTTP and no SQL"


def _no_http(root: Path, path: Path) -> Iterator[str]:
    """Rules, reads and tables know no HTTP."""
    if not _is_slice_file(path, "service", "queries", "models"):
        return
    for found in imports(path):
        if inside(found.module, "starlette") or inside(found.target, "lkportal.web"):
            yield f"{where(root, path, found.line)}: {path.name} imports {found.target}; HTTP belongs to routes.py"


def _no_sql(root: Path, path: Path) -> Iterator[str]:
    """Pages and API hold no SQL: reads live in queries.py, writes in service.py."""
    if not _is_slice_file(path, "routes", "staff", "api"):
        return
    for found in imports(path):
        if _is_sql(found):
            yield f"{where(root, path, found.line)}: {path.name} imports {found.target}; SQL lives in queries.py and service.py"


def _is_slice_file(path: Path, *stems: str) -> bool:
    return any(path.stem == stem or path.stem.startswith(stem + "_") for stem in stems)


def _is_sql(found: Import) -> bool:
    return inside(found.module, "sqlalchemy") and found.name not in SQL_TYPES


def _connector_reach(root: Path, path: Path) -> Iterator[str]:
    """A connector knows modules by contract alone; nobody knows a connector."""
    here = module_name(root, path)
    own = ".".join(here.split(".")[:3]) if inside(here, CONNECTORS) else ""
    for found in imports(path):
        place = where(root, path, found.line)
        if inside(found.target, CONNECTORS) and not (own and inside(found.target, own)):
            yield f"{place}: {here} imports {found.target}; nobody imports a connector"
        parts = found.target.split(".")
        if own and inside(found.target, MODULES) and parts[3:4] != ["contract"]:
            yield f"{place}: a connector imports {found.target}; it sees modules through their contract alone"


def _facade(root: Path, path: Path) -> Iterator[str]:
    """`lkportal` itself is the door for others; inside the house one names the room."""
    if path == root / "src/lkportal/__init__.py":
        return
    for found in imports(path):
        rooms = {entry.stem for entry in (root / "src/lkportal").iterdir() if not entry.name.startswith("__")}
        if found.module == "lkportal" and found.name not in rooms | {"__version__", ""}:
            place = where(root, path, found.line)
            yield f"{place}: imports {found.name} from lkportal; inside the house name the room it lives in"


def _middleware(root: Path) -> Iterator[str]:
    """Only pure ASGI middleware: the other kind costs 116 microseconds each."""
    for path in python_files(root, "src", "examples"):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Name | ast.Attribute | ast.alias) and _last_name(node) == "BaseHTTPMiddleware":
                yield f"{where(root, path, node.lineno)}: BaseHTTPMiddleware; write a pure ASGI middleware (docs/adr/0005)"


def _last_name(node: ast.Name | ast.Attribute | ast.alias) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else node.name


def _themes(root: Path) -> Iterator[str]:
    """A theme is data: a company may take one without reading code."""
    for path in python_files(root, "src/lkportal/themes"):
        yield f"{where(root, path, 1)}: a theme holds no Python"


def _plugins(root: Path) -> Iterator[str]:
    """The plugins we show use nothing that we do not promise."""
    for path in python_files(root, "examples/plugins"):
        for found in imports(path):
            if not inside(found.module, "lkportal") or found.module == "lkportal":
                continue
            contract = inside(found.target, MODULES) and found.target.split(".")[3:4] == ["contract"]
            if not contract and not any(inside(found.target, room) for room in OPEN_TO_PLUGINS):
                yield f"{where(root, path, found.line)}: a plugin imports {found.target}, which is private to the portal"
