"""The web manifest of a brand: what a phone shows when a customer puts the portal on the first screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lkportal.theming.files.app_icons import SIZES, icon_name
from lkportal.theming.theme import Theme


def manifest(
    theme: Theme,
    language: str,
    root: str,
    asset: Callable[[str], str],
    shortcuts: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Return the manifest (W3C Web App Manifest) of a portal mounted at `root`, which has no trailing slash.

    `asset` makes the address of a file by its plain name; `shortcuts` are pairs of a label and an address.
    """
    book, page = theme.book, theme.roles()["page"]
    made = {
        "id": f"{root}/",
        "name": book.name,
        "short_name": book.short_name,
        "lang": language,
        "start_url": f"{root}/",
        "scope": f"{root}/",
        "display": "standalone",
        "theme_color": page,
        "background_color": page,
        "icons": _icons(theme, asset),
    }
    if shortcuts:
        made["shortcuts"] = [{"name": label, "url": address} for label, address in shortcuts]
    return made


def _icons(theme: Theme, asset: Callable[[str], str]) -> list[dict[str, str]]:
    key, suffix = theme.book.key, theme.logos.mark.suffix
    icons = [
        {
            "src": asset(icon_name(key, side, mask=mask)),
            "sizes": f"{side}x{side}",
            "type": "image/png",
            "purpose": "maskable" if mask else "any",
        }
        for mask in (False, True)
        for side in SIZES
    ]
    if suffix == ".svg":
        icons.append({"src": asset(f"brand/{key}-mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"})
    return icons
