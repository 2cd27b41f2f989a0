"""What an upgrade left behind in a brand or a theme: stale overrides, texts, icons and roles that are no longer there.

A brand that cannot be read at all is `theme check`'s matter (report.py).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from lkportal.core.language.catalogues import Library, Terms
from lkportal.theming.brand.wording import FOLDER, read_wording
from lkportal.theming.colour.pairs import ROLES
from lkportal.theming.errors import BrandError
from lkportal.theming.templates.layers import Layer
from lkportal.theming.templates.overrides import stale

_USED = re.compile(r"var\(\s*--([\w-]+)\s*\)")
_DEFINED = re.compile(r"(?<![\w-])--([\w-]+)\s*:")
_ID = re.compile(rb"""\bid=["']([\w-]+)["']""")
_STYLED = (".css", ".html", ".svg")


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined: the layers of a brand or a theme with their folders, strongest first, and the layers under them.

    `css` is the brand's computed stylesheet, `library` every text the portal has, `terms` the glossary of brand.toml.
    """

    upper: Sequence[Layer]
    folders: Sequence[Path]
    lower: Sequence[Layer]
    css: str
    library: Library
    terms: Terms = field(default_factory=dict)


def examine(patient: Patient) -> list[str]:
    """A sentence for each thing that is stale or leads nowhere; empty when all is well."""
    return [*_templates(patient), *_wording(patient), *_icons(patient), *_roles(patient)]


def _templates(patient: Patient) -> Iterator[str]:
    for depth, layer in enumerate(patient.upper):
        yield from stale(layer, [*patient.upper[depth + 1 :], *patient.lower])


def _wording(patient: Patient) -> Iterator[str]:
    for folder in patient.folders:
        for path in sorted((folder / FOLDER).glob("*.toml")):
            try:
                read_wording([folder], path.stem, patient.library, patient.terms)
            except BrandError as wrong:
                yield from wrong.problems


def _icons(patient: Patient) -> Iterator[str]:
    sprites = [layer.static / "icons.svg" for layer in (*patient.upper, *patient.lower) if layer.static]
    known = {found.decode() for path in sprites if path.is_file() for found in _ID.findall(path.read_bytes())}
    for folder in patient.folders:
        for path in sorted((folder / "icons").glob("*.svg")):
            if known and path.stem not in known:
                near = get_close_matches(path.stem, known, n=1)
                cure = f"did you mean {near[0]}.svg?" if near else "the portal draws no icon of that name."
                yield f"{path} replaces no icon: {cure}"


def _roles(patient: Patient) -> Iterator[str]:
    known = set(ROLES) | set(_DEFINED.findall(patient.css))
    for layer in (*patient.lower, *patient.upper):
        for path in layer.static.rglob("*.css") if layer.static else ():
            known.update(_DEFINED.findall(path.read_text("utf-8")))
    for path, text in _own_styles(patient.folders).items():
        for name in dict.fromkeys(_USED.findall(text)):
            if name not in known and name not in _DEFINED.findall(text):
                near = get_close_matches(name, known, n=1)
                cure = f"did you mean --{near[0]}?" if near else f"the roles are {', '.join(ROLES[:8])} and so on."
                yield f"{path} uses var(--{name}), which nothing defines: {cure}"


def _own_styles(folders: Sequence[Path]) -> Mapping[Path, str]:
    found: dict[Path, str] = {}
    for folder in folders:
        places = [
            folder / "brand.css",
            *(path for name in ("static", "templates") for path in (folder / name).rglob("*")),
        ]
        for path in sorted(places):
            if path.suffix in _STYLED and path.is_file():
                found[path] = path.read_text("utf-8", errors="replace")
    return found
