"""What a file is, found from its bytes: encoding over the whole file in one pass, line ending, delimiter, fingerprint.
Which cell belongs to which column is decided in imports_layout."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.importing.cyrillic import likeness

BLOCK = 1 << 20
HEAD = 1 << 16
SAMPLE_LINES = 200
DELIMITERS = ("\t", ";", ",")
ENCODINGS = {"utf-8": "UTF-8", "cp1251": "windows-1251", "koi8-r": "KOI8-R", "cp866": "CP866"}
_SAMPLE_BYTES = 1 << 16
_HIGH = re.compile(rb"[\x80-\xff]+")
_LEAST_LIKENESS = 0.6
_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over a file found: `start` is where its text begins (after a byte order mark), `head` its first bytes."""

    sha256: str
    size: int
    encoding: str
    start: int
    ending: bytes
    head: bytes

    @property
    def lines(self) -> list[str]:
        """The first lines as text. A head that was cut has lost its last, unfinished line."""
        return self.head.decode(self.encoding).split(self.ending.decode())[:SAMPLE_LINES]

    def after(self, lines: int) -> int:
        """Return the byte where the text goes on after its first `lines` lines."""
        parts = self.head.split(self.ending)[:lines]
        return min(self.start + sum(map(len, parts)) + lines * len(self.ending), self.size)


def refuse(code: str, message: Text) -> PortalError:
    """Return the error by which a file is refused as a whole: nothing of it has been written."""
    return PortalError(f"imports.{code}", message, 422)


def scan(path: Path, encoding: str = "") -> Scan:
    """Read the file once: fingerprint it and find its encoding, or hold it against the `encoding` that was asked for.

    Raises PortalError: imports.absent, .empty, .workbook, .utf16, .binary, .endless, .broken_text (name the line), .encoding.
    """
    known = _codec(encoding)
    evidence = _Evidence(codec="utf-8" if known in ("", "utf-8") else known)
    digest = hashlib.sha256()
    head = b""
    try:
        with path.open("rb") as handle:
            while block := handle.read(BLOCK):
                if not head:
                    head = block[:HEAD]
                    _refuse_binary(head)
                digest.update(block)
                evidence.add(block)
                if len(block) == BLOCK and b"\n" not in block and b"\r" not in block:
                    raise _endless(evidence.lines + 1)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise refuse("absent", text("core.imports.absent", "There is no file %(name)s.", name=path.name)) from error
    evidence.end()
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise refuse("empty", text("core.imports.empty", "The file is empty: there is nothing to import."))
    found = _decide(evidence, known, has_mark=head.startswith(codecs.BOM_UTF8))
    ending = b"\r" if b"\n" not in head and b"\r" in head else b"\n"
    start = len(codecs.BOM_UTF8) if found == "utf-8" and head.startswith(codecs.BOM_UTF8) else 0
    if len(head) < evidence.size and ending in head:
        head = head[: head.rindex(ending)]
    return Scan(digest.hexdigest(), evidence.size, found, start, ending, head[start:])


def find_delimiter(lines: Sequence[str], least: int) -> str:
    """Return the delimiter of sample `lines` with at least `least` cells: quotes are honoured, a decimal comma is no trap.

    Tab and semicolon go before comma, for they never stand inside a Russian number.
    """
    scores: list[tuple[float, int, str]] = []
    for rank, delimiter in enumerate(DELIMITERS):
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row)
        width, often = widths.most_common(1)[0] if widths else (0, 0)
        share = often / max(sum(widths.values()), 1)
        if width >= max(least, 2) and share >= 0.8:
            return delimiter
        scores.append((share if width > 1 else 0.0, -rank, delimiter))
    return max(scores)[2] if max(scores)[0] > 0 else ";"


@dataclass(slots=True)
class _Evidence:
    """What has been seen of the bytes: the first one the codec cannot read, and a sample of those above ASCII."""

    codec: str
    size: int = 0
    lines: int = 0
    broken_line: int = 0
    sample: list[bytes] = field(default_factory=list)
    sampled: int = 0
    decoder: codecs.IncrementalDecoder | None = None

    def add(self, block: bytes) -> None:
        plain = block.isascii()
        if not plain and self.sampled < _SAMPLE_BYTES:
            self._collect(block)
        if not self.broken_line:
            self._check(block, plain)
            self.lines += block.count(b"\n")
        self.size += len(block)

    def end(self) -> None:
        if self.decoder is not None and not self.broken_line and self.decoder.getstate()[0]:
            self.broken_line = self.lines + 1

    def _collect(self, block: bytes) -> None:
        found = _HIGH.findall(block, 0, HEAD) or _HIGH.findall(block)
        self.sample.extend(found[:2000])
        self.sampled += sum(map(len, found[:2000]))

    def _check(self, block: bytes, plain: bool) -> None:
        if self.decoder is None:
            self.decoder = codecs.getincrementaldecoder(self.codec)()
        pending = len(self.decoder.getstate()[0])
        if plain and not pending:
            return
        try:
            self.decoder.decode(block)
        except UnicodeDecodeError as error:
            self.broken_line = self.lines + block.count(b"\n", 0, max(error.start - pending, 0)) + 1


def _codec(encoding: str) -> str:
    if not encoding:
        return ""
    try:
        found = codecs.lookup(encoding).name.removesuffix("-sig")
    except LookupError:
        found = ""
    if found not in ENCODINGS:
        names = ", ".join(ENCODINGS.values())
        raise refuse(
            "encoding",
            text(
                "core.imports.encoding_unknown",
                "The encoding %(name)s is not known. Use one of: %(known)s.",
                name=encoding,
                known=names,
            ),
        )
    return found


def _refuse_binary(head: bytes) -> None:
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise refuse(
            "workbook",
            text("core.imports.workbook", "This is an Excel workbook. Save it as CSV (UTF-8) and import that file."),
        )
    if head.startswith(_BOMS):
        raise refuse(
            "utf16", text("core.imports.utf16", "The file is in UTF-16. Save it as CSV in UTF-8 and try again.")
        )
    if b"\x00" in head:
        raise refuse(
            "binary", text("core.imports.binary", "This is not a text file. Save the table as CSV and try again.")
        )


def _endless(line: int) -> PortalError:
    return refuse(
        "endless",
        text(
            "core.imports.endless",
            "Line %(line)s is longer than a million characters: this is not a table. Check the file.",
            line=line,
        ),
    )


def _decide(evidence: _Evidence, known: str, *, has_mark: bool) -> str:
    if not evidence.broken_line:
        return known or "utf-8"
    sample = b" ".join(evidence.sample)
    if known or has_mark or _mostly_utf8(sample):
        name = ENCODINGS[known or "utf-8"]
        raise refuse(
            "broken_text",
            text(
                "core.imports.broken_text",
                "Line %(line)s cannot be read as %(encoding)s. Save the whole file in one encoding, best in UTF-8.",
                line=evidence.broken_line,
                encoding=name,
            ),
        )
    scores = {codec: likeness(sample, codec) for codec in ("cp1251", "koi8-r")}
    best = max(scores, key=lambda codec: scores[codec].score)
    if scores[best].letters < _LEAST_LIKENESS:
        raise refuse(
            "encoding",
            text(
                "core.imports.encoding_lost",
                "The encoding of the file cannot be recognised. Save it in UTF-8, or name its encoding.",
            ),
        )
    return best


def _mostly_utf8(sample: bytes) -> bool:
    decoded = sample.decode("utf-8", "replace")
    broken = decoded.count("\ufffd")
    whole = sum(1 for letter in decoded if letter > "\x7f") - broken
    return whole > 4 * broken
