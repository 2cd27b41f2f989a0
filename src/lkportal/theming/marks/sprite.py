"""The sprite of icons a brand's pages draw from: the theme's, in which `icons/NAME.svg` of a theme or a brand replaces the symbol of
that name or adds one. How a template draws an icon stands in drawings."""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from lkportal.theming.errors import BrandError
from lkportal.theming.marks.logos import safe_svg
from lkportal.theming.templates.layers import Layer

SPRITE = "icons.svg"
_SYMBOL = re.compile(r'<symbol id="([\w-]+)".*?</symbol>', re.DOTALL)
_NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_NAMESPACE = "{http://www.w3.org/2000/svg}"
_PAINT = (
    "fill",
    "fill-rule",
    "stroke",
    "stroke-width",
    "stroke-linecap",
    "stroke-linejoin",
    "opacity",
    "transform",
    "color",
)
_MOST = 8_000


def icon_names(sprite: bytes) -> frozenset[str]:
    """Return the names of the symbols in a sprite."""
    return frozenset(found[1] for found in _SYMBOL.finditer(sprite.decode("utf-8")))


def sprite_of(sprite: bytes, layers: Sequence[Layer]) -> bytes:
    """Return a sprite with the icons of the layers in it, the strongest layer winning.

    Raises BrandError for an icon that is no safe SVG, has no viewBox, or whose file is not named like an icon.
    """
    own = {path.stem: path for layer in reversed(layers) if layer.icons for path in sorted(layer.icons.glob("*.svg"))}
    if not own:
        return sprite
    drawn = {name: _symbol(name, path) for name, path in sorted(own.items())}
    text = _SYMBOL.sub(lambda found: drawn.pop(found[1], found[0]), sprite.decode("utf-8"))
    return text.replace("</svg>", "".join(f"{symbol}\n" for symbol in drawn.values()) + "</svg>").encode()


def _symbol(name: str, path: Path) -> str:
    if not _NAME.match(name):
        raise BrandError(f"{path} is not named like an icon: use small Latin letters, digits and hyphens.")
    body = path.read_bytes()
    if len(body) > _MOST:
        raise BrandError(f"{path} has {len(body):,} bytes: an icon may have {_MOST:,}. Simplify its paths.")
    root = ET.fromstring(safe_svg(body, str(path))[0])  # noqa: S314  what safe_svg wrote
    box = root.get("viewBox")
    if not box:
        raise BrandError(
            f'{path} has no viewBox, so its size is unknown: add viewBox="0 0 24 24" to its first element.'
        )
    group = ET.Element("g", _paint(root))
    group.extend(list(root))
    symbol = ET.Element("symbol", {"id": name, "viewBox": box})
    symbol.append(group)
    for element in symbol.iter():
        element.tag = element.tag.removeprefix(_NAMESPACE)
        element.tail = None
        _apart(element, name)
    return ET.tostring(symbol, encoding="unicode")


def _paint(root: ET.Element) -> dict[str, str]:
    """How the picture as a whole is painted. One that strokes nothing is filled; pages stroke icons unless told otherwise."""
    painted = {key: value for key in _PAINT if (value := root.get(key)) is not None}
    if not any(element.get("stroke") for element in root.iter()):
        painted = {"fill": "currentColor", "stroke": "none", **painted}
    return painted


def _apart(element: ET.Element, name: str) -> None:
    """Ids inside an icon get its name in front, so that two icons of one sprite never share one."""
    for key, value in element.attrib.items():
        if key == "id" and element.tag != "symbol":
            element.set(key, f"{name}--{value}")
        elif key == "href":
            element.set(key, f"#{name}--{value[1:]}")
        elif "url(#" in value:
            element.set(key, value.replace("url(#", f"url(#{name}--"))
