"""The shelf of the kit: one file a component in `templates/kit/pieces/`, read as data, and the macros with their parameters.

The gallery (/_kit), the reference and the tests read the same files. Macros themselves live in `templates/parts/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from jinja2 import Environment
from markupsafe import Markup

FOLDER, PARTS = "kit/pieces/", "parts/"
GROUPS = ("shell", "actions", "forms", "content", "figures", "messages", "conversation")
"""Order of the gallery's sections."""

_HEAD = re.compile(r"\A\{#-\s*(.*?)\s*-#\}\s*", re.DOTALL)
_STATE = re.compile(r"^\{#- state: (.*?) -#\}\n", re.MULTILINE)
_MACRO = re.compile(r"\{% macro ([a-z]\w*)\((.*?)\)\s*-?%\}")
_TOLD = re.compile(r"^ {4}(\w+)\([^)]*\)(.*(?:\n {6,}.*)*)", re.MULTILINE)
IMPORTS = (
    "".join(
        f'{{% import "parts/{name}.html" as {name} %}}'
        for name in ("buttons", "cards", "charts", "dialog", "disclosure", "forms", "icons", "meters", "nav", "page")
    )
    + '{% import "parts/tables.html" as tables %}{% import "parts/timeline.html" as timeline %}'
)


@dataclass(frozen=True, slots=True)
class State:
    """One state of a component: `name` says which, `source` is how a template asks for it."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One component of the kit. `pattern` names its accessibility pattern, `keys` its way by keyboard, `macros` what it is
    made of as "file.name"; states in the order they are shown."""

    key: str
    title: str
    group: str
    pattern: str
    keys: str
    macros: tuple[str, ...]
    states: tuple[State, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Parameters:
    """A macro as its file declares it: "forms.field", its parameters with defaults, and what its head comment says of it."""

    name: str
    parameters: str
    about: str


def read_piece(key: str, text: str) -> Piece:
    """Return the component written in one file. Raises ValueError, naming file and line, when its head is not complete."""
    head = _HEAD.match(text)
    lines = head[1].splitlines() if head else []
    told = dict(re.findall(r"^\s*(\w+): *(.*)$", "\n".join(lines[1:]), re.MULTILINE))
    missing = [name for name in ("group", "pattern", "keys", "macros") if not told.get(name)]
    if head is None or missing or told["group"] not in GROUPS:
        wrong = (
            f"says nothing of {', '.join(missing)}" if missing else "begins without its head, or names no known group"
        )
        raise ValueError(f"{FOLDER}{key}.html {wrong}. The first comment holds title, group, pattern, keys and macros.")
    cuts = _STATE.split(text[head.end() :])
    states = tuple(State(name, source.strip()) for name, source in zip(cuts[1::2], cuts[2::2], strict=True))
    macros = tuple(name.strip() for name in told["macros"].split(","))
    return Piece(key, lines[0].strip(), told["group"], told["pattern"], told["keys"], macros, states)


def read_macros(part: str, text: str) -> list[Parameters]:
    """Return the public macros of one file of parts: `part` is its stem, `text` its source."""
    told = {name: " ".join(about.split()) for name, about in _TOLD.findall(text[: text.find("-#}")])}
    return [Parameters(f"{part}.{name}", given, told.get(name, "")) for name, given in _MACRO.findall(text)]


def pieces(env: Environment) -> tuple[Piece, ...]:
    """Return the components an environment's chain of themes shows, by group and title."""
    found = [read_piece(_stem(name), _source(env, name)) for name in _names(env, FOLDER)]
    return tuple(sorted(found, key=lambda piece: (GROUPS.index(piece.group), piece.title)))


def macros(env: Environment) -> dict[str, Parameters]:
    """Return every public macro of a page's parts by its "file.name"; those of papers (PDF) are not for pages."""
    names = [name for name in _names(env, PARTS) if _stem(name) != "paper"]
    found = (macro for name in names for macro in read_macros(_stem(name), _source(env, name)))
    return {macro.name: macro for macro in found}


def draw(env: Environment, state: State, values: dict[str, object]) -> Markup:
    """Return one state as markup. The sample is a template of ours with the parts imported under their files' names."""
    return Markup(env.from_string(IMPORTS + state.source).render(values))  # noqa: S704 - our template, values escaped


def _names(env: Environment, folder: str) -> Iterable[str]:
    return (name for name in env.list_templates() if name.startswith(folder) and name.endswith(".html"))


def _stem(name: str) -> str:
    return name.rsplit("/", 1)[-1].removesuffix(".html")


def _source(env: Environment, name: str) -> str:
    assert env.loader is not None
    return env.loader.get_source(env, name)[0]
