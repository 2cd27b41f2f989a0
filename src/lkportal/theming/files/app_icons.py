"""The brand's mark where a browser or a phone wants a picture of a certain size: a tab, a bookmark, the first screen.

Nothing is drawn when the portal starts: an icon's address follows from what it is drawn from, its bytes are made when first asked for.
"""

import struct
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from io import BytesIO

import resvg_py
from PIL import Image

from lkportal.theming.colour.oklch import contrast
from lkportal.theming.marks.logos import Picture
from lkportal.theming.theme import Theme

_DRAWING = "1"
"""Grows when the same mark is drawn otherwise, so that browsers ask again."""
_MEDIA = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}
_FAVICON, _TOUCH = 32, 180
SIZES = (192, 512)
"""Sides of the icons that a manifest names, plain and maskable."""
_SAFE, _TOUCH_SHARE = 0.56, 0.74
"""How much of a side a mark without ground of its own may take: the square inside a circle of 80 %, and iOS's rounded square."""
_SEEN = 1.6


@dataclass(frozen=True, slots=True)
class Later:
    """Bytes that are made when asked for. `seed` stands for all they are made from: another seed, another address."""

    seed: bytes
    make: Callable[[], bytes]


def icon_name(key: str, side: int, *, mask: bool = False) -> str:
    """Return the plain name of an icon of brand `key`: `brand/main-icon-192.png`."""
    return f"brand/{key}-{'mask' if mask else 'icon'}-{side}.png"


def app_icons(theme: Theme) -> Mapping[str, Later]:
    """Return the icons of a brand by plain name: for tabs (32), iOS (180), the manifest, and `favicon.ico`."""
    key, mark = theme.book.key, theme.logos.mark
    light = theme.roles()
    drawn: dict[str, Callable[[], bytes]] = {
        icon_name(key, side): partial(_plain, mark, side) for side in (_FAVICON, *SIZES)
    }
    drawn[icon_name(key, _TOUCH)] = partial(_grounded, mark, light, _TOUCH, _TOUCH_SHARE, 1.0)
    for side in SIZES:
        drawn[icon_name(key, side, mask=True)] = partial(_grounded, mark, light, side, _SAFE, 0.9)
    drawn[f"brand/{key}.ico"] = partial(_ico, mark)
    seed = sha256(mark.body + light["brand"].encode() + light["card"].encode()).digest()
    version = f"{_DRAWING}|{resvg_py.__version__}"
    return {name: Later(f"{name}|{version}|".encode() + seed, make) for name, make in drawn.items()}


def _plain(mark: Picture, side: int) -> bytes:
    return _png(mark, 1.0, "", side)


def _grounded(mark: Picture, roles: Mapping[str, str], side: int, share: float, tile_share: float) -> bytes:
    """A square without holes. A mark that is a tile itself lends its own colour to the edges."""
    small = Image.open(BytesIO(_plain(mark, 48))).convert("RGBA")
    tile = _tile_colour(small)
    ground = tile or (roles["card"] if _visible_on(small, roles["card"]) else roles["brand"])
    return _png(mark, tile_share if tile else share, ground, side)


def _tile_colour(small: Image.Image) -> str:
    """The colour a mark has in the middle of all its four edges, "" when it has not one."""
    far = small.width - 2
    middle = small.width // 2
    found = [_pixel(small, place) for place in ((middle, 1), (middle, far), (1, middle), (far, middle))]
    near = all(max(abs(one - other) for one, other in zip(pixel, found[0], strict=True)) <= 6 for pixel in found)
    return _hex(found[0]) if near and found[0][3] > 250 else ""


def _visible_on(small: Image.Image, ground: str) -> bool:
    """Whether most of a mark stands out from a ground."""
    places = [(x, y) for x in range(0, small.width, 3) for y in range(0, small.height, 3)]
    drawn = [pixel for pixel in (_pixel(small, place) for place in places) if pixel[3] > 128]
    seen = sum(contrast(_hex(pixel), ground) >= _SEEN for pixel in drawn)
    return seen * 2 >= len(drawn)


def _pixel(picture: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    found = picture.getpixel(place)
    assert isinstance(found, tuple)
    return tuple(int(part) for part in found)


def _hex(pixel: tuple[int, ...]) -> str:
    return "#{:02X}{:02X}{:02X}".format(*pixel)


def _placed(mark: Picture, share: float, ground: str) -> str:
    """The mark in the middle of a square, as SVG; a picture inside a picture keeps its own ids and proportions."""
    away, side = (1 - share) * 50, share * 100
    source = f"data:{_MEDIA[mark.suffix]};base64,{b64encode(mark.body).decode()}"
    painted = f'<rect width="100" height="100" fill="{ground}"/>' if ground else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{painted}'
        f'<image x="{away:g}" y="{away:g}" width="{side:g}" height="{side:g}" href="{source}"/></svg>'
    )


def _png(mark: Picture, share: float, ground: str, side: int) -> bytes:
    lettered = b"<text" in mark.body  # only then are the system's fonts worth reading
    return resvg_py.svg_to_bytes(
        svg_string=_placed(mark, share, ground), width=side, height=side, skip_system_fonts=not lettered
    )


def _ico(mark: Picture) -> bytes:
    """`favicon.ico` with one PNG in it, as every browser since 2013 reads."""
    png = _plain(mark, _FAVICON)
    head = struct.pack("<3H", 0, 1, 1)
    entry = struct.pack("<4B2H2I", _FAVICON, _FAVICON, 0, 0, 1, 32, len(png), 22)
    return head + entry + png
