"""The faces of one portal: each brand with its theme, its chain of layers and its words, and the files of all of them.
Made anew when a brand is published; what a single brand is stands in theme.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment

from lkportal.core.errors import StartupError
from lkportal.core.language.formats import Locale, Locales
from lkportal.core.module import Module
from lkportal.theming.brand.book import plain_book
from lkportal.theming.brand.file import load_book
from lkportal.theming.drawing.charts import CHARTS
from lkportal.theming.drawing.drawings import DRAWINGS, icon_set
from lkportal.theming.drawing.lines import LINES
from lkportal.theming.errors import BrandError
from lkportal.theming.files.assets import ROOT, AssetIndex
from lkportal.theming.marks.sprite import icon_names
from lkportal.theming.templates.layers import Layer, chain, chain_below, folder_layer
from lkportal.theming.templates.loaders import ChainLoader, Environments
from lkportal.theming.templates.packages import package_folder
from lkportal.theming.theme import Theme, build_theme
from lkportal.theming.themes import (
    ThemeFile,
    fonts_of,
    installed_themes,
    scripts_of,
    sheets_of,
    stays_lean,
    theme_chain,
)
from lkportal.theming.voices import load_speech

_LETTERS = {
    "ru": "а",
    "uk": "а",
    "be": "а",
    "bg": "а",
    "kk": "а",
    "sr": "а",
    "el": "α",
    "he": "א",
    "ar": "ا",
    "hy": "ա",
    "ka": "ა",
}
"""A letter by which a font that draws a language's text is known; other languages are written in Latin letters."""
_PLAIN_NAME, _PLAIN_COLOUR = "Portal", "#0B3F86"


