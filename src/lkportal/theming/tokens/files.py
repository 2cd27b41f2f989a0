"""Token files as they are written: JSON is read, sets of a design tool and files of a chain are laid over each other, groups are extended.

Values are not looked at here: references are resolved in tokens.py.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from lkportal.theming.brand.named_files import read_text
from lkportal.theming.errors import BrandError

Node: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str, ...]

FILE = "brand.tokens.json"
_MOST = 8_000_000


def is_token(node: object) -> bool:
    """Whether a node is a token: it has a value, or is an alias of a whole token (`$ref` and nothing under it)."""
    if not isinstance(node, dict):
        return False
    return "$value" in node or (
        "$ref" in node and not any(isinstance(node[name], dict) for name in node if name[:1] != "$")
    )


def joined(files: Sequence[Path]) -> tuple[Node, Mapping[Place, Path]]:
    """One tree of all files, the last winning token by token, with groups extended; and the file of each token.

    Raises BrandError for a file that is not JSON or holds no tokens, and for groups that extend each other in a circle.
    """
    tree: Node = {}
    places: dict[Place, Path] = {}
    for file in files:
        read = _sets(_read(file))
        if not any(True for _ in _tokens(read, ())):
            older = any(name == "value" for name, _ in _leaves(read))
            cure = (
                'write "$value" and "$type" where it has "value" and "type"' if older else 'a token is {"$value": ...}'
            )
            raise BrandError(f"{file} holds no tokens in the form of DTCG 2025.10: {cure}.")
        _lay(tree, read)
        places.update((place, file) for place, _ in _tokens(read, ()))
    return _Extender(tree, places).whole(), places


def _read(file: Path) -> Node:
    try:
        if file.stat().st_size > _MOST:
            raise BrandError(
                f"{file} has {file.stat().st_size:,} bytes: tokens may have {_MOST:,}. Leave out what is no brand's."
            )
        read = json.loads(read_text(file))
    except json.JSONDecodeError as wrong:
        raise BrandError(f"{file} is not JSON: line {wrong.lineno}, column {wrong.colno}: {wrong.msg}.") from None
    except RecursionError:
        raise BrandError(f"{file} is nested too deeply to be a tokens file: export it once more.") from None
    if not isinstance(read, dict):
        raise BrandError(
            f'{file} is not a tokens file: it must be an object, as {{"brand": {{"blue": {{"$value": ...}}}}}}.'
        )
    return read


def _sets(read: Node) -> Node:
    """A file of Tokens Studio holds sets by name and their order, and references leave the set's name out.

    Sets of a dark mode, by the word in their name, are left out: they are another choice of the same tokens, and dark is computed.
    """
    metadata = read.get("$metadata")
    order = metadata.get("tokenSetOrder") if isinstance(metadata, dict) else None
    if not isinstance(order, list):
        # Tools leave lists of their own at the top (`tokenSetOrder`): neither groups nor tokens.
        return {name: part for name, part in read.items() if name.startswith("$") or isinstance(part, dict)}
    made: Node = {}
    for name in order:
        part = read.get(name) if isinstance(name, str) and not _DARK.search(name) else None
        if isinstance(part, dict):
            _lay(made, part)
    return made


def _lay(under: Node, over: Node) -> None:
    for name, part in over.items():
        known = under.get(name)
        if isinstance(part, dict) and isinstance(known, dict) and not is_token(part) and not is_token(known):
            _lay(known, part)
        elif isinstance(part, dict) and not is_token(part) and not name.startswith("$"):
            under[name] = {}
            _lay(under[name], part)
        else:
            under[name] = part


def _tokens(group: Node, path: Place) -> Iterator[tuple[Place, Node]]:
    for name, node in group.items():
        if not isinstance(node, dict) or (name.startswith("$") and name != "$root"):
            continue
        if is_token(node):
            yield (*path, name), node
        else:
            yield from _tokens(node, (*path, name))


def _leaves(node: Node) -> Iterator[tuple[str, object]]:
    for name, part in node.items():
        if isinstance(part, dict):
            yield from _leaves(part)
        else:
            yield name, part


_DARK = re.compile(r"(?i)(?<![a-z])dark(?![a-z])")
_GROUP = re.compile(r"\{([^{}]+)\}")


class _Extender:
    """Fills groups that extend others (`$extends`, or `$ref` beside tokens): a copy of the other group under their own tokens."""

    def __init__(self, tree: Node, places: dict[Place, Path]) -> None:
        self._tree, self._places = tree, places
        self._under_way: list[Place] = []

    def whole(self) -> Node:
        return self._filled(self._tree, ())

    def _filled(self, group: Node, path: Place) -> Node:
        target = self._target(group, path)
        made: Node = {}
        if target is not None:
            if target in self._under_way or path[: len(target)] == target:
                way = " -> ".join(".".join(place) for place in [*self._under_way, path, target])
                raise BrandError(
                    f"{self._file(path)}: groups extend each other in a circle: {way}. Take one $extends out."
                )
            self._under_way.append(path)
            made = self._filled(self._at(target, path), target)
            self._under_way.pop()
            for place, _ in list(_tokens(made, ())):
                self._places.setdefault((*path, *place), self._places.get((*target, *place), self._file(path)))
        own: Node = {}
        for name, part in group.items():
            if name in ("$extends", "$ref"):
                continue
            is_group = isinstance(part, dict) and not name.startswith("$") and not is_token(part)
            own[name] = self._filled(part, (*path, name)) if is_group else part
        _lay(made, own)
        return made

    def _target(self, group: Node, path: Place) -> Place | None:
        given = group.get("$extends", group.get("$ref"))
        if given is None:
            return None
        alias = _GROUP.fullmatch(given) if isinstance(given, str) else None
        if alias:
            return tuple(alias[1].split("."))
        if isinstance(given, str) and given.startswith("#/"):
            return tuple(step.replace("~1", "/").replace("~0", "~") for step in given[2:].split("/"))
        raise BrandError(
            f'{self._file(path)}: {".".join(path)} has $extends = {given!r}: name a group, as "{{button}}".'
        )

    def _at(self, target: Place, path: Place) -> Node:
        node: object = self._tree
        for depth, name in enumerate(target):
            if isinstance(node, dict) and name not in node and self._target(node, target[:depth]) is not None:
                node = self._filled(node, target[:depth])  # it may be inherited there
            node = node.get(name) if isinstance(node, dict) else None
        if not isinstance(node, dict) or is_token(node):
            what = "is a token" if isinstance(node, dict) else "does not exist"
            raise BrandError(
                f"{self._file(path)}: {'.'.join(path)} extends {'.'.join(target)}, which {what}: name a group of the file."
            )
        return node

    def _file(self, path: Place) -> Path:
        return next((file for place, file in self._places.items() if place[: len(path)] == path), Path(FILE))
