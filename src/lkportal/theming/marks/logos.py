"""The brand's pictures: SVG made safe by an allow-list; a company without a mark gets a monogram."""

import re
import struct
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

from PIL import Image

from lkportal.theming.brand.book import BrandBook
from lkportal.theming.colour.palette import Palette
from lkportal.theming.errors import BrandError
from lkportal.theming.marks.monogram import monogram

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_MOST = 200_000
_MOST_SIDE, _MOST_DEPTH, _MOST_TIMES = 4_096, 64, 40
_LIGHTER = {
    ".svg": "Simplify its paths.",
    **dict.fromkeys((".png", ".webp"), "Save it smaller: 512 pixels a side are enough."),
}
_ELEMENTS = frozenset(
    """svg g defs symbol use title desc style path rect circle ellipse line polyline polygon text tspan clipPath mask
    linearGradient radialGradient stop pattern filter feGaussianBlur feOffset feBlend feColorMatrix feFlood feComposite
    feMerge feMergeNode""".split()  # noqa: SIM905  a list of words reads best as words
)
_ATTRIBUTES = frozenset(
    """id class style x y x1 x2 y1 y2 cx cy r rx ry fx fy dx dy d points width height viewBox preserveAspectRatio version
    transform gradientTransform gradientUnits patternTransform patternUnits patternContentUnits spreadMethod offset
    fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-dasharray stroke-dashoffset opacity color stop-color stop-opacity clip-path clip-rule clipPathUnits mask
    maskUnits maskContentUnits filter filterUnits in in2 result stdDeviation mode type values operator k1 k2 k3 k4
    flood-color flood-opacity font-family font-size font-weight font-style text-anchor dominant-baseline letter-spacing
    vector-effect shape-rendering display visibility overflow role aria-label aria-hidden focusable""".split()  # noqa: SIM905
)
_REACHES_OUT = re.compile(r"url\(\s*['\"]?(?!#)|@import|image-set|image\(|\\", re.IGNORECASE)
"""CSS that could fetch something; a backslash too, for it can spell any of these words."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One logo ready to serve: its bytes, already safe, the suffix of its kind (`.svg`, `.png`, `.webp`), what was dropped."""

    body: bytes
    suffix: str
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Logos:
    """`light` and `dark` are None when the company has no logo: pages then show the mark beside the name."""

    mark: Picture
    light: Picture | None
    dark: Picture | None


def read_logos(book: BrandBook, palette: Palette) -> Logos:
    """The brand's pictures, safe to serve; whatever is missing is computed."""
    given = {use: read_picture(path) for use, path in book.logos.items()}
    mark = given.get("mark") or Picture(monogram(book.name, palette.modes["light"]).encode(), ".svg")
    return Logos(mark, given.get("light"), given.get("dark") or given.get("light"))


def read_picture(path: Path) -> Picture:
    """One picture, safe to serve. Raises BrandError when it is too large or not what its name says."""
    return safe_picture(path.read_bytes(), path.suffix.lower(), str(path))


def safe_picture(body: bytes, suffix: str, place: str) -> Picture:
    """A picture of the kind its suffix says, with nothing in it but what draws. Raises BrandError, naming `place`."""
    if suffix not in _LIGHTER:
        raise BrandError(f"{place} is not a picture the portal can show: save it as {' or '.join(_LIGHTER)}.")
    if len(body) > _MOST:
        raise BrandError(f"{place} has {len(body):,} bytes: a logo may have {_MOST:,}. {_LIGHTER[suffix]}")
    if suffix == ".svg":
        text, dropped = safe_svg(body, place)
        return Picture(text.encode(), suffix, dropped)
    sides = _sides(body, suffix)
    if not sides or not _opens(body, suffix, sides):
        raise BrandError(f"{place} does not hold a {suffix[1:].upper()} picture: export it again.")
    if max(sides) > _MOST_SIDE:
        raise BrandError(f"{place} is {sides[0]} × {sides[1]} pixels, {_MOST_SIDE} a side at most. {_LIGHTER[suffix]}")
    return Picture(body, suffix)


def _sides(body: bytes, suffix: str) -> tuple[int, int] | None:
    """Return width and height as the head of a picture says; None when it is no such picture. Nothing is unpacked."""
    if suffix == ".png":
        is_png = body.startswith(b"\x89PNG\r\n\x1a\n") and body[12:16] == b"IHDR"
        return (int.from_bytes(body[16:20]), int.from_bytes(body[20:24])) if is_png else None
    if body[:4] != b"RIFF" or body[8:12] != b"WEBP":
        return None
    match body[12:16]:
        case b"VP8X":
            return 1 + int.from_bytes(body[24:27], "little"), 1 + int.from_bytes(body[27:30], "little")
        case b"VP8L":
            packed = int.from_bytes(body[21:25], "little")
            return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
        case b"VP8 ":
            return int.from_bytes(body[26:28], "little") & 0x3FFF, int.from_bytes(body[28:30], "little") & 0x3FFF
    return None


