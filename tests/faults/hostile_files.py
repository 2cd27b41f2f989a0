"""Files and bodies of strangers for every door of the product that takes one: named, made here, kept nowhere. Photos and tables
have their own collections beside what they attack."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from collections.abc import Iterator

SVG = '<svg xmlns="http://www.w3.org/2000/svg"'
NAMES = (
    "../../../../etc/passwd", "..\\..\\windows\\win.ini", "C:\\con", "a" * 4_000, "\u202egpj.exe", "a\r\nX-Evil: 1",
    "%00.png", "", ".", "'; DROP TABLE x --.csv",
)  # fmt: skip
"""Names of files that lead elsewhere, if anybody followed them."""


def logos() -> Iterator[tuple[str, str, bytes]]:
    """Yield (what it is, name of the file, body): no page may ever show one of them."""
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    yield "a billion laughs", "a.svg", f'<!DOCTYPE s [<!ENTITY l0 "lol">{lol}]>{SVG}><text>&l9;</text></svg>'.encode()
    outside = f'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>{SVG}><text>&x;</text></svg>'
    yield "a file of the server", "a.svg", outside.encode()
    yield "groups in groups", "a.svg", f"{SVG}>{'<g>' * 25_000}{'</g>' * 25_000}</svg>".encode()
    shapes = '<path id="g0" d="M0 0h9v9z"/>'
    for n in range(1, 6):
        shapes += f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 10 + "</g>"
    yield (
        "a hundred thousand shapes",
        "a.svg",
        f'{SVG} viewBox="0 0 9 9"><defs>{shapes}</defs><use href="#g5"/></svg>'.encode(),
    )
    yield "utf-16", "a.svg", f"{SVG}/>".encode("utf-16")
    yield "nul", "a.svg", f"{SVG}>\x00</svg>".encode()
    yield "half a drawing", "a.svg", f"{SVG}><path d='".encode()
    yield "a page", "a.svg", b"<html><script>alert(1)</script></html>"
    yield "two megabytes", "a.svg", f"{SVG}>{' ' * 400_000}</svg>".encode()
    for kind in ("png", "webp", "svg"):
        yield f"a {kind} of zeros", f"a.{kind}", bytes(1_000)
        yield f"a program as {kind}", f"a.{kind}", b"MZ" + bytes(300)
        yield f"a {kind} and a zip", f"a.{kind}", b"PK\x03\x04" + bytes(300)
    for side in (50_000, 0x7FFFFFFF, 5_000):
        yield f"a png of {side}", "a.png", png(side, side)
    yield "a png of nothing", "a.png", png(0, 0)
    yield "half a png", "a.png", png(16, 16)[:40]
    yield "a png with a wrong sum", "a.png", png(16, 16).replace(b"IDAT", b"IDAX")
    yield "a webp of 16384", "a.webp", b"RIFF\x20\x00\x00\x00WEBPVP8L\x10\x00\x00\x00/" + b"\xff" * 20
    yield "a webp of millions", "a.webp", b"RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00" + b"\xff" * 20
    for suffix in ("gif", "html", "php", "svgz", "png.exe", ""):
        yield f"a {suffix or 'nothing'}", f"a.{suffix}", b"GIF89a" + bytes(50)


def png(width: int, height: int) -> bytes:
    """A PNG that says these sides; it holds 64 kilobytes of nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(65_536), 9)), (b"IEND", b""))
    made = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def pushes(megabytes: int = 100) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """Yield (what it is, body, headers) for the feed: no row of them may be taken. Bombs unpack to so many megabytes."""
    row = json.dumps({"account": "нет такого", "amount": "1.00"}).encode() + b"\n"
    for name, body in _lines(row).items():
        yield name, body, {}
    bomb = gzip.compress(bytes(1 << 20) * megabytes, 9)
    zipped = {
        "a bomb of zeros": bomb,
        "a bomb of blank lines": gzip.compress(b"\n" * (1 << 20) * min(megabytes, 30), 9),
        "a bomb in a bomb": gzip.compress(bomb, 9),
        "a bomb of one value": gzip.compress(b'{"account":"' + b"1" * (1 << 20) * megabytes, 9),
        "no gzip": row,
        "half a gzip": gzip.compress(row * 500)[:60],
        "a gzip with a tail": gzip.compress(row) + b"tail",
        "a gzip with a wrong sum": gzip.compress(row)[:-8] + bytes(8),
        "a zip": b"PK\x03\x04" + bytes(4_000),
        "a deflate": zlib.compress(row),
    }
    for name, body in zipped.items():
        yield name, body, {"content-encoding": "gzip"}
    for coding in ("br", "deflate", "gzip, gzip", "zstd", "none"):
        yield f"packed as {coding!r}", row, {"content-encoding": coding}
    for kind in ("application/json", "text/csv", "multipart/form-data", "", "application/x-ndjson2"):
        yield f"as {kind!r}", row, {"content-type": kind}
    for offset in ("-1", "x", "1e9", "9" * 30, "5", "٣"):
        yield f"from {offset!r}", row, {"upload-offset": offset.encode("ascii", "ignore").decode() or "?"}
    for key in ("", "a b", "k" * 300):
        yield f"under {key[:5]!r}", row, {"idempotency-key": key}


def _lines(row: bytes) -> dict[str, bytes]:
    """Return bodies that come unpacked."""
    return {
        "nothing": b"",
        "blank lines": b"\n" * 5_000,
        "no json": b"account;amount\n1;2\n",
        "deep": b"[" * 200_000 + b"\n",
        "deep objects": b'{"account":' * 50_000 + b"1" + b"}" * 50_000 + b"\n",
        "deep in a value": b'{"account":' + b"[" * 30_000 + b"]" * 30_000 + b',"amount":"1.00"}\n',
        "a list": b"[1,2,3]\n",
        "a word": b'"account"\nnull\ntrue\n12\n',
        "nul": b'{"account":"1\x00","amount":"1.00"}\n',
        "a written nul": b'{"account":"1\\u0000","amount":"1.00"}\n',
        "a lone surrogate": b'{"account":"\\ud800","amount":"1.00"}\n',
        "cp1251": row.decode().encode("cp1251", "replace") + '{"account":"Щ"}\n'.encode("cp1251"),
        "utf-16": row.decode().encode("utf-16"),
        "half a letter": b'{"account":"\xd0","amount":"1.00"}\n',
        "ten thousand columns": json.dumps({f"c{n}": n for n in range(10_000)}).encode() + b"\n",
        "a line of 3 MB": b'{"account":"' + b"1" * 3_000_000 + b'","amount":"1.00"}\n',
        "no end": b'{"account":"1',
        "huge sums": b'{"account":"1","amount":1e400}\n{"account":"1","amount":NaN}\n{"account":"1","amount":-Infinity}\n',
        "long numbers": b'{"account":"1","amount":' + b"9" * 6_000 + b"}\n",
        "objects in cells": b'{"account":{"a":1},"amount":["1.00"]}\n',
        "twice": b'{"account":"1","account":"2","amount":"x","amount":"y"}\n',
        "a workbook": b"PK\x03\x04" + bytes(4_000),
        "a program": b"\x7fELF" + bytes(4_000),
    }
