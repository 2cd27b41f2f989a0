"""Installed themes: `theme.toml` of each folder named by the entry point group `lkportal.themes`, and a theme's parents."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from lkportal.theming.errors import BrandError

FILE = "theme.toml"
GROUP = "lkportal.themes"
_BUNDLED = Path(__file__).parents[1] / "themes"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Theme(_Part):
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
    title: str
    version: str = ""
    extends: str = ""


class _Static(_Part):
    css: list[str] = []
    more: list[str] = []
    more_for: list[str] = []
    scripts: list[str] = []
    fonts: list[str] = []
    icons: str = ""


class _Manifest(_Part):
    theme: _Theme
    static: _Static = _Static()


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme as installed. `css`, `scripts`, preloaded `fonts` and the sprite `icons` are names inside its `static/`;
    a page links those of the parents first (`sheets_of`). `more` are stylesheets that lean pages go
    without unless made of a template of `more_for`."""

    name: str
    title: str
    folder: Path
    version: str = ""
    extends: str = ""
    css: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    icons: str = ""
    more: tuple[str, ...] = ()
    more_for: tuple[str, ...] = ()


def read_theme(folder: Path) -> ThemeFile:
    """Read `theme.toml` of a folder. Raises BrandError with file, key and cure."""
    path = folder / FILE
    try:
        manifest = _Manifest.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise BrandError(f'{path} does not exist: write [theme] with name = "calm" and title = "Calm".') from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BrandError(f"{path} is not TOML in UTF-8: {wrong}.") from None
    except ValidationError as wrong:
        raise BrandError([_sentence(path, error) for error in wrong.errors()]) from None
    theme, static = manifest.theme, manifest.static
    return ThemeFile(
        theme.name, theme.title, folder, theme.version, theme.extends,
        tuple(static.css), tuple(static.scripts), tuple(static.fonts), static.icons,
        tuple(static.more), tuple(static.more_for),
    )  # fmt: skip


_KNOWN = {"": ("theme", "static"), "theme": tuple(_Theme.model_fields), "static": tuple(_Static.model_fields)}


def _sentence(path: Path, error: ErrorDetails) -> str:
    place = [str(part) for part in error["loc"]]
    known = _KNOWN.get(place[0] if len(place) > 1 else "", ())
    return f"{path}: {'.'.join(place)}: {error['msg']}. Known here: {', '.join(known)}."


def installed_themes() -> dict[str, ThemeFile]:
    """Every theme known by entry points and those that come with the portal, by name."""
    folders = [path.parent for path in sorted(_BUNDLED.glob(f"*/{FILE}"))]
    others = [point.value for point in entry_points(group=GROUP) if not point.value.startswith("lkportal.themes.")]
    folders += [Path(next(iter(import_module(package).__path__))) for package in others]
    found: dict[str, ThemeFile] = {}
    for folder in folders:
        theme = read_theme(folder)
        if theme.name in found:
            raise BrandError(
                f"Two themes are called {theme.name}: {found[theme.name].folder} and {folder}. Rename one."
            )
        found[theme.name] = theme
    return found


def theme_chain(name: str, known: Mapping[str, ThemeFile]) -> tuple[ThemeFile, ...]:
    """The theme and its parents, nearest first. Raises BrandError for an unknown name or a circle."""
    worn: list[ThemeFile] = []
    wanted = name
    while wanted:
        if wanted not in known:
            by = f" (the parent of {worn[-1].name})" if worn else ""
            raise BrandError(f"There is no theme called {wanted}{by}. Installed: {', '.join(sorted(known)) or 'none'}.")
        theme = known[wanted]
        if theme in worn:
            raise BrandError(f"Themes extend each other in a circle: {' -> '.join(t.name for t in [*worn, theme])}.")
        worn.append(theme)
        wanted = theme.extends
    return tuple(worn)


def sheets_of(themes: Sequence[ThemeFile], *, lean: bool = False) -> tuple[str, ...]:
    """Stylesheets of a page in the order it links them: each theme's `css`, then its `more` unless the page is lean; parents
    first, so that a child's rules come after all of its parents'."""
    names: list[str] = []
    for theme in reversed(themes):
        names += theme.css if lean else (*theme.css, *theme.more)
    return tuple(dict.fromkeys(names))


def stays_lean(themes: Sequence[ThemeFile], templates: Collection[str]) -> bool:
    """Whether a page made of `templates` can do without `more`."""
    return not any(part in templates for theme in themes for part in theme.more_for)


def fonts_of(themes: Sequence[ThemeFile]) -> tuple[str, ...]:
    """Fonts that every page preloads: of the nearest theme that names any, as it draws the text."""
    return next((theme.fonts for theme in themes if theme.fonts), ())


def scripts_of(themes: Sequence[ThemeFile]) -> tuple[str, ...]:
    """Scripts of a chain in the order a page loads them: parents first, each name once."""
    return tuple(dict.fromkeys(name for theme in reversed(themes) for name in theme.scripts))
