"""Run by strangers.Opener alone, never imported: reads a picture of a stranger, draws it anew as a JPEG, and answers with
"<width> <height>" and the bytes. Nothing else of the file survives: no place, no camera, no comments, no second frame."""

import warnings
from io import BytesIO
from typing import BinaryIO

# Each reader by name: once there is a file to read, nothing more can be loaded.
from PIL import Image, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

MOST_PIXELS, SIDE, QUALITY = 40_000_000, 1600, 82
READERS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
FORMATS = ("JPEG", "PNG", "WEBP")

Image.preinit()


def answer(sent: BinaryIO) -> bytes:
    """Return the first frame of a picture, upright, on white, at most SIDE pixels long, as a JPEG without any metadata."""
    warnings.simplefilter("error")
    with Image.open(sent, formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise OverflowError
        if min(picture.size) < 16:
            raise ValueError("size")
        picture.draft("RGB", (SIDE, SIDE))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((SIDE, SIDE))
    if upright.mode in ("RGBA", "LA", "PA", "P"):
        shown = upright.convert("RGBA")
        upright = Image.new("RGB", shown.size, "white")
        upright.paste(shown, mask=shown.getchannel("A"))
    drawn = Image.new("RGB", upright.size)
    drawn.paste(upright.convert("RGB"))
    made = BytesIO()
    drawn.save(made, "JPEG", quality=QUALITY, optimize=True)
    return b"%d %d\n" % drawn.size + made.getvalue()
