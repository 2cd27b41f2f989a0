"""Installed themes: `theme.toml` of each folder named by the entry point group `lkportal.themes`, and a theme's parents."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from lkportal.theming.errors import BrandError

FILE = "theme.toml"
GROUP = "lkportal.themes"
_BUNDLED = Path(__file__).parents[1] / "themes"


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]
    title: str
    extends: str | None = None
    styles: list[str] = []
    scripts: list[str] = []
    fonts: list[str] = []
    blocks: int = 1


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme as installed. `styles`, `scripts` and preloaded `fonts` are names inside its `static/`, parents' first.

    `blocks` is the version of the template blocks it was written against.
    """

    name: str
    title: str
    folder: Path
    extends: str | None = None
    styles: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    blocks: int = 1


def read_theme(folder: Path) -> ThemeFile:
    """Read `theme.toml` of a folder. Raises BrandError with file, key and cure."""
    path = folder / FILE
    try:
        manifest = _Manifest.model_validate(tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        raise BrandError(f'{path} does not exist: a theme has at least name = "calm" and title = "Calm".') from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BrandError(f"{path} is not TOML in UTF-8: {wrong}.") from None
    except ValidationError as wrong:
        known = ", ".join(_Manifest.model_fields)
        raise BrandError(
            [f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}. Known keys: {known}." for e in wrong.errors()]
        ) from None
    return ThemeFile(
        manifest.name, manifest.title, folder, manifest.extends,
        tuple(manifest.styles), tuple(manifest.scripts), tuple(manifest.fonts), manifest.blocks,
    )  # fmt: skip


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
    wanted: str | None = name
    while wanted is not None:
        if wanted not in known:
            by = f" (the parent of {worn[-1].name})" if worn else ""
            raise BrandError(f"There is no theme called {wanted}{by}. Installed: {', '.join(sorted(known)) or 'none'}.")
        theme = known[wanted]
        if theme in worn:
            raise BrandError(f"Themes extend each other in a circle: {' -> '.join(t.name for t in [*worn, theme])}.")
        worn.append(theme)
        wanted = theme.extends
    return tuple(worn)
