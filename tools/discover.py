"""Finds what the documentation must tell of: settings, hooks, events, jobs, ports, commands. Reads the source, mostly
without running it; the pages are written by tools/reference.py."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from lkportal.testing.judging.syntax import argument, called, constant, keyword
from tools.tree import is_contract, module_name, parse, source_files


@dataclass(frozen=True, slots=True)
class Thing:
    """One documented thing: `group` heads its section, `name` is what one searches for, `facts` stand in the table."""

    group: str
    name: str
    about: str
    facts: tuple[str, ...] = ()


def settings(root: Path) -> Iterator[Thing]:
    """Yield every field of the settings classes in settings.py files, (type, default) as facts."""
    for path in source_files(root):
        if path.name != "settings.py":
            continue
        classes = [node for node in parse(path).body if isinstance(node, ast.ClassDef)]
        for node in classes:
            tables = {other.name for other in classes}
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    kind = ast.unparse(field.annotation)
                    if kind not in tables and not kind.startswith("ClassVar") and field.target.id != "model_config":
                        default, about = _field(node, field)
                        yield Thing(_table(root, path, node), field.target.id, about, (kind, default))


def _table(root: Path, path: Path, node: ast.ClassDef) -> str:
    """Return the table of portal.toml: named by the docstring ("[web]: ..."), by the field that holds it ("[auth.oidc.NAME]"), or
    after the room the file stands in. A class that no field holds is named beside the room.
    """
    marked = re.match(r"\[[\w.]+\]", ast.get_docstring(node) or "")
    if marked:
        return marked[0]
    rooms = module_name(root, path).split(".")[1:-1]
    if rooms == ["core"]:
        return "at the top"
    folder = rooms[: 2 if rooms[0] in {"modules", "connectors"} else 1]
    if any(ast.unparse(base).endswith("ModuleSettings") for base in node.bases):
        return f"[{folder[-1]}]"
    held = _held(root, folder, node.name)
    return f"{_table(root, held[0], held[1])[:-1]}.{held[2]}]" if held else f"[{folder[-1]}] {node.name}"


def _held(root: Path, room: list[str], name: str) -> tuple[Path, ast.ClassDef, str] | None:
    """Return (file, class, path of the field) of the field in `room` whose type holds the settings class `name`."""
    for path in sorted((root / "src/lkportal").joinpath(*room).rglob("settings.py")):
        for owner in (item for item in parse(path).body if isinstance(item, ast.ClassDef) and item.name != name):
            for field in owner.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    kind = ast.unparse(field.annotation)
                    if re.search(rf"\b{name}\b", kind):
                        return path, owner, field.target.id + (".NAME" if kind.startswith("dict[") else "")
    return None


def _field(owner: ast.ClassDef, field: ast.AnnAssign) -> tuple[str, str]:
    """Return the default as written, and what is said of the field.

    It is said in Field(description=...), in the string under the field, or in a sentence of the class that names it.
    """
    after = owner.body[owner.body.index(field) + 1 :][:1]
    below = constant(after[0].value) if after and isinstance(after[0], ast.Expr) else None
    about = below or _sentence(ast.get_docstring(owner) or "", ast.unparse(field.target))
    if not (isinstance(field.value, ast.Call) and called(field.value) == "Field"):
        return ("required" if field.value is None else ast.unparse(field.value)), about
    first = argument(field.value, 0, "default") or keyword(field.value, "default_factory")
    default = "required" if first is None or ast.unparse(first) == "..." else ast.unparse(first)
    return default, constant(keyword(field.value, "description")) or about


def _sentence(docstring: str, name: str) -> str:
    sentences = re.split(r"(?<=[.])\s+(?=[A-Z`])", " ".join(docstring.split()))
    return " ".join(sentence for sentence in sentences if f"`{name}`" in sentence)


def hooks(root: Path) -> Iterator[Thing]:
    """Yield every hook of core/hookspecs.py, (signature) as fact."""
    path = root / "src/lkportal/core/hookspecs.py"
    for node in parse(path).body if path.is_file() else ():
        if isinstance(node, ast.FunctionDef) and any("hookspec" in ast.unparse(item) for item in node.decorator_list):
            when = (
                "for a request"
                if any("firstresult" in ast.unparse(item) for item in node.decorator_list)
                else "at start"
            )
            answer = ast.unparse(node.returns) if node.returns else "None"
            signature = f"{node.name}({ast.unparse(node.args)}) -> {answer}"
            yield Thing(when, node.name, ast.get_docstring(node) or "", (signature,))


def events(root: Path) -> Iterator[Thing]:
    """Yield every event: a class of a contract with a literal `name`, its fields as fact."""
    for path in source_files(root):
        if not is_contract(path):
            continue
        for node in parse(path).body:
            if isinstance(node, ast.ClassDef) and (name := _event_name(node)):
                fields = ", ".join(
                    f"{item.target.id}: {ast.unparse(item.annotation)}"
                    for item in node.body
                    if isinstance(item, ast.AnnAssign)
                    and isinstance(item.target, ast.Name)
                    and not ast.unparse(item.annotation).startswith("ClassVar")
                )
                group = module_name(root, path).removeprefix("lkportal.").rpartition(".contract")[0]
                yield Thing(group, name, ast.get_docstring(node) or "", (node.name, fields))


def _event_name(node: ast.ClassDef) -> str:
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign) and ast.unparse(item.target) == "name"]
    constants = [item for item in fields if ast.unparse(item.annotation).startswith("ClassVar")]
    return (constant(constants[0].value) or "") if constants else ""


def jobs(root: Path) -> Iterator[Thing]:
    """Yield every job: JobSpec("room.name", function), described by the function it runs."""
    for path, node in _calls(root, "JobSpec"):
        name = constant(argument(node, 0, "name"))
        run = argument(node, 1, "run")
        if name:
            yield Thing(_room(root, path), name, _docstring_of(root, path, run), ())


def ports(root: Path) -> Iterator[Thing]:
    """Yield every port: the Protocol that a PortBinding or `ports.provide` fills."""
    seen: set[str] = set()
    for called_as in ("PortBinding", "provide"):
        for path, node in _calls(root, called_as):
            protocol = argument(node, 0, "protocol")
            name = ast.unparse(protocol).split(".")[-1] if protocol is not None else ""
            if name[:1].isupper() and name not in seen:
                seen.add(name)
                yield Thing(_room(root, path), name, _docstring_of(root, path, protocol), ())


def _calls(root: Path, name: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in source_files(root):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Call) and called(node) == name:
                yield path, node


def _room(root: Path, path: Path) -> str:
    parts = module_name(root, path).split(".")
    return ".".join(parts[1:3]) if parts[1] in {"modules", "connectors"} else parts[1]


def _docstring_of(root: Path, path: Path, node: ast.expr | None) -> str:
    """Return the docstring of the function or class that `node` names, found through the imports of `path`."""
    name = ast.unparse(node).split(".")[-1] if node is not None else ""
    candidates = [path]
    for item in ast.walk(parse(path)):
        if isinstance(item, ast.ImportFrom) and item.module and item.module.startswith("lkportal"):
            for alias in item.names:
                candidates += _files(root, f"{item.module}.{alias.name}") + _files(root, item.module)
    for candidate in candidates:
        for item in parse(candidate).body:
            if isinstance(item, ast.FunctionDef | ast.ClassDef) and item.name == name:
                return ast.get_docstring(item) or ""
    return ""


def _files(root: Path, dotted: str) -> list[Path]:
    stem = root / "src" / dotted.replace(".", "/")
    return [path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()]


def commands(group: click.Command | None = None) -> Iterator[Thing]:
    """Yield every command of the shell, by walking the click group; nothing while the room does not stand yet."""
    if group is None:
        try:
            room = importlib.import_module("lkportal.cli")
        except ModuleNotFoundError as error:
            if error.name != "lkportal.cli":
                raise
            return
        if not hasattr(room, "main"):
            return
        group = next((value for value in vars(room).values() if isinstance(value, click.Group)), None)
        if group is None:
            raise LookupError("lkportal.cli shows no click group: its commands cannot be documented")
    yield from _walk(group, "lkportal")


def _walk(command: click.Command, path: str) -> Iterator[Thing]:
    if not isinstance(command, click.Group):
        options = ", ".join(
            "/".join(item.opts) if isinstance(item, click.Option) else item.human_readable_name
            for item in command.params
        )
        yield Thing("", path, (command.help or "").strip(), (options,))
        return
    context = click.Context(command, info_name=path, resilient_parsing=True)
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        if child is not None and not child.hidden:
            yield from _walk(child, f"{path} {name}")
