"""What templates know of a brand: names, addresses of its files, roles. Made once per brand, published version and root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from lkportal.theming import Theme


@dataclass(frozen=True, slots=True)
class BrandView:
    """`{{ brand.name }}` and the like. `mark` and `logo_svg` are safe markup; `roles` the light colours by role."""

    key: str
    name: str
    legal_name: str
    icon_url: str
    mark: Markup
    logo_svg: Markup
    roles: Mapping[str, str]
    theme_colors: Mapping[str, str]
    support_phone: str
    emergency_phone: str
    density: str
    support_note: str = ""


def brand_view(theme: Theme, asset: Callable[[str], str]) -> BrandView:
    """Return the view of a computed brand; `asset` makes the address of one of its files."""
    key, voice, roles = theme.book.key, theme.book.sections.voice, theme.roles()
    icon_url = asset(f"brand/{key}-mark{theme.logos.mark.suffix}")
    return BrandView(
        key=key,
        name=theme.book.name,
        legal_name=theme.book.legal_name,
        icon_url=icon_url,
        mark=Markup('<img src="{}" alt="" width="32" height="32">').format(icon_url),
        logo_svg=_logo(theme, asset),
        roles=roles,
        theme_colors={mode: theme.roles(mode)["page"] for mode in ("light", "dark")},
        support_phone=voice.support_phone,
        emergency_phone=voice.emergency_phone,
        density=theme.density,
    )


def _logo(theme: Theme, asset: Callable[[str], str]) -> Markup:
    """A picture that follows the reader's mode; empty when the company has no logo."""
    light, dark = theme.logos.light, theme.logos.dark
    if light is None:
        return Markup("")
    key = theme.book.key
    plain = asset(f"brand/{key}-light{light.suffix}")
    other = asset(f"brand/{key}-dark{dark.suffix}") if dark else plain
    return Markup(
        '<picture><source srcset="{}" media="(prefers-color-scheme: dark)"><img src="{}" alt="" height="32"></picture>'
    ).format(other, plain)
