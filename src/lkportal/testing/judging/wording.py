"""Every visible text has a stable key, one English wording and a Russian one. Reads the code, the templates and the
catalogues; running the texts is core/i18n's work."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import jinja2
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import nodes

from lkportal.core.language.catalogues import INFORMAL
from lkportal.testing.judging.syntax import argument, called, constant

CALLS = {"text": 2, "pgettext": 2, "ntext": 3, "npgettext": 3}
"""A text by its function: how many leading arguments are literals (key, English; key, one, many)."""

KEYLESS = {"gettext", "ngettext", "_"}
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg", ".webmanifest"}
DATA_SUFFIXES = {".py", ".toml", ".js", ".json", *TEMPLATE_SUFFIXES}
_PARAMETER = re.compile(r"%\((\w+)\)")


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is used: its key, the English forms (one, or one and many) and the place."""

    key: str
    english: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Where texts stand: Python files, templates, the catalogues of one language, and whatever else may name a key (`data`).
    Places are told from `root`."""

    root: Path
    python: Sequence[Path]
    templates: Sequence[Path]
    catalogues: Sequence[Path]
    data: Sequence[Path] = ()


def module_sources(package: Path, language: str = "ru") -> Sources:
    """Return the sources of a module that lives in the folder `package`."""
    files = [path for path in sorted(package.rglob("*")) if path.is_file() and "tests" not in path.parts]
    return Sources(
        package.parent,
        [path for path in files if path.suffix == ".py"],
        [path for path in files if path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts],
        [path for path in files if path.parts[-4:] == ("locale", language, "LC_MESSAGES", "messages.po")],
        [path for path in files if path.suffix in DATA_SUFFIXES],
    )


def problems(sources: Sources, language: str = "ru", ours: Callable[[str], bool] = lambda key: True) -> list[str]:
    """Return what is missing, doubled or unkeyed in the texts of `sources`. Keys that are not `ours` are translated elsewhere."""
    complaints: list[str] = []
    wordings = said(sources, complaints)
    entries = _catalogues(sources, language, complaints)
    for wording in wordings.values():
        if ours(wording.key):
            complaints.extend(_translated(wording, entries))
        if wording.key + INFORMAL in entries:
            complaints.extend(_translated(replace(wording, key=wording.key + INFORMAL), entries))
    complaints.extend(_forgotten(sources, set(wordings), entries))
    return complaints


def said(sources: Sources, complaints: list[str]) -> dict[str, Wording]:
    """Return every text of the code and the templates by its key; what is wrong with one is added to `complaints`."""
    wordings: dict[str, Wording] = {}
    for wording in (*_python(sources, complaints), *_templates(sources, complaints)):
        known = wordings.setdefault(wording.key, wording)
        if known.english != wording.english:
            complaints.append(f"{wording.place}: the key {wording.key} says something else at {known.place}")
    return wordings


def _python(sources: Sources, complaints: list[str]) -> Iterator[Wording]:
    for path in sources.python:
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        ours = _imported_from_i18n(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = called(node)
            place = _where(sources.root, path, node.lineno)
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


def _templates(sources: Sources, complaints: list[str]) -> Iterator[Wording]:
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"])
    for path in sources.templates:
        try:
            tree = environment.parse(path.read_text(encoding="utf-8"))
        except jinja2.TemplateSyntaxError as error:
            complaints.append(f"{_where(sources.root, path, error.lineno)}: {error.message}")
            continue
        for node in tree.find_all(nodes.Call):
            if not isinstance(node.node, nodes.Name):
                continue
            name, place = node.node.name, _where(sources.root, path, node.lineno)
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


def _catalogues(sources: Sources, language: str, complaints: list[str]) -> dict[str, Message]:
    """Return every translated message by its key; a key in two catalogues, or twice in one, is a complaint."""
    entries: dict[str, Message] = {}
    owner: dict[str, str] = {}
    for path in sources.catalogues:
        name = path.relative_to(sources.root).as_posix()
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


def _forgotten(sources: Sources, used: set[str], entries: dict[str, Message]) -> Iterator[str]:
    """Yield the translations of keys that stand nowhere, not even in data such as a TOML file or a table of texts."""
    unused = {key for key in entries if key.removesuffix(INFORMAL) not in used}
    if not unused:
        return
    mentions: dict[str, bool] = defaultdict(bool)
    for path in sources.data:
        content = path.read_text(encoding="utf-8", errors="replace")
        for key in unused:
            mentions[key] = mentions[key] or key in content
    yield from (
        f"the catalogue still translates {key}, which nothing shows" for key in sorted(unused) if not mentions[key]
    )


def _where(root: Path, path: Path, line: int) -> str:
    return f"{path.relative_to(root).as_posix()}:{line}"
