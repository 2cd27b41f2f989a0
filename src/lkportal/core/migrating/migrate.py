"""Migrations, one version table for each module: upgrade, pending, current. The connection that may change the schema is in
migrate_schema, writing new scripts in migrate_make."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy import Connection, column, inspect, select, table
from sqlalchemy.exc import SQLAlchemyError

from lkportal.core.db import Base, Database
from lkportal.core.errors import PortalError, StartupError
from lkportal.core.migrating.schema import changing_schema
from lkportal.core.module import Module
from lkportal.core.registry.resolving import in_order
from lkportal.core.version import __version__

CORE = Module("core", "Core", __version__, "lkportal.core", models="lkportal.core.models")
_REVISION_LENGTH = 32


class MigrationRefused(StartupError):
    """Some modules could not be upgraded, all others were. `problems` has a sentence for each, by module name."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("migration_refused", " ".join(problems.values()))
        self.problems = problems


def upgrade(database: Database, modules: Sequence[Module]) -> list[tuple[str, str]]:
    """Bring the tables of the core and of `modules` (all installed ones, on or off) to their newest revision.

    Returns the (module, revision) pairs applied. Each module is one transaction on both databases, under one lock, so two
    processes may upgrade at once. A module that fails stops only those that require it: MigrationRefused tells at the end.
    Tables and version tables of modules that are not given are not touched.
    """
    applied: list[tuple[str, str]] = []
    problems: dict[str, str] = {}
    for module in with_core(modules):
        waiting = [name for name in module.requires if name in problems]
        if waiting:
            problems[module.name] = f"The module {module.name} waits for {waiting[0]}, which it requires."
            continue
        try:
            applied += _upgrade_module(database, module)
        except (CommandError, SQLAlchemyError, PortalError) as error:
            problems[module.name] = _sentence(module, error)
    if problems:
        raise MigrationRefused(problems)
    return applied


def pending(database: Database, modules: Sequence[Module]) -> list[tuple[str, str]]:
    """Return the (module, revision) pairs that `upgrade` would apply, in order. Modules of `newer` are left out."""
    stands = current(database, modules)
    late: list[tuple[str, str]] = []
    for module in with_core(modules):
        script = scripts(module)
        if script is not None and _knows(script, stands[module.name]):
            late += [(module.name, revision) for revision in _steps(script, stands[module.name])]
    return late


def newer(database: Database, modules: Sequence[Module]) -> dict[str, str]:
    """Return, by name, a sentence for each module whose tables are newer than its code: these must not run."""
    stands = current(database, modules)
    return {
        module.name: _too_new(module, stands[module.name])
        for module in with_core(modules)
        if not _knows(scripts(module), stands[module.name])
    }


def current(database: Database, modules: Sequence[Module]) -> dict[str, str | None]:
    """Return the revision at which the tables of the core and of each module stand; None: nothing was applied yet."""
    with database.reading() as connection:
        present = set(inspect(connection).get_table_names())
        return {module.name: _stands_at(connection, module, present) for module in with_core(modules)}


def demand_current(database: Database, known: Sequence[Module], on: Sequence[Module]) -> None:
    """Refuse to run over an old schema, or over tables newer than the code of a module that is on. Raises StartupError."""
    waiting = pending(database, known)
    if waiting:
        names = ", ".join(sorted({name for name, _ in waiting}))
        raise StartupError(
            "schema_old",
            f"The database is not up to date ({names}: {len(waiting)} steps). Run `lkportal migrate` first.",
        )
    ahead = newer(database, on)
    if ahead:
        raise StartupError("schema_newer", " ".join(ahead.values()))


def with_core(modules: Sequence[Module]) -> list[Module]:
    """Return `modules` in the registry's order, with the core's own tables before them."""
    return [CORE, *in_order([module for module in modules if module.name != CORE.name])]


def version_table(module: Module) -> str:
    """Return the name of the table that remembers the module's revision."""
    return f"{module.name}_version"


