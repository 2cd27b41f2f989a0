"""From a brand folder to a report or to files: what `lkportal theme check` and `build` do."""

import json
from pathlib import Path

from lkportal.theming.brand.file import load_book
from lkportal.theming.colour.palette import MODES
from lkportal.theming.files.app_icons import app_icons
from lkportal.theming.files.assets import AssetIndex
from lkportal.theming.files.manifest import manifest
from lkportal.theming.making.report import Report, report
from lkportal.theming.marks.sprite import SPRITE
from lkportal.theming.templates.layers import chain
from lkportal.theming.theme import Theme, build_theme
from lkportal.theming.themes import installed_themes, theme_chain


def check(brand_dir: Path | str) -> Report:
    """Read and compute a brand, check every pair of its colours and read its files. Raises BrandError for what cannot be used."""
    theme = build_theme(load_book(brand_dir))
    _index(theme)
    return report(theme)


def build(brand_dir: Path | str, out_dir: Path | str) -> list[Path]:
    """Write what a brand emits for the web into `out_dir`: stylesheet and fonts, roles, mark and logos, icons, sprite and manifest.

    Names are plain and stand side by side, so that the manifest and the stylesheet find them; the same book writes the same bytes.
    """
    theme = build_theme(load_book(brand_dir))
    out = Path(out_dir)
    out.mkdir(parents=True, exist_ok=True)
    files = _files(theme)
    for name, body in files.items():
        (out / name).write_bytes(body)
    return [out / name for name in files]


def _files(theme: Theme) -> dict[str, bytes]:
    roles = {mode: dict(theme.roles(mode)) for mode in MODES}
    said = manifest(theme, "ru", "", lambda name: _plain(theme, name))
    files = {
        "brand.css": theme.css.encode(),
        "roles.json": (json.dumps(roles, indent=2) + "\n").encode(),
        "manifest.webmanifest": (json.dumps(said, indent=2, ensure_ascii=False) + "\n").encode(),
        f"mark{theme.logos.mark.suffix}": theme.logos.mark.body,
    }
    for name, picture in (("logo", theme.logos.light), ("logo-dark", theme.logos.dark)):
        if picture:
            files[f"{name}{picture.suffix}"] = picture.body
    files |= {face.name.rpartition("/")[2]: face.body for face in theme.fonts.faces}
    files |= {_plain(theme, name): icon.make() for name, icon in app_icons(theme).items()}
    sprite = _index(theme).find(SPRITE, theme.book.key)
    return {**files, SPRITE: sprite.body} if sprite else files


def _plain(theme: Theme, name: str) -> str:
    """`brand/aqua-icon-192.png` -> `icon-192.png`, `brand/aqua.ico` -> `favicon.ico`."""
    plain = name.removeprefix(f"brand/{theme.book.key}")
    return plain[1:] if plain.startswith("-") else f"favicon{plain}"


def _index(theme: Theme) -> AssetIndex:
    """The files of a brand as a portal without modules would serve them."""
    worn = theme_chain(theme.book.theme or "default", installed_themes())
    return AssetIndex().with_brand(theme, chain(theme.book, worn, (), ()))
