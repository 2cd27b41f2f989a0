"""Design tokens in the form of DTCG 2025.10, as designers export them: a chain of files becomes one table with every reference resolved.

What a value of each type may be stands in token_values.py; which keys of a brand tokens fill, in token_keys.py.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lkportal.theming.errors import BrandError
from lkportal.theming.tokens.files import Node, Place, is_token, joined
from lkportal.theming.tokens.values import known_type, read_value

VENDOR = "org.lkportal"
"""Our key in a token's `$extensions`."""
_GUESSES = 20
_DEEPEST = 60
_ALIAS = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `value` is plain data of its type (token_values.py), `file` the one that wrote it, `extensions` kept whole."""

    path: str
    type: str
    value: object
    file: Path
    extensions: Mapping[str, Any]
    deprecated: bool | str = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A token that says which key of the brand it is: `$extensions["org.lkportal"].role`."""

    role: str
    path: str
    file: Path


@dataclass(frozen=True)
class Tokens:
    """The tokens of a chain of files by dotted path, for each that cannot be used the sentence that says why, and the claims."""

    tokens: Mapping[str, Token] = field(default_factory=lambda: MappingProxyType({}))
    faults: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    claims: tuple[Claim, ...] = ()

    def get(self, path: str, place: str) -> Token:
        """The token `path`, asked for at `place`, which begins the sentence of the BrandError when it cannot be had."""
        if path in self.tokens:
            return self.tokens[path]
        if path in self.faults:
            raise BrandError(f"{place} cannot be used: {self.faults[path]}")
        if not self.tokens and not self.faults:
            raise BrandError(
                f"{place} cannot be used: the brand has no tokens, put them into brand.tokens.json beside it."
            )
        raise BrandError(f"{place} leads to no token. {_nearest(path, [*self.tokens, *self.faults])}")


def read_tokens(files: Sequence[Path]) -> Tokens:
    """Read a chain of token files, the most general first; later ones win token by token.

    Raises BrandError for a file that is no tokens file and for references that go round in a circle; any other fault
    belongs to its token alone.
    """
    try:
        return _read_tokens(files)
    except RecursionError:
        raise BrandError(f"{files[-1]} is nested too deeply to be a tokens file: export it once more.") from None


def _read_tokens(files: Sequence[Path]) -> Tokens:
    tree, places = joined(files)
    reader = _Reader(tree, places)
    tokens: dict[str, Token] = {}
    faults: dict[str, str] = {}
    claims: list[Claim] = []
    for path, node, inherited, deprecated in _walk(tree, (), None, deprecated=False):
        name = ".".join(path)
        extensions = node.get("$extensions")
        extensions = extensions if isinstance(extensions, dict) else {}
        ours = extensions.get(VENDOR)
        if isinstance(ours, dict) and "role" in ours:
            claims.append(Claim(str(ours["role"]), name, places[path]))
        try:
            kind, value = reader.read(path, node, inherited)
        except _Wrong as wrong:
            faults[name] = wrong.sentence
            continue
        tokens[name] = Token(name, kind, value, places[path], extensions, deprecated)
    if reader.circles:
        raise BrandError(list(dict.fromkeys(reader.circles)))
    return Tokens(MappingProxyType(tokens), MappingProxyType(faults), tuple(claims))


_Found = tuple[Place, Node, str | None, bool | str]


def _walk(group: Node, path: Place, inherited: str | None, *, deprecated: bool | str) -> Iterator[_Found]:
    inherited = group.get("$type", inherited)
    deprecated = group.get("$deprecated", deprecated)
    for name, node in group.items():
        if not isinstance(node, dict) or (name.startswith("$") and name != "$root"):
            continue
        if is_token(node):
            yield (*path, name), node, inherited, node.get("$deprecated", deprecated)
        else:
            yield from _walk(node, (*path, name), inherited, deprecated=deprecated)


