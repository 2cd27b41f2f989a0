"""A computed brand written back as design tokens: DTCG 2025.10, one file a mode, and the resolver that joins them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lkportal.theming.colour.oklch import rgb
from lkportal.theming.theme import Theme
from lkportal.theming.tokens.files import FILE
from lkportal.theming.tokens.reading import VENDOR

_SCHEMA = "https://www.designtokens.org/schemas/2025.10"
CONTEXTS = {"light": "light", "dark": "dark", "contrast": "light-more", "contrast-dark": "dark-more"}
"""The contexts of the resolver's modifier `mode`, and the mode of the palette each one is."""
RESOLVER = "resolver.json"


def export_tokens(theme: Theme) -> dict[str, bytes]:
    """The files by name: `brand.tokens.json` (what the brand gave, fit to be read again), `modes/*.tokens.json`, `resolver.json`."""
    made: dict[str, Any] = {FILE: _given(theme)}
    for context, mode in CONTEXTS.items():
        made[_mode_file(context)] = _mode(theme, mode)
    made[RESOLVER] = _resolver(theme)
    return {name: (json.dumps(body, ensure_ascii=False, indent=2) + "\n").encode() for name, body in made.items()}


def write_tokens(theme: Theme, out: Path) -> list[Path]:
    """Write the files of `export_tokens` into a folder; the same brand writes the same bytes."""
    written = []
    for name, body in export_tokens(theme).items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        written.append(path)
    return written


def _mode_file(context: str) -> str:
    return f"modes/{context}.tokens.json"


def _given(theme: Theme) -> dict[str, Any]:
    sections = theme.book.sections
    primary = sections.color.primary
    fills = {
        "fill": _token(_colour(primary), "fill"),
        "accent": _token(_colour(sections.color.accent or primary), "accent"),
    }
    made: dict[str, Any] = {
        "$schema": f"{_SCHEMA}/format.json",
        "$description": theme.book.name,
        "brand": {"$type": "color", **fills},
    }
    if sections.shape.radius:
        pixels = int(sections.shape.radius.removesuffix("px"))
        made["shape"] = {"$type": "dimension", "radius": _token({"value": pixels, "unit": "px"}, "radius")}
    fonts = {
        name: families
        for name, families in (("body", sections.type.body), ("heading", sections.type.heading))
        if families
    }
    if fonts:
        made["type"] = {
            "$type": "fontFamily",
            **{name: _token(list(families), name) for name, families in fonts.items()},
        }
    return made


def _mode(theme: Theme, mode: str) -> dict[str, Any]:
    """Every role of a mode; a fill that is the brand's own refers to it."""
    sections = theme.book.sections
    given = {"brand": sections.color.primary, "accent": sections.color.accent or sections.color.primary}
    own = {"brand": "{brand.fill}", "accent": "{brand.accent}"}
    roles: Mapping[str, str] = theme.roles(mode)
    values = {role: own[role] if given.get(role) == colour else _colour(colour) for role, colour in roles.items()}
    return {
        "$schema": f"{_SCHEMA}/format.json",
        "role": {"$type": "color", **{role: {"$value": value} for role, value in values.items()}},
    }


def _resolver(theme: Theme) -> dict[str, Any]:
    return {
        "$schema": f"{_SCHEMA}/resolver.json",
        "name": theme.book.name,
        "version": "2025.10",
        "sets": {"brand": {"sources": [{"$ref": FILE}]}},
        "modifiers": {
            "mode": {"contexts": {context: [{"$ref": _mode_file(context)}] for context in CONTEXTS}, "default": "light"}
        },
        "resolutionOrder": [{"$ref": "#/sets/brand"}, {"$ref": "#/modifiers/mode"}],
    }


def _token(value: object, role: str) -> dict[str, object]:
    return {"$value": value, "$extensions": {VENDOR: {"role": role}}}


def _colour(hex_colour: str) -> dict[str, object]:
    return {
        "colorSpace": "srgb",
        "components": [round(channel / 255, 4) for channel in rgb(hex_colour)],
        "hex": hex_colour.lower(),
    }
