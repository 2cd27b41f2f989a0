"""What templates know of a brand: names, addresses of its files, roles. Made once per brand, published version and root."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from lkportal.theming import Theme
from lkportal.theming.files.app_icons import icon_name
from lkportal.theming.marks.logos import Picture, proportion

_LOGO_HEIGHT = 34


@dataclass(frozen=True, slots=True)
class Icon:
    """A link to an icon in the head of a page."""

    rel: str
    url: str
    type: str
    sizes: str


@dataclass(frozen=True, slots=True)
class BrandView:
    """`{{ brand.name }}` and the like. `mark` and `logo_svg` are safe markup; `roles` the light colours by role."""

    key: str
    name: str
    legal_name: str
    short_name: str
    icons: tuple[Icon, ...]
    manifest_url: str
    mark: Markup
    logo_svg: Markup
    roles: Mapping[str, str]
    theme_colors: Mapping[str, str]
    support_phone: str
    emergency_phone: str
    density: str
    support_note: str = ""


def brand_view(theme: Theme, asset: Callable[[str], str], root: str = "") -> BrandView:
    """Return the view of a computed brand; `asset` makes the address of one of its files, `root` is where the portal stands."""
    key, voice, roles = theme.book.key, theme.book.sections.voice, theme.roles()
    mark_url = asset(f"brand/{key}-mark{theme.logos.mark.suffix}")
    return BrandView(
        key=key,
        name=theme.book.name,
        legal_name=theme.book.legal_name,
        short_name=theme.book.short_name,
        icons=tuple(_icons(theme, asset, mark_url)),
        manifest_url=f"{root}/manifest.webmanifest",
        mark=Markup('<img src="{}" alt="" width="32" height="32">').format(mark_url),
        logo_svg=_logo(theme, asset),
        roles=roles,
        theme_colors={mode: theme.roles(mode)["page"] for mode in ("light", "dark")},
        support_phone=voice.support_phone,
        emergency_phone=voice.emergency_phone,
        density=theme.density,
    )


def _icons(theme: Theme, asset: Callable[[str], str], mark_url: str) -> Iterator[Icon]:
    key = theme.book.key
    yield Icon("icon", asset(icon_name(key, 32)), "image/png", "32x32")
    if theme.logos.mark.suffix == ".svg":
        yield Icon("icon", mark_url, "image/svg+xml", "any")
    yield Icon("apple-touch-icon", asset(icon_name(key, 180)), "image/png", "180x180")


def _logo(theme: Theme, asset: Callable[[str], str]) -> Markup:
    """The logo as it follows the reader's mode, chosen or the device's; empty when the company has none. Its size is known before
    it comes, and only the one that is shown is fetched."""
    light, dark = theme.logos.light, theme.logos.dark
    if light is None:
        return Markup("")
    if dark is None or dark.body == light.body:
        return _picture(theme, asset, "light", light, "")
    return _picture(theme, asset, "light", light, "by-light") + _picture(theme, asset, "dark", dark, "by-dark")


def _picture(theme: Theme, asset: Callable[[str], str], use: str, picture: Picture, shown: str) -> Markup:
    address = asset(f"brand/{theme.book.key}-{use}{picture.suffix}")
    width = round(_LOGO_HEIGHT * proportion(picture))
    if not shown:
        return Markup('<picture><img src="{}" alt="" width="{}" height="{}"></picture>').format(
            address, width, _LOGO_HEIGHT
        )
    return Markup('<picture class="{}"><img src="{}" alt="" width="{}" height="{}" loading="lazy"></picture>').format(
        shown, address, width, _LOGO_HEIGHT
    )
