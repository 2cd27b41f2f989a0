"""Run by strangers.Opener alone, never imported: looks into a file of a stranger and draws its first pages. Answers with a line of JSON,
{"count": pages, "pictures": [[width, height, bytes], ...]}, and the pictures as JPEG one after the other. Pages of a PDF are drawn where
pypdfium2 is installed; office files are looked at and not drawn. What runs code when it is opened is refused."""

import json
import re
import zipfile
from io import BytesIO
from typing import Any, BinaryIO

# Each reader by name: once there is a file to read, nothing more can be loaded.
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin

try:
    import pypdfium2
    import pypdfium2.raw as pdfium
except ImportError:
    pypdfium2 = None

READERS = (JpegImagePlugin, PngImagePlugin)
MOST_PIXELS, WIDTH, LONGEST, QUALITY = 60_000_000, 1240, 3000, 80
MOST_PARTS, MOST_UNPACKED = 5_000, 400_000_000
_ACTIVE = re.compile(rb"/(?:JavaScript|JS|Launch|RichMedia|XFA)\b")
_MACROS = ("vbaproject", "activex", "oleobject")

Image.preinit()


def answer(sent: BinaryIO, kind: str, pages: str) -> bytes:
    """Return the pictures of a file of a kind: pdf, picture, office or plain."""
    count, drawn = {"pdf": _pdf, "picture": _picture, "office": _office, "plain": _plain}[kind](sent, int(pages))
    head = {"count": count, "pictures": [[*size, len(body)] for size, body in drawn]}
    return json.dumps(head).encode() + b"\n" + b"".join(body for _, body in drawn)


def _pdf(sent: BinaryIO, pages: int) -> tuple[int, list[Any]]:
    body = sent.read()
    if _ACTIVE.search(body):
        raise ValueError("active")
    if pypdfium2 is None:
        if b"%%EOF" not in body[-2048:]:
            raise ValueError("end")
        return 0, []
    found = pypdfium2.PdfDocument(body)
    if not len(found) or pdfium.FPDFDoc_GetJavaScriptActionCount(found.raw) > 0:
        raise ValueError("active")
    return len(found), [_page(found[place]) for place in range(min(pages, len(found)))]


def _page(page: Any) -> Any:
    width, height = page.get_size()
    if not 0 < width < 15_000 or not 0 < height < 15_000:
        raise OverflowError
    scale = min(WIDTH / width, LONGEST / height)
    return _jpeg(page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB"))


def _picture(sent: BinaryIO, _pages: int) -> tuple[int, list[Any]]:
    with Image.open(sent, formats=("JPEG", "PNG")) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise OverflowError
        picture.draft("RGB", (LONGEST, LONGEST))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((WIDTH, LONGEST))
    shown = upright.convert("RGBA")
    white = Image.new("RGB", shown.size, "white")
    white.paste(shown, mask=shown.getchannel("A"))
    return 1, [_jpeg(white)]


def _office(sent: BinaryIO, _pages: int) -> tuple[int, list[Any]]:
    with zipfile.ZipFile(sent) as packed:
        parts = packed.infolist()
        names = [each.filename.lower() for each in parts]
        if len(parts) > MOST_PARTS or sum(each.file_size for each in parts) > MOST_UNPACKED:
            raise OverflowError
        if "[content_types].xml" not in names or any(word in name for name in names for word in _MACROS):
            raise ValueError("macros")
    return 0, []


def _plain(sent: BinaryIO, _pages: int) -> tuple[int, list[Any]]:
    if "\x00" in sent.read().decode("utf-8-sig"):
        raise ValueError("binary")
    return 0, []


def _jpeg(picture: Any) -> Any:
    made = BytesIO()
    picture.save(made, "JPEG", quality=QUALITY, optimize=True)
    return picture.size, made.getvalue()
