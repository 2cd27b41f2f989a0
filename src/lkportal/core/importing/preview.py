"""What an import would do, shown before it is done: how the file was understood and its first rows. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lkportal.core.importing.kind import Cell, ImportKind
from lkportal.core.importing.layout import Layout, Reading
from lkportal.core.importing.read import Reject
from lkportal.core.importing.rows import read_blocks, understand


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row of the preview: its `values` in the order of the kind's columns, or the reject that it would become."""

    line: int
    values: tuple[Cell, ...]
    reject: Reject | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file was understood: its layout, the parameters in its name, and its first rows."""

    layout: Layout
    parameters: Mapping[str, str]
    rows: Sequence[PreviewRow]


def preview(kind: ImportKind, path: Path, reading: Reading | None = None, *, rows: int = 20) -> Preview:
    """Return the first `rows` rows as `kind` reads them. Raises PortalError imports.* as the import itself would."""
    _found, layout = understand(kind, path, reading or Reading())
    with path.open("rb") as handle:
        block = next(read_blocks(handle, kind, layout, layout.start, layout.line), None)
    shown: list[PreviewRow] = []
    if block is not None:
        values = zip(*block.columns, strict=True)
        shown = [PreviewRow(line, row) for line, row in zip(block.lines, values, strict=True)]
        shown += [PreviewRow(reject.line, (), reject) for reject in block.rejects]
    shown.sort(key=lambda row: row.line)
    return Preview(layout, kind.claims(path.name) or {}, shown[:rows])
