"""Run by strangers.Opener alone, never imported: draws a picture of a stranger once. What is drawn is thrown away."""

from io import BytesIO
from typing import BinaryIO

# Each reader by name: once there is a file to read, nothing more can be loaded.
from PIL import Image, PngImagePlugin, WebPImagePlugin
from resvg_py import svg_to_bytes

READERS = (PngImagePlugin, WebPImagePlugin)
SIDE = 512

Image.preinit()


def answer(sent: BinaryIO, suffix: str) -> bytes:
    """Return a word once the picture is drawn whole."""
    body = sent.read()
    if suffix == ".svg":
        body = bytes(svg_to_bytes(svg_string=body.decode(), width=SIDE, skip_system_fonts=True))
    with Image.open(BytesIO(body)) as picture:
        picture.load()
    return b"drawn"