def _opens(body: bytes, suffix: str, sides: tuple[int, int]) -> bool:
    """Whether a picture is sound, as far as can be told without unpacking it; one that is too large is not touched at all."""
    if max(sides) > _MOST_SIDE:
        return True
    try:
        with Image.open(BytesIO(body), formats=[suffix[1:].upper()]) as opened:
            opened.verify()
            return opened.size == sides
    except (OSError, ValueError, SyntaxError, IndexError, struct.error, EOFError):
        return False


def proportion(picture: Picture) -> float:
    """Return how much wider than high a picture is, 40 times either way at most; 1 when it does not say."""
    return min(max(_proportion(picture), 1 / _MOST_TIMES), _MOST_TIMES)


def _proportion(picture: Picture) -> float:
    if picture.suffix != ".svg":
        width, height = Image.open(BytesIO(picture.body)).size
        return width / height
    root = ET.fromstring(picture.body)  # noqa: S314  what safe_svg wrote
    box = [part for part in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if part]
    sides = box[2:] if len(box) == len("xywh") else [root.get("width", ""), root.get("height", "")]
    found = [float(side[0]) for side in (re.findall(r"^\d*\.?\d+", each) for each in sides) if side]
    return found[0] / found[1] if len(found) == len("wh") and all(found) else 1.0


def safe_svg(source: bytes, file: str) -> tuple[str, tuple[str, ...]]:
    """An SVG with only what draws, and the names of what was dropped: scripts, event handlers, foreign content,
    outside addresses. Raises BrandError when it is too large, not UTF-8, not SVG, or declares entities.
    """
    if len(source) > _MOST:
        raise BrandError(f"{file} has {len(source):,} bytes: a logo may have {_MOST:,}. Simplify its paths.")
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BrandError(f"{file} is not UTF-8: export it again as plain SVG.") from None
    if "<!entity" in text.lower():
        raise BrandError(f"{file} declares XML entities, which a logo does not need: export it as plain SVG.")
    try:
        root = ET.fromstring(text)  # noqa: S314  entities, its one known danger, were refused above
    except (ET.ParseError, ValueError) as wrong:
        raise BrandError(f"{file} is not well-formed SVG ({wrong}): export it again as plain SVG.") from None
    if _local(root.tag) != "svg":
        raise BrandError(f"{file} is not an SVG picture, its first element is <{_local(root.tag)}>: export it as SVG.")
    if _is_deep(root):
        raise BrandError(f"{file} has groups in groups, over {_MOST_DEPTH} deep: export it again as plain SVG.")
    dropped: list[str] = []
    clean = _clean(root, dropped)
    return ET.tostring(clean, encoding="unicode"), tuple(dict.fromkeys(dropped))


def _is_deep(root: ET.Element) -> bool:
    """Whether elements lie deeper in each other than any drawing needs: those after us walk them level by level."""
    level = [root]
    for _ in range(_MOST_DEPTH):
        level = [child for element in level for child in element]
    return bool(level)


def _clean(element: ET.Element, dropped: list[str]) -> ET.Element:
    name = _local(element.tag)
    copy = ET.Element(name, {"xmlns": _SVG} if name == "svg" else {})
    copy.text, copy.tail = element.text, element.tail
    for attribute, value in element.attrib.items():
        kept = _attribute(attribute, value)
        if kept:
            copy.set(*kept)
        elif attribute.startswith("on") or "href" in attribute or attribute in _ATTRIBUTES:
            dropped.append(f"{_local(attribute)}=")
    for child in element:
        if _draws(child):
            copy.append(_clean(child, dropped))
        else:
            dropped.append(f"<{_local(str(child.tag))}>")
    return copy


def _draws(element: ET.Element) -> bool:
    name = _local(element.tag)
    return name in _ELEMENTS and not (name == "style" and _REACHES_OUT.search(element.text or ""))


def _attribute(name: str, value: str) -> tuple[str, str] | None:
    if name in ("href", f"{{{_XLINK}}}href"):
        return ("href", value) if value.startswith("#") else None
    if name not in _ATTRIBUTES or _REACHES_OUT.search(value):
        return None
    return name, value


def _local(tag: str) -> str:
    """The name of an element or attribute without its namespace; a foreign namespace stays and so is never allowed."""
    return tag.removeprefix(f"{{{_SVG}}}")
