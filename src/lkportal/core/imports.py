"""The import engine's public face: what a module declares (kinds, columns, parsers) and what runs a file through it.
The parts stand in importing/: kind, parse, sniff, read, stage, run, setwise, rejects."""

from __future__ import annotations

from lkportal.core.importing.choose import choose_kind
from lkportal.core.importing.kind import Applied, Cell, Column, ImportKind, Parser, Rejection, Staged, Unfit, column
from lkportal.core.importing.layout import Layout, Reading
from lkportal.core.importing.parse import account_number, day, inn, integer, money, one_of, period, volume, words
from lkportal.core.importing.preview import Preview, PreviewRow, preview
from lkportal.core.importing.read import Reject
from lkportal.core.importing.rejects import rejects_csv, write_rejects
from lkportal.core.importing.run import ImportReport, Progress, known_parameters, run_import
from lkportal.core.importing.setwise import Setwise, staged_day

__all__ = [
    "Applied",
    "Cell",
    "Column",
    "ImportKind",
    "ImportReport",
    "Layout",
    "Parser",
    "Preview",
    "PreviewRow",
    "Progress",
    "Reading",
    "Reject",
    "Rejection",
    "Setwise",
    "Staged",
    "Unfit",
    "account_number",
    "choose_kind",
    "column",
    "day",
    "inn",
    "integer",
    "known_parameters",
    "money",
    "one_of",
    "period",
    "preview",
    "rejects_csv",
    "run_import",
    "staged_day",
    "volume",
    "words",
    "write_rejects",
]
