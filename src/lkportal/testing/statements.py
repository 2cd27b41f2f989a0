"""Counting the SQL statements of a block of code, with their texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lkportal.core.db import Database, Moment

_READS = ("SELECT", "WITH", "VALUES", "PRAGMA", "SET", "SHOW")


@dataclass(slots=True)
class Statements:
    """What a block asked of the database, in order. `len()` of it is the number of statements."""

    texts: list[str] = field(default_factory=list)
    commits: int = 0

    @property
    def writes(self) -> list[str]:
        """The statements that change something."""
        return [text for text in self.texts if not text.lstrip(" (\n").upper().startswith(_READS)]

    def __len__(self) -> int:
        return len(self.texts)

    def __str__(self) -> str:
        return "\n".join(f"{number}. {' '.join(text.split())}" for number, text in enumerate(self.texts, 1))


@contextmanager
def counting(database: Database) -> Iterator[Statements]:
    """Collect every statement and commit of `database` inside the block, of all threads."""
    seen = Statements()

    def observe(moment: Moment, sql: str) -> None:
        if moment == "before_statement":
            seen.texts.append(sql)
        elif moment == "after_commit":
            seen.commits += 1

    with database.observe(observe):
        yield seen
