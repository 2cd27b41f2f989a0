"""The stylesheet of a brand: its roles in four modes, its shape and font, as custom properties in one cascade layer.

The same book gives the same bytes. Rules that use the properties belong to the themes, not here.
"""

from collections.abc import Iterable, Mapping, Sequence

from lkportal.theming.brand.book import Logo, Sections
from lkportal.theming.colour.palette import Palette
from lkportal.theming.files.fonts import Fonts

LAYERS = "@layer reset, tokens, base, layout, components, module, brand, a11y;"
"""Declared first in every stylesheet, so that neither load order nor the weight of a selector decides who wins."""

GENERIC = frozenset({"serif", "sans-serif", "monospace", "system-ui", "ui-sans-serif", "ui-serif", "ui-rounded"})
"""Families every browser has."""
_FALLBACK = ("system-ui", "sans-serif")
_NONE = Fonts()


def brand_css(sections: Sections, palette: Palette, extra: str = "", fonts: Fonts = _NONE) -> str:
    """The whole text. `extra` is the brand's own CSS (its last resort), put into the layer above all components; `fonts`
    are the faces it sends along."""
    modes = palette.modes
    light, dark, light_more, dark_more = (modes[mode] for mode in ("light", "dark", "light-more", "dark-more"))
    raised = {role for role in light if light_more[role] != light[role] or dark_more[role] != dark[role]}
    parts = [
        _rule(':root,[data-mode="light"]', "color-scheme:light", light),
        f"@media (prefers-color-scheme:dark){{{_rule(_AUTO, 'color-scheme:dark', dark)}}}",
        _rule('[data-mode="dark"]', "color-scheme:dark", dark),
        "@media (prefers-contrast:more){"
        + _rule(':root,[data-mode="light"]', "", _only(light_more, raised))
        + f"@media (prefers-color-scheme:dark){{{_rule(_AUTO, '', _only(dark_more, raised))}}}"
        + _rule('[data-mode="dark"]', "", _only(dark_more, raised))
        + "}",
        f":root{{--rosette:{palette.rosette:g}}}",
    ]
    text = LAYERS + "\n" + (fonts.css + "\n" if fonts.css else "") + "@layer tokens{\n" + "\n".join(parts) + "\n}\n"
    shape = [*_shape(sections), *_font(sections, fonts), *_logo(sections)]
    if shape:
        text += "@layer brand{" + "".join(shape) + "}\n"
    return text + (f"@layer brand{{\n{extra.strip()}\n}}\n" if extra.strip() else "")


_AUTO = ':root:where(:not([data-mode="light"]))'


def _only(roles: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    wanted = set(names)
    return {role: colour for role, colour in roles.items() if role in wanted}


def _rule(selector: str, first: str, roles: Mapping[str, str]) -> str:
    lines = [first] if first else []
    lines += [f"--{role}:{_short(colour)}" for role, colour in roles.items()]
    return f"{selector}{{{';'.join(lines)}}}"


def _short(colour: str) -> str:
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    if red[0] == red[1] and green[0] == green[1] and blue[0] == blue[1]:
        return f"#{red[0]}{green[0]}{blue[0]}".lower()
    return colour.lower()


def _shape(sections: Sections) -> list[str]:
    """The control's radius is given; drum, card and slip keep the theme's proportions. Dense pages take half."""
    if sections.shape.radius is None:
        return []
    control = int(sections.shape.radius.removesuffix("px"))
    return [
        ":root{" + _radii(control, (0.6, 1.0, 1.6, 2.2)) + "}",
        '[data-density="compact"]{' + _radii(control, (0.3, 0.5, 0.6, 0.6)) + "}",
    ]


def _radii(control: int, parts: tuple[float, ...]) -> str:
    return ";".join(f"--r-{step}:{round(control * part)}px" for step, part in enumerate(parts, 1))


def _logo(sections: Sections) -> list[str]:
    """The room around the logo, in parts of its height; what the theme leaves anyway is a quarter."""
    space = sections.logo.clear_space
    return [] if space == Logo().clear_space else [f":root{{--clear-space:{space:g}}}"]


def _font(sections: Sections, fonts: Fonts) -> list[str]:
    wanted = (("font", sections.type.body), ("font-heading", sections.type.heading))
    set_in = [f"--{name}:{_families(families, fonts)}" for name, families in wanted if families]
    return [":root{" + ";".join(set_in) + "}"] if set_in else []


def _families(families: Sequence[str], fonts: Fonts) -> str:
    """A list of families, the stand-ins of those that come as files behind each, the system's own at the end."""
    known = [*fonts.named(families), *(family for family in _FALLBACK if family not in families)]
    return ",".join(family if family in GENERIC else f'"{family}"' for family in known)
