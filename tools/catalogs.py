"""Every visible text has a stable key, one English wording and a Russian one. Reads the code, the templates and the
catalogues; running the texts is core/i18n's work."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import jinja2
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import nodes

from lkportal.core.language.catalogues import INFORMAL
from tools.tree import argument, called, constant, parse, source_files, where

CALLS = {"text": 2, "pgettext": 2, "ntext": 3, "npgettext": 3}
"""A text by its function: how many leading arguments are literals (key, English; key, one, many)."""

KEYLESS = {"gettext", "ngettext", "_"}
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg", ".webmanifest"}
_ENGINE = "src/lkportal/core/i18n.py"
_PARAMETER = re.compile(r"%\((\w+)\)")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is used: its key, the English forms (one, or one and many) and the place."""

    key: str
    english: tuple[str, ...]
    place: str


def problems(root: Path) -> list[str]:
    """Return what is missing, doubled or unkeyed in the texts of the tree at `root`."""
    complaints: list[str] = []
    used = [*_python(root, complaints), *_templates(root, complaints)]
    wordings: dict[str, Wording] = {}
    for wording in used:
        known = wordings.setdefault(wording.key, wording)
        if known.english != wording.english:
            complaints.append(f"{wording.place}: the key {wording.key} says something else at {known.place}")
    entries = _catalogues(root, "ru", complaints)
    for wording in wordings.values():
        complaints.extend(_translated(wording, entries))
        if wording.key + INFORMAL in entries:
            complaints.extend(_translated(replace(wording, key=wording.key + INFORMAL), entries))
    complaints.extend(_forgotten(root, set(wordings), entries))
    return complaints


def _python(root: Path, complaints: list[str]) -> Iterator[Wording]:
    for path in source_files(root):
        if path.relative_to(root).as_posix() == _ENGINE:
            continue
        ours = _imported_from_i18n(parse(path))
        for node in ast.walk(parse(path)):
            if not isinstance(node, ast.Call):
                continue
            name = called(node)
            place = where(root, path, node.lineno)
            attribute = isinstance(node.func, ast.Attribute)
            if name in KEYLESS and not attribute and node.args:
                complaints.append(f"{place}: {name}() has no key; write text('room.place.what', 'English')")
            elif name in CALLS and (name in ours or (attribute and name in {"pgettext", "npgettext"})):
                yield from _literal(node, name, place, complaints)