@dataclass(frozen=True)
class Face:
    """One brand of a portal, ready to be shown: `key`, its computed theme, its layers, strongest first, and the installed
    themes it wears, nearest first."""

    key: str
    theme: Theme
    layers: tuple[Layer, ...]
    worn: tuple[ThemeFile, ...] = ()

    def sheets(self, templates: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return the stylesheets of a page in the order it links them, the brand's own last. With `templates`: of a lean page
        made of them, which goes without `more` where it can."""
        lean = templates is not None and stays_lean(self.worn, ChainLoader(self.layers).made_of(templates))
        return (*sheets_of(self.worn, lean=lean), f"brand/{self.key}.css")

    @property
    def scripts(self) -> tuple[str, ...]:
        """The scripts of every page, parents' first."""
        return scripts_of(self.worn)

    def preloads(self, language: str) -> tuple[str, ...]:
        """Return the fonts a page in a language preloads: those its text begins with, of the brand or else of the theme."""
        body = self.theme.book.sections.type.body
        if not body:
            return fonts_of(self.worn)
        plain = [face for face in self.theme.fonts.faces if face.plain and face.family == body[0]]
        return tuple(face.name for face in plain if face.draws("a1") or face.draws(_LETTERS.get(language, "a")))


@dataclass(frozen=True)
class Faces:
    """All brands of a portal, the default one first, with their static files and template environments. `refused` are the
    sentences, by brand, for which its last good face goes on serving. `strict` refuses icons that are not in the sprite: for those who build pages.
    """

    faces: tuple[Face, ...]
    assets: AssetIndex
    environments: Environments
    root: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False

    def face(self, key: str) -> Face:
        """Return the face of brand `key`, or the default one."""
        return self.known(key) or self.faces[0]

    def known(self, key: str) -> Face | None:
        """Return the face of brand `key`, if there is one."""
        return next((face for face in self.faces if face.key == key), None)

    def environment(self, key: str, locale: Locale, *, html: bool = True) -> Environment:
        """Return the template environment of a brand in a locale; `html=False` for plain text."""
        face = self.face(key)
        made = self.environments.get(face.layers, locale, html=html, name=face.key)
        if "money" not in made.globals:
            made.globals.update(self._names(face, locale))
        return made

    def _names(self, face: Face, locale: Locale) -> dict[str, Any]:
        """What templates call by name besides what the page gives them: formats of the locale, drawings, icons."""
        # Browsers draw a <use> only from the page's own origin, so icons do not move to the host of other static files.
        sprite = ROOT + self.assets.url("icons.svg", face.key).partition(ROOT)[2]
        formats = ("money", "money_parts", "number", "volume", "unit", "date", "day_month", "day_span", "month")
        named = {name: getattr(locale, name) for name in (*formats, "month_name", "short_month", "time", "datetime")}
        found = self.assets.find("icons.svg", face.key) if self.strict else None
        icon = icon_set(self.root + sprite, icon_names(found.body) if found else ())
        return {**DRAWINGS, **CHARTS, **LINES, **named, "icon": icon, "asset": self._address(face.key)}

    def _address(self, key: str) -> Callable[[str], str]:
        """The function `asset("portal.css")` for macros, which do not see what the page was given."""

        def address(name: str) -> str:
            found = self.assets.url(name, key)
            return self.root + found if found.startswith("/") else found

        return address


def assemble(
    brands: Mapping[str, Path],
    theme: str,
    modules: Sequence[Module],
    names: Mapping[str, Any],
    *,
    assets_url: str = "",
    root: str = "",
    bytecode: Path | None = None,
    keep: Faces | None = None,
    strict: bool = False,
) -> Faces:
    """Read every brand folder of `brands` (key -> folder) and compute its face. Without any, a plain face is made.

    `keep` are the faces served until now: a brand that cannot be read goes on as it is there, and `refused` says why; the files of
    pages already sent stay known. Raises StartupError with the sentences of the first brand that is not in `keep`.
    """
    try:
        dresser = _Dresser(theme, installed_themes(), tuple(_layers(modules)))
        assets = AssetIndex(dresser.below(), assets_url=assets_url, before=keep.assets if keep else None)
        environments = Environments(names, bytecode_cache_dir=bytecode)
    except BrandError as error:
        raise StartupError("brand_wrong", str(error)) from error
    made: list[Face] = []
    refused: dict[str, str] = {}
    sources: Mapping[str, Path | None] = brands or {"main": None}
    for key, folder in sources.items():
        try:
            face = dresser.face(key, folder)
            assets = assets.with_brand(face.theme, face.layers)
        except (BrandError, OSError) as error:
            known = keep.known(key) if keep else None
            if keep is None or known is None:
                raise StartupError("brand_wrong", str(error)) from error
            refused[key] = str(error)
            face = dresser.again(known)
            assets = assets.with_kept(keep.assets, key)
        made.append(face)
    return Faces(tuple(made), assets, environments, root, refused, strict)


@dataclass(frozen=True)
class _Dresser:
    """Makes faces: the portal's theme, all themes installed, and the layers under every theme."""

    theme: str
    themes: Mapping[str, ThemeFile]
    low: tuple[Layer, ...]

    def below(self) -> tuple[Layer, ...]:
        return chain_below(theme_chain(self.theme, self.themes), self.low, ())

    def face(self, key: str, folder: Path | None) -> Face:
        book = load_book(folder, key) if folder else plain_book(_PLAIN_NAME, _PLAIN_COLOUR, key)
        worn = theme_chain(book.theme or self.theme, self.themes)
        return Face(book.key, build_theme(book), chain(book, worn, self.low, ()), worn)

    def again(self, face: Face) -> Face:
        """The same face over the layers of today's modules."""
        return replace(face, layers=chain(face.theme.book, face.worn, self.low, ()))


def _layers(modules: Sequence[Module]) -> Iterator[Layer]:
    for module in modules:
        yield folder_layer("module", module.name, package_folder(module.package))
    yield folder_layer("core", "core", Path(__file__).parents[1] / "web")


def redressed(faces: Faces, folder: Path, key: str, theme: str, modules: Sequence[Module]) -> Faces:
    """Return faces of one brand alone, as `folder` says it; files that did not change are shared with `faces`.

    Raises BrandError with the sentences of what is wrong.
    """
    face = _Dresser(theme, installed_themes(), tuple(_layers(modules))).face(key, folder)
    assets = faces.assets.with_brand(face.theme, face.layers)
    return Faces((face,), assets, faces.environments.alike(), faces.root)


def load_locales(
    languages: Sequence[str], modules: Sequence[Module], layers: Sequence[Layer] = (), country: str = ""
) -> Locales:
    """Return the locales of a portal that has no brand book: the words of its rooms, modules and themes alone."""
    return load_speech(languages, modules, country).locales(plain_book(_PLAIN_NAME, _PLAIN_COLOUR), layers)
