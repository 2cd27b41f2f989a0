"""What of a brand book design tokens may fill: by `"{token:group.name}"` in brand.toml, or by a role that the token itself names."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lkportal.theming.colour.spaces import Colour
from lkportal.theming.errors import BrandError
from lkportal.theming.tokens.reading import VENDOR, Token, Tokens
from lkportal.theming.tokens.values import Measure

_POINTER = re.compile(r"\{token:([^{}]*)\}")
ROLES = {
    "fill": "color.primary", "accent": "color.accent", "radius": "shape.radius", "body": "type.body", "heading": "type.heading"
}  # fmt: skip
"""What a token may name itself (`"org.lkportal": {"role": "fill"}`), and the key it fills; the key's own name serves too."""


def claimed(tokens: Tokens, file: Path) -> dict[str, dict[str, Any]]:
    """The sections that tokens of one file fill by their roles. Raises BrandError for an unknown role or two of one."""
    made: dict[str, dict[str, Any]] = {}
    for claim in tokens.claims:
        if claim.file != file:
            continue
        key = ROLES.get(claim.role, claim.role)
        place = f'{file}: {claim.path} with "{VENDOR}": {{"role": "{claim.role}"}}'
        if key not in _KINDS:
            raise BrandError(f"{place}: there is no such role. Known are {', '.join(ROLES)}.")
        section, _, name = key.partition(".")
        if name in made.get(section, {}):
            raise BrandError(f"{place}: another token of this file has that role already. Leave it to one of them.")
        made.setdefault(section, {})[name] = _fitted(key, tokens.get(claim.path, place), place)
    return made


def put_tokens(merged: dict[str, Any], origins: Mapping[str, Path], tokens: Tokens) -> dict[str, str]:
    """Replace every `"{token:...}"` of a merged book by its value; return for each key which token it was.

    Raises BrandError with one sentence for every pointer that leads nowhere or stands where no token can.
    """
    problems: list[str] = []
    via: dict[str, str] = {}
    for section, keys in merged.items():
        for name, value in keys.items() if isinstance(keys, dict) else ():
            key = f"{section}.{name}"
            found = _POINTER.fullmatch(value) if isinstance(value, str) else None
            if found is None:
                continue
            place = f'{origins[key]}: [{section}] {name} = "{value}"'
            try:
                token = tokens.get(found[1], place)
                keys[name] = _fitted(key, token, place)
            except BrandError as wrong:
                problems += wrong.problems
                continue
            via[key] = f"token {token.path} of {token.file}"
    if problems:
        raise BrandError(problems)
    return via


def _fitted(key: str, token: Token, place: str) -> object:
    if key not in _KINDS:
        raise BrandError(f"{place}: a token cannot stand here. It can in {', '.join(_KINDS)}.")
    fit, what = _KINDS[key]
    try:
        return fit(token.value)
    except ValueError as wrong:
        raise BrandError(f"{place}: the token {token.path} is of type {token.type} {wrong}; {what}.") from None


def _colour(value: object) -> str:
    if not isinstance(value, Colour):
        raise ValueError("and no colour")
    if value.alpha < 1:
        raise ValueError("and can be seen through")
    return value.hex


def _radius(value: object) -> str:
    if not isinstance(value, Measure):
        raise ValueError("and no length")
    return f"{round(value.value * (16 if value.unit == 'rem' else 1))}px"


def _families(value: object) -> list[str]:
    if not isinstance(value, tuple) or not all(isinstance(name, str) for name in value):
        raise ValueError("and no font family")
    return list(value)


_Kind = tuple[Callable[[object], object], str]
_FILL: _Kind = (_colour, "a colour of a brand is a colour without transparency")
_FONT: _Kind = (_families, "fonts are a token of type fontFamily")
_KINDS: Mapping[str, _Kind] = {
    "color.primary": _FILL,
    "color.accent": _FILL,
    "shape.radius": (_radius, "a radius is a token of type dimension"),
    "type.body": _FONT,
    "type.heading": _FONT,
}
