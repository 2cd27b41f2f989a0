"""The picture on top of a brand's letters: its logo or mark as a PNG that is seen on any ground, however a mail program recolours
the letter. The rest of the letter stands in letters."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw
from resvg_py import svg_to_bytes

from lkportal.theming.marks.logos import Logos, Picture
from lkportal.theming.marks.monogram import initials

SHARP = 2
"""Pixels of the picture for each pixel of the letter: screens of phones are dense."""
_HEIGHT, _WIDEST = 34, 240
_PAD = 6
_SOLID = 0.75
_VIEW_BOX = re.compile(r'viewBox="\s*[-\d.e]+[\s,]+[-\d.e]+[\s,]+([\d.e]+)[\s,]+([\d.e]+)\s*"')


@dataclass(frozen=True, slots=True)
class HeadView:
    """What email/head.html knows: the picture's address and size in the letter, or the letters of a tile when there is none.
    `wide` is a logo that holds the name; else the name stands beside the mark."""

    src: str
    width: int
    height: int
    wide: bool
    letters: str


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The head of a brand's letters. `png` is empty when the company gave no picture: the tile is then made of text."""

    png: bytes
    width: int
    height: int
    wide: bool
    letters: str

    def view(self, address: str) -> HeadView:
        """Return what a template knows; `address` is where the letter will find the picture."""
        return HeadView(address if self.png else "", self.width, self.height, self.wide, self.letters)

    @property
    def data_uri(self) -> str:
        """The picture as an address that holds it: for previews, which are no letters."""
        return "data:image/png;base64," + b64encode(self.png).decode()


def letterhead(logos: Logos, name: str, page: str, *, own_mark: bool) -> Letterhead:
    """Return the head of a brand's letters: its logo, else its mark, else its initials. `page` is the letter's light ground:
    a picture with holes stands on a plate of it, which is unseen in light and keeps a dark logo readable in dark."""
    picture = logos.light or (logos.mark if own_mark else None)
    if picture is None:
        return Letterhead(b"", _HEIGHT, _HEIGHT, wide=False, letters=initials(name))
    drawn = _drawn(picture)
    if not _is_solid(drawn):
        drawn = _on_plate(drawn, page)
    packed = BytesIO()
    drawn.save(packed, "PNG", optimize=True)
    return Letterhead(
        packed.getvalue(), drawn.width // SHARP, drawn.height // SHARP, wide=logos.light is not None, letters=""
    )


def _drawn(picture: Picture) -> Image.Image:
    """The picture at the size of a letter's head, in dense pixels."""
    if picture.suffix == ".svg":
        text = picture.body.decode()
        box = _VIEW_BOX.search(text)
        ratio = float(box[1]) / float(box[2]) if box and float(box[2]) else 0.0
        wide = ratio > _WIDEST / _HEIGHT
        # Fonts of this machine are read only for a logo that has text in it: they take a while.
        body = svg_to_bytes(
            svg_string=text,
            skip_system_fonts="<text" not in text,
            width=_WIDEST * SHARP if wide else None,
            height=None if wide else _HEIGHT * SHARP,
        )
    else:
        body = picture.body
    image = Image.open(BytesIO(bytes(body))).convert("RGBA")
    image.thumbnail((_WIDEST * SHARP, _HEIGHT * SHARP), Image.Resampling.LANCZOS)
    return image


def _is_solid(image: Image.Image) -> bool:
    """Whether the picture is a ground by itself (a tile, a disc): most of it is opaque."""
    opaque = sum(image.getchannel("A").histogram()[128:])
    return opaque >= _SOLID * image.width * image.height


def _on_plate(image: Image.Image, page: str) -> Image.Image:
    pad = _PAD * SHARP
    plate = Image.new("RGBA", (image.width + 2 * pad, image.height + 2 * pad), (0, 0, 0, 0))
    ImageDraw.Draw(plate).rounded_rectangle((0, 0, plate.width - 1, plate.height - 1), 2 * pad, fill=page)
    plate.alpha_composite(image, (pad, pad))
    return plate
