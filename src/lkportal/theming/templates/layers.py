"""The chain of folders a page is made from: brand, the brands it extends, theme, its parents, modules, core.

A layer is a name with two folders, `templates/` and `static/`; loaders.py and assets.py walk the same chain.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lkportal.theming.brand.book import BrandBook
from lkportal.theming.themes import ThemeFile

LayerKind = Literal["brand", "theme", "module", "core"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One folder of templates, one of static files, one of icons. Modules keep theirs under a folder of their own name."""

    kind: LayerKind
    name: str
    templates: Path | None = None
    static: Path | None = None
    icons: Path | None = None


def folder_layer(kind: LayerKind, name: str, folder: Path) -> Layer:
    """The layer of a folder that holds `templates/`, `static/` and `icons/`; each may be absent."""
    found = [folder / part if (folder / part).is_dir() else None for part in ("templates", "static", "icons")]
    return Layer(kind, name, *found)


def chain(
    book: BrandBook, themes: Sequence[ThemeFile], modules: Iterable[Layer], core: Iterable[Layer]
) -> tuple[Layer, ...]:
    """The whole chain of a brand, strongest first. `themes` is the brand's theme, then its parents."""
    brands = [
        folder_layer("brand", book.key if not depth else f"{book.key}.{depth}", folder)
        for depth, folder in enumerate(book.folders)
    ]
    return (*brands, *chain_below(themes, modules, core))


def chain_below(themes: Sequence[ThemeFile], modules: Iterable[Layer], core: Iterable[Layer]) -> tuple[Layer, ...]:
    """The chain under all brands, strongest first."""
    worn = [folder_layer("theme", theme.name, theme.folder) for theme in themes]
    return (*worn, *modules, *core)
