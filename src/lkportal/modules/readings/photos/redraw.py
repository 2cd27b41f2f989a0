"""Run as a program of its own, never imported: reads a picture of a stranger from stdin, draws it anew as a JPEG, writes
"<width> <height>" and the bytes to stdout. Nothing else of the file survives: no place, no camera, no comments, no second frame.

It has no secrets (an empty environment), little memory, little time, and can write no more than a small file. Whatever is wrong with
the picture ends it with an exit code; what people are told stands in checking.
"""

import sys
import warnings
from io import BytesIO

MEMORY, SECONDS, WRITTEN = 448 * 1024 * 1024, 6, 4 * 1024 * 1024
MOST_PIXELS, SIDE, QUALITY = 40_000_000, 1600, 82
FORMATS = ("JPEG", "PNG", "WEBP")


def limit() -> None:
    """Take from this process what it does not need. Where the system knows no limits, the parent's clock is left."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, WRITTEN),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def redraw(sent: bytes) -> bytes:
    """Return the first frame of a picture, upright, on white, at most SIDE pixels long, as a JPEG without any metadata."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - loaded under the limits

    warnings.simplefilter("error")
    with Image.open(BytesIO(sent), formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS or min(picture.size) < 16:
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


if __name__ == "__main__":
    limit()
    try:
        answer = redraw(sys.stdin.buffer.read())
    except MemoryError:
        sys.exit(3)
    except Exception:  # noqa: BLE001 - whatever a stranger's file does to a decoder, the answer is one
        sys.exit(2)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
