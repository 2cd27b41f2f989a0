"""Migrated databases for tests, made once and copied: a SQLite file by the file system, PostgreSQL by CREATE DATABASE TEMPLATE.
Where databases come from at all stands in databases."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import make_url

from lkportal.core.db import Database
from lkportal.core.migrating import migrate
from lkportal.core.module import Module
from lkportal.testing.databases import fresh_postgres


class Templates:
    """One migrated database for each set of modules and each kind of database. `server` starts PostgreSQL when it is needed."""

    def __init__(self, folder: Path, server: Callable[[], str]) -> None:
        self._folder = folder
        self._server = server
        self._made: dict[tuple[str, ...], str] = {}
        self._kept = ExitStack()

    @contextmanager
    def copy(self, kind: str, modules: Sequence[Module], file: Path) -> Iterator[str]:
        """Yield the URL of a fresh migrated database: `kind` is "sqlite" (the copy is `file`) or "postgresql"."""
        template = self._template(kind, modules)
        if kind == "sqlite":
            shutil.copyfile(template, file)
            yield f"sqlite:///{file}"
        else:
            with fresh_postgres(self._server(), template) as url:
                yield url

    def close(self) -> None:
        """Drop the PostgreSQL templates."""
        self._kept.close()

    def _template(self, kind: str, modules: Sequence[Module]) -> str:
        key = (kind, *(f"{module.name}={module.package}" for module in modules))
        if key not in self._made:
            self._made[key] = self._make(kind, modules, len(self._made))
        return self._made[key]

    def _make(self, kind: str, modules: Sequence[Module], number: int) -> str:
        if kind == "sqlite":
            file = str(self._folder / f"template{number}.db")
            _migrated(f"sqlite:///{file}", modules)
            return file
        url = self._kept.enter_context(fresh_postgres(self._server()))
        _migrated(url, modules)
        return str(make_url(url).database)


def _migrated(url: str, modules: Sequence[Module]) -> None:
    database = Database.connect(url)
    try:
        migrate.upgrade(database, modules)
    finally:
        database.close()
