"""What the head of a page links: stylesheets, scripts and preloaded fonts. Made once per brand, version, root, language and set of
templates; which files they are is said by the theme's theme.toml and the brand book."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from lkportal.theming.faces import Face


@dataclass(frozen=True, slots=True)
class Head:
    """Addresses, in the order a page links them; the brand's own stylesheet is the last. `lean` are the styles of a page that sets it."""

    styles: tuple[str, ...]
    lean: tuple[str, ...]
    scripts: tuple[str, ...]
    fonts: tuple[str, ...]


def head_of(face: Face, templates: Collection[str], language: str, asset: Callable[[str], str]) -> Head:
    """Return the head of a page made of `templates`; `asset` makes the address of a file."""
    return Head(
        styles=tuple(asset(name) for name in face.sheets()),
        lean=tuple(asset(name) for name in face.sheets(templates)),
        scripts=tuple(asset(name) for name in face.scripts),
        fonts=tuple(asset(name) for name in face.preloads(language)),
    )
