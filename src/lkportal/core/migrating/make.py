"""Writing a module's next migration from the difference between its models and a database, and telling whether there is one.
For developers; running migrations is in migrate."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, cast

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import UpgradeOps
from sqlalchemy import Connection

from lkportal.core.columns import Encrypted
from lkportal.core.db import Database
from lkportal.core.errors import StartupError
from lkportal.core.migrating.migrate import folder, migration_context, pending, scripts
from lkportal.core.module import Module

_COLUMNS = "lkportal.core.columns"


def autogenerate(database: Database, module: Module, message: str) -> Path | None:
    """Write the next migration of `module` into its package; return its path, or None when models and tables agree.

    `database` is a developer's own, upgraded to the newest revision. Read what was written before it is committed:
    a renamed column looks like one dropped and one added.
    """
    late = [revision for name, revision in pending(database, [module]) if name == module.name]
    if late:
        raise StartupError(
            "migration_behind",
            f"This database lacks {late[0]}: run `lkportal migrate` first, then make the next migration.",
        )
    with database.reading() as connection:
        operations = _difference(connection, module)
        return None if operations.is_empty() else _write(module, message, *_render(operations))


def drift(database: Database, module: Module) -> list[str]:
    """Return the operations by which the module's models differ from the tables of `database`; none: they agree."""
    with database.reading() as connection:
        operations = _difference(connection, module)
        return [] if operations.is_empty() else _render(operations)[0]


def _difference(connection: Connection, module: Module) -> UpgradeOps:
    if module.models:
        import_module(module.models)
    context = migration_context(connection, module, include_object=_belongs_to(module), compare_type=True)
    return cast(UpgradeOps, produce_migrations(context, context.opts["target_metadata"]).upgrade_ops)


def _belongs_to(module: Module) -> Any:
    prefix = f"{module.name}_"

    def include(item: Any, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        table = name if kind == "table" else item.table.name
        return str(table).startswith(prefix) and table != f"{prefix}version"

    return include


def _render(operations: UpgradeOps) -> tuple[list[str], list[str]]:
    """Return the lines of the upgrade and the imports they need."""
    imports: set[str] = set()

    def render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
        if kind != "type" or type(item).__module__ != _COLUMNS:
            return False
        name = type(item).__name__
        imports.add(f"from {_COLUMNS} import {name}")
        return f"{name}({item.context!r})" if isinstance(item, Encrypted) else f"{name}()"

    body = render_python_code(operations, render_as_batch=True, render_item=render)
    return [line for line in body.splitlines() if not line.strip().startswith("# ###")], sorted(imports)


def _write(module: Module, message: str, body: list[str], imports: list[str]) -> Path:
    script = scripts(module)
    last = script.get_current_head() if script else None
    number = int(last.rsplit("_", 1)[1]) + 1 if last else 1
    place = folder(module)
    place.mkdir(exist_ok=True)
    slug = re.sub(r"\W+", "_", message.lower()).strip("_")
    path = place / f"{number:04}_{slug}.py"
    text = _TEMPLATE.format(
        message=message,
        imports="".join(f"{line}\n" for line in imports),
        revision=f"{module.name}_{number:04}",
        last=last,
        body="\n".join(body),
    )
    path.write_text(text, encoding="utf-8")
    return path


_TEMPLATE = '''"""{message}"""

import sqlalchemy as sa
from alembic import op

{imports}
revision = "{revision}"
down_revision = {last!r}


def upgrade() -> None:
{body}
'''