def _imported_from_i18n(tree: ast.Module) -> set[str]:
    """Return which of the names are ours here: SQL has a text() too."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(("core.i18n", "lkportal.core", "lkportal"))
        for alias in node.names
    }


def _literal(node: ast.Call, name: str, place: str, complaints: list[str]) -> Iterator[Wording]:
    slots = ("key", "english") if CALLS[name] == 2 else ("key", "one", "many")
    given = [argument(node, position, slot) for position, slot in enumerate(slots)]
    texts = [constant(item) for item in given]
    if any(isinstance(item, ast.JoinedStr | ast.BinOp) for item in given):
        complaints.append(f"{place}: a text is built while running; give a literal with %(name)s and pass the value")
    elif all(item is not None for item in texts):
        yield Wording(str(texts[0]), tuple(str(item) for item in texts[1:]), place)
    elif name in {"text", "ntext"}:
        complaints.append(f"{place}: {name}() takes literals, so that the catalogue can be checked")


def _templates(root: Path, complaints: list[str]) -> Iterator[Wording]:
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"])  # noqa: S701
    for path in template_files(root):
        try:
            tree = environment.parse(path.read_text(encoding="utf-8"))
        except jinja2.TemplateSyntaxError as error:
            complaints.append(f"{where(root, path, error.lineno)}: {error.message}")
            continue
        for node in tree.find_all(nodes.Call):
            if not isinstance(node.node, nodes.Name):
                continue
            name, place = node.node.name, where(root, path, node.lineno)
            if name in KEYLESS:
                complaints.append(f"{place}: {name}() has no key; write pgettext('room.place.what', 'English')")
            elif name in {"pgettext", "npgettext"}:
                yield from _literal_in_template(node, CALLS[name], place, complaints)


def _literal_in_template(node: nodes.Call, count: int, place: str, complaints: list[str]) -> Iterator[Wording]:
    texts = [item.value for item in node.args[:count] if isinstance(item, nodes.Const)]
    if len(texts) == count:
        yield Wording(str(texts[0]), tuple(str(item) for item in texts[1:]), place)
    else:
        complaints.append(f"{place}: a text takes literals: its key, then its English wording")


def template_files(root: Path) -> Iterator[Path]:
    """Yield the templates of the package and of the examples, ours alone."""
    for folder in ("src/lkportal", "examples"):
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if path.suffix in TEMPLATE_SUFFIXES and "templates" in parts and "scaffold" not in parts:
                yield path


def _catalogues(root: Path, language: str, complaints: list[str]) -> dict[str, Message]:
    """Return every translated message by its key; a key in two catalogues, or twice in one, is a complaint."""
    entries: dict[str, Message] = {}
    owner: dict[str, str] = {}
    for path in sorted((root / "src/lkportal").rglob(f"locale/{language}/LC_MESSAGES/messages.po")):
        name = path.relative_to(root).as_posix()
        source = path.read_text(encoding="utf-8")
        doubled = Counter(re.findall(r'^msgctxt "(.*)"$', source, re.MULTILINE))
        complaints.extend(f"{name}: {key} stands twice" for key, times in doubled.items() if times > 1)
        for message in _messages(path, language):
            key = message.context or ""
            if not key:
                complaints.append(f"{name}: {message.id!r} has no msgctxt: every text has a key")
            elif key in entries:
                complaints.append(f"{name}: {key} stands in {owner[key]} too")
            else:
                entries[key], owner[key] = message, name
    return entries


def _messages(path: Path, language: str) -> Iterator[Message]:
    with path.open("rb") as source:
        catalogue: Catalog = read_po(source, locale=language)
    for message in catalogue:
        if message.id:
            yield message


def _translated(wording: Wording, entries: dict[str, Message]) -> Iterator[str]:
    message = entries.get(wording.key)
    if message is None:
        yield f"{wording.place}: {wording.key} has no Russian wording"
        return
    english = message.id if isinstance(message.id, tuple | list) else (message.id,)
    given = message.string if isinstance(message.string, tuple | list) else (message.string,)
    russian = tuple(form or "" for form in given)
    if tuple(english) != wording.english:
        yield f"{wording.place}: the catalogue translates another English wording of {wording.key}"
    if message.fuzzy or not all(russian):
        yield f"{wording.place}: the Russian wording of {wording.key} is empty or marked fuzzy"
    if len(wording.english) == 2 and len(russian) != 3:
        yield f"{wording.place}: {wording.key} needs three Russian forms (1, 2, 5)"
    expected = set(_PARAMETER.findall(" ".join(wording.english)))
    for form in russian:
        strange = set(_PARAMETER.findall(form)) - expected
        missing = expected - set(_PARAMETER.findall(form)) if len(russian) == 1 else set()
        if strange or missing:
            yield f"{wording.place}: the Russian of {wording.key} has other values: {', '.join(sorted(strange | missing))}"
        if "!" in form:
            yield f"{wording.place}: the Russian of {wording.key} exclaims; the portal speaks calmly"


def _forgotten(root: Path, used: set[str], entries: dict[str, Message]) -> Iterator[str]:
    """Yield the translations of keys that stand nowhere, not even in data such as a TOML file or a table of texts."""
    unused = {key for key in entries if key.removesuffix(INFORMAL) not in used}
    if not unused:
        return
    mentions: dict[str, bool] = defaultdict(bool)
    for path in (root / "src/lkportal").rglob("*"):
        if path.suffix in {".py", ".toml", ".js", ".json", *TEMPLATE_SUFFIXES} and path.is_file():
            content = path.read_text(encoding="utf-8", errors="replace")
            for key in unused:
                mentions[key] = mentions[key] or key in content
    yield from (
        f"the catalogue still translates {key}, which nothing shows" for key in sorted(unused) if not mentions[key]
    )
