"""Multipart bodies, read piece by piece: no part stands in memory that is larger than a field of a form may be."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from lkportal.web.forms.body import HELD

MAX_FIELDS = 500
MAX_FILES = 20
MAX_FIELD_BYTES = 64 * 1024
_PIECE = 64 * 1024
_PLAIN = (b"", b"7bit", b"8bit", b"binary")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as sent: `name` and `content_type` are the sender's word and prove nothing. `file` is open while its request lasts,
    in memory or on disk; `size` is in bytes."""

    field: str
    name: str
    content_type: str
    file: IO[bytes]
    size: int

    @property
    def body(self) -> bytes:
        """The whole content: for files that are small by the limit of their route."""
        self.file.seek(0)
        return self.file.read()


@dataclass(slots=True)
class _Reading:
    """A body as far as it was read: finished fields and files, and the part that comes in."""

    opened: ExitStack
    pairs: list[tuple[str, str]] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    parts: int = 0
    ended: bool = False
    headers: dict[bytes, bytes] = field(default_factory=dict)
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    names: dict[bytes, bytes] = field(default_factory=dict)
    file: IO[bytes] | None = None

    def begin(self) -> None:
        """A part begins. Those that turn out to be empty count too: each costs something."""
        self.parts += 1
        if self.parts > MAX_FIELDS + MAX_FILES:
            raise FormParserError("too many parts")
        self.headers.clear()
        self.value.clear()
        self.file = None

    def header_name(self, data: bytes, start: int, end: int) -> None:
        """Some of a header's name came."""
        self.header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        """Some of a header's value came."""
        self.value += data[start:end]

    def header_end(self) -> None:
        """A header is whole."""
        self.headers[bytes(self.header).lower()] = bytes(self.value).strip(b" \t")
        self.header.clear()
        self.value.clear()

    def headers_end(self) -> None:
        """The headers are whole: it is known whether a field or a file follows."""
        _kind, self.names = parse_options_header(self.headers.get(b"content-disposition"))
        if b"name" not in self.names or self.headers.get(b"content-transfer-encoding", b"").lower() not in _PLAIN:
            raise FormParserError("a part without a name, or packed")
        if b"filename" in self.names:
            self.file = self.opened.enter_context(SpooledTemporaryFile(HELD))  # noqa: SIM115 - closed with its request

    def data(self, data: bytes, start: int, end: int) -> None:
        """Some of a part came."""
        if self.file is not None:
            self.file.write(data[start:end])
            return
        self.value += data[start:end]
        if len(self.value) > MAX_FIELD_BYTES:
            raise FormParserError("too long a field")

    def end(self) -> None:
        """A part is whole."""
        name = self.names[b"name"].decode("utf-8")
        if self.file is None:
            self.pairs.append((name, self.value.decode("utf-8")))
        elif self.names[b"filename"] or self.file.tell():
            called = self.names[b"filename"].decode("utf-8").replace("\\", "/").rpartition("/")[2]
            kind = self.headers.get(b"content-type", b"").decode("latin-1")
            self.uploads.append(Upload(name, called[:255], kind[:255], self.file, self.file.tell()))
        else:
            self.file.close()
        if len(self.pairs) > MAX_FIELDS or len(self.uploads) > MAX_FILES:
            raise FormParserError("too many fields or files")

    def finish(self) -> None:
        """The last part is over."""
        self.ended = True


def read_multipart(body: IO[bytes], boundary: bytes) -> tuple[list[tuple[str, str]], list[Upload]]:
    """Return fields and files of a multipart form. Raises ValueError (FormParserError is one) for whatever is none, or has too much of
    anything; files that were open are closed then."""
    with ExitStack() as opened:
        reading = _Reading(opened)
        parser = MultipartParser(
            boundary,
            callbacks={
                "on_part_begin": reading.begin,
                "on_header_field": reading.header_name,
                "on_header_value": reading.header_value,
                "on_header_end": reading.header_end,
                "on_headers_finished": reading.headers_end,
                "on_part_data": reading.data,
                "on_part_end": reading.end,
                "on_end": reading.finish,
            },
        )
        while piece := body.read(_PIECE):
            parser.write(piece)
        parser.finalize()
        if not reading.ended:
            raise FormParserError("cut off")
        opened.pop_all()
    return reading.pairs, reading.uploads