def folder(module: Module) -> Path:
    """Return the folder of the module's migrations; it may be absent."""
    spec = find_spec(module.package)
    if spec is None or not spec.submodule_search_locations:
        raise StartupError(
            "module_package", f"The module {module.name} names the package {module.package}, which cannot be imported."
        )
    return Path(next(iter(spec.submodule_search_locations))) / "migrations"


def scripts(module: Module) -> ScriptDirectory | None:
    """Return the module's migrations, checked: one line of them, ids that fit the version table. None: it has none."""
    place = folder(module)
    files = tuple((file.name, file.stat().st_mtime_ns) for file in sorted(place.glob("[0-9]*.py")))
    return _read(module.name, str(place), files) if files else None


@lru_cache(maxsize=128)
def _read(name: str, place: str, _files: tuple[tuple[str, int], ...]) -> ScriptDirectory:
    """Read scripts once for as long as the files are these: a start asks twice, tests make many portals."""
    script = ScriptDirectory(place, version_locations=[place])
    if len(script.get_heads()) != 1:
        raise StartupError(
            "migration_heads",
            f"The migrations of the module {name} end in {', '.join(script.get_heads()) or 'no revision'}:"
            " let each revision follow the one before it, so that there is one last.",
        )
    for revision in script.walk_revisions():
        if not revision.revision.startswith(f"{name}_") or len(revision.revision) > _REVISION_LENGTH:
            raise StartupError(
                "migration_name",
                f"The migration {revision.revision} of the module {name} must be called {name}_NNNN"
                f" and be at most {_REVISION_LENGTH} letters long.",
            )
    return script


def migration_context(connection: Connection, module: Module, **options: Any) -> MigrationContext:
    """Return Alembic's context for one module on `connection`: its own version table, our naming convention."""
    shared = {"version_table": version_table(module), "target_metadata": Base.metadata, "render_as_batch": True}
    return MigrationContext.configure(connection, opts={**shared, **options})


def _upgrade_module(database: Database, module: Module) -> list[tuple[str, str]]:
    script = scripts(module)
    if script is None:
        return []
    with changing_schema(database) as connection:
        stands = _stands_at(connection, module, set(inspect(connection).get_table_names()))
        if not _knows(script, stands):
            raise StartupError("migration_newer", _too_new(module, stands))
        steps = _steps(script, stands)
        if steps:
            _run(connection, module, script)
    return [(module.name, revision) for revision in steps]


def _run(connection: Connection, module: Module, script: ScriptDirectory) -> None:
    context = migration_context(
        connection, module, fn=lambda revision, _context: script._upgrade_revs("head", revision)
    )
    with Operations.context(context):
        context.run_migrations()


def _steps(script: ScriptDirectory, stands: str | None) -> list[str]:
    newest_first = script.iterate_revisions(script.get_current_head(), stands or "base")
    return [revision.revision for revision in newest_first if revision.revision != stands][::-1]


def _knows(script: ScriptDirectory | None, revision: str | None) -> bool:
    if revision is None:
        return True
    try:
        return script is not None and script.get_revision(revision) is not None
    except (CommandError, RevisionError):
        return False


def _stands_at(connection: Connection, module: Module, present: set[str]) -> str | None:
    name = version_table(module)
    if name not in present:
        return None
    revision: str | None = connection.execute(select(column("version_num")).select_from(table(name))).scalar()
    return revision


def _too_new(module: Module, revision: str | None) -> str:
    return (
        f"The tables of the module {module.name} are at {revision}, which its installed version {module.version} does not"
        " know: install the version that was here before or a newer one, or restore the database it belongs to."
    )


def _sentence(module: Module, error: Exception) -> str:
    if isinstance(error, StartupError):
        return str(error.message)
    return (
        f"A migration of the module {module.name} stopped and nothing of it was kept: {error}."
        " Correct the cause and run the migration again."
    )


__all__ = [
    "CORE",
    "MigrationRefused",
    "current",
    "newer",
    "pending",
    "scripts",
    "upgrade",
    "version_table",
    "with_core",
]