class _Wrong(Exception):
    """A token that cannot be used, with the whole sentence."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence


class _Reader:
    """Resolves references over one tree. Each token is resolved once; a stack of what is under way finds circles."""

    def __init__(self, tree: Node, places: Mapping[Place, Path]) -> None:
        self._tree, self._places = tree, places
        self._raw: dict[Place, object] = {}
        self._failed: dict[Place, _Wrong] = {}
        self._types = {path: inherited for path, _, inherited, _ in _walk(tree, (), None, deprecated=False)}
        self._under_way: list[str] = []
        self._guesses = 0
        self.circles: list[str] = []

    def read(self, path: Place, node: Node, inherited: str | None) -> tuple[str, object]:
        """The type and the value of a token. Raises _Wrong."""
        raw = self._value_of(path, node)
        kind = self._type(path, node, inherited)
        if kind is None:
            raise self._wrong(path, 'has no type: write "$type" on it or on its group')
        try:
            return known_type(kind) or kind, read_value(kind, raw)
        except ValueError as wrong:
            raise self._wrong(path, f"= {_shown(raw)} {wrong}") from None

    def _type(self, path: Place, node: Node, inherited: str | None) -> str | None:
        """A token's own type, else that of the token it refers to, else its group's (Format module, "Type")."""
        seen: set[Place] = set()
        while path not in seen:
            seen.add(path)
            own = node.get("$type")
            if isinstance(own, str):
                return own
            target = self._referred(node)
            if target is None:
                return inherited
            path, node, inherited = target, self._node(target), self._types.get(target)
        return inherited

    def _referred(self, node: Node) -> Place | None:
        value = node.get("$value")
        alias = _ALIAS.fullmatch(value) if isinstance(value, str) else None
        if alias:
            return tuple(alias[1].split("."))
        pointer = node.get("$ref") if "$ref" in node else value.get("$ref") if isinstance(value, dict) else None
        place = _segments(pointer)[0] if isinstance(pointer, str) else ()
        place = place[:-1] if place and place[-1] == "$value" else place
        return place if place in self._types else None

    def _node(self, place: Place) -> Node:
        node: Any = self._tree
        for name in place:
            node = node[name]
        return node  # type: ignore[no-any-return]

    def _value_of(self, path: Place, node: Node) -> object:
        if path in self._failed:
            raise self._failed[path]
        if path not in self._raw:
            name = ".".join(path)
            if name in self._under_way:
                raise self._circle(path)
            if len(self._under_way) == _DEEPEST:
                raise self._wrong(path, f"refers to others more than {_DEEPEST} times in a row: shorten the chain")
            self._under_way.append(name)
            try:
                source = node["$value"] if "$value" in node else {"$ref": node["$ref"]}
                self._raw[path] = self._resolved(source, path)
            except _Wrong as wrong:
                self._failed[path] = wrong
                raise
            finally:
                self._under_way.pop()
        return self._raw[path]

    def _resolved(self, value: object, path: Place) -> object:
        if isinstance(value, str):
            alias = _ALIAS.fullmatch(value)
            return self._aliased(alias[1], path) if alias else value
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                return self._pointed(value["$ref"], path)
            return {name: self._resolved(part, path) for name, part in value.items()}
        if isinstance(value, list):
            return [self._resolved(part, path) for part in value]
        return value

    def _aliased(self, name: str, path: Place) -> object:
        target = tuple(name.split("."))
        if target in self._types:
            return self._value_of(target, self._node(target))
        if (*target, "$root") in self._types:
            raise self._wrong(
                path, f"refers to {{{name}}}, which is a group: write {{{name}.$root}} for its root token"
            )
        self._guesses += 1  # guessing takes longer than reading: one wrong file may hold a thousand
        known = [".".join(place) for place in self._types] if self._guesses <= _GUESSES else []
        raise self._wrong(path, f"refers to {{{name}}}, and there is no such token. {_nearest(name, known)}")

    def _pointed(self, pointer: str, path: Place) -> object:
        segments, whole = _segments(pointer)
        if not whole:
            raise self._wrong(
                path, f'refers to "{pointer}": only places of the same file can be named, as "#/brand/blue"'
            )
        node: object = self._tree
        walked: Place = ()
        for segment in segments:
            if walked in self._types and segment == "$value":
                node = self._value_of(walked, self._node(walked))
            elif isinstance(node, list) and segment.isdecimal() and int(segment) < len(node):
                node = node[int(segment)]
            elif isinstance(node, dict) and segment in node:
                node = node[segment]
            else:
                raise self._wrong(path, f'refers to "{pointer}", and there is no "{segment}"')
            walked = (*walked, segment)
        if walked in self._types:
            return self._value_of(walked, self._node(walked))
        return self._resolved(node, path)

    def _circle(self, path: Place) -> _Wrong:
        start = self._under_way.index(".".join(path))
        ring = self._under_way[start:]
        first = ring.index(min(ring))
        ring = ring[first:] + ring[:first]
        way = " -> ".join([*ring, ring[0]])
        place = tuple(ring[0].split("."))
        wrong = self._wrong(place, f"goes round in a circle: {way}. Give one of them a value of its own")
        self.circles.append(wrong.sentence)
        return wrong

    def _wrong(self, path: Place, said: str) -> _Wrong:
        file = self._places.get(path, "brand.tokens.json")
        return _Wrong(f"{file}: {'.'.join(path)} {said.rstrip('.')}.")


def _segments(pointer: str) -> tuple[Place, bool]:
    """The steps of a JSON pointer (RFC 6901), and whether it stays in this document."""
    if pointer == "#":
        return (), True
    steps = pointer.removeprefix("#/").split("/")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps), pointer.startswith("#/")


def _nearest(name: str, known: Sequence[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else "Look at its path once more."


def _shown(value: object) -> str:
    shown = f'"{value}"' if isinstance(value, str) else repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."
