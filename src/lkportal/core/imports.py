"""The import engine's public face: what a module declares (kinds, columns, parsers) and what runs a file through it.
The parts live in imports_kind, imports_parse, imports_sniff, imports_read, imports_stage, imports_run, imports_rejects."""

from __future__ import annotations

from lkportal.core.imports_kind import (
    Applied,
    Cell,
    Column,
    ImportKind,
    Parser,
    Rejection,
    Staged,
    Unfit,
)
from lkportal.core.imports_parse import account_number, day, inn, integer, money, one_of, period, volume, words

__all__ = [
    "Applied",
    "Cell",
    "Column",
    "ImportKind",
    "Parser",
    "Rejection",
    "Staged",
    "Unfit",
    "account_number",
    "day",
    "inn",
    "integer",
    "money",
    "one_of",
    "period",
    "volume",
    "words",
]
