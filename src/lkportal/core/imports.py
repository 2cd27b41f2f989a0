"""The import engine's public face: what a module declares (kinds, columns, parsers) and what runs a file through it.
The parts live in imports_kind, imports_parse, imports_sniff, imports_read, imports_stage, imports_run, imports_rejects."""

from __future__ import annotations

from lkportal.core.imports_choose import choose_kind
from lkportal.core.imports_kind import Applied, Cell, Column, ImportKind, Parser, Rejection, Staged, Unfit
from lkportal.core.imports_layout import Layout, Reading
from lkportal.core.imports_parse import account_number, day, inn, integer, money, one_of, period, volume, words
from lkportal.core.imports_preview import Preview, PreviewRow, preview
from lkportal.core.imports_read import Reject
from lkportal.core.imports_rejects import rejects_csv, write_rejects
from lkportal.core.imports_run import ImportReport, Progress, known_parameters, run_import

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
    "Staged",
    "Unfit",
    "account_number",
    "choose_kind",
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
    "volume",
    "words",
    "write_rejects",
]
