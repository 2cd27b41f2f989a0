"""Pictures of a brand as pixels: what share of a logo is seen on a surface, and which colours are in it."""

from collections.abc import Iterator
from io import BytesIO

from PIL import Image, UnidentifiedImageError
from resvg_py import svg_to_bytes

from lkportal.theming.colour.oklch import contrast, hex_of
from lkportal.theming.marks.logos import Picture

_MOST = 40_000_000
_VISIBLE = 3.0
"""What WCAG 1.4.11 asks of parts one must see. A logo is exempt by the letter; people want to see it all the same."""


def raster(picture: Picture, side: int) -> Image.Image | None:
    """The picture in a square of `side` pixels at most, with transparency; None when it cannot be drawn."""
    try:
        if picture.suffix == ".svg":
            text = picture.body.decode()
            body = bytes(svg_to_bytes(svg_string=text, width=side, skip_system_fonts="<text" not in text))
        else:
            body = picture.body
        image = Image.open(BytesIO(body))
        if image.width * image.height > _MOST:
            return None
        drawn = image.convert("RGBA")
    except (ValueError, OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return None
    drawn.thumbnail((side, side), Image.Resampling.BOX if picture.suffix == ".svg" else Image.Resampling.NEAREST)
    return drawn


def inks(image: Image.Image) -> Iterator[tuple[str, int]]:
    """The colours of the pixels that are drawn, with how many there are of each; the see-through ones are left out."""
    for count, colour in image.getcolors(image.width * image.height) or []:
        red, green, blue, alpha = colour  # type: ignore[misc]  # an RGBA picture has four channels
        if alpha >= 128:
            yield hex_of((red, green, blue)), count


def seen_share(picture: Picture, surface: str) -> float:
    """The part 0..1 of what is drawn that stands out from a surface by 3:1 or more; 1 where nothing can be measured."""
    image = raster(picture, 160)
    drawn = list(inks(image)) if image else []
    total = sum(count for _, count in drawn)
    seen = sum(count for colour, count in drawn if contrast(colour, surface) >= _VISIBLE)
    return seen / total if total else 1.0
