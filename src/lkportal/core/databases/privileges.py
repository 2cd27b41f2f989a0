"""What a PostgreSQL role may do with the portal's tables: everything a running portal needs, but no change of what is only ever
added (ledger, audit). Migrations run as the owner of the tables, which is another role."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from lkportal.core.errors import StartupError
from lkportal.core.module import Module

_ROLE = text("SELECT rolsuper OR rolbypassrls AS mighty FROM pg_roles WHERE rolname = :role")
_OWNED = text(
    "SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE c.relkind = 'r'"
    " AND c.relnamespace = current_schema()::regnamespace AND pg_has_role(:role, r.oid, 'USAGE') LIMIT 1"
)
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
_JOBS_OWNER = text(
    "SELECT r.rolname FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE n.nspname = 'lkportal_jobs'"
)
_CHANGES = "UPDATE, DELETE, TRUNCATE"


def append_only_tables(modules: Sequence[Module]) -> list[str]:
    """Return the tables of installed modules, on or off, whose rows are only ever added."""
    return sorted({table for module in modules for table in module.append_only})


def restrict(connection: Connection, role: str, modules: Sequence[Module]) -> list[str]:
    """Grant `role` what a running portal needs and return the tables it may only add to. Safe to repeat: run it again after
    each migration, for a new table is closed to the role until then.

    Raises StartupError when the role is absent, a superuser, or owns tables: no grant could hold it back.
    """
    _refuse_mighty(connection, role)
    quote = connection.dialect.identifier_preparer.quote
    schema = quote(str(connection.execute(text("SELECT current_schema()")).scalar_one()))
    database = quote(str(connection.execute(text("SELECT current_database()")).scalar_one()))
    name = quote(role)
    for grant in (
        f"GRANT CONNECT, CREATE ON DATABASE {database} TO {name}",
        f"GRANT USAGE ON SCHEMA {schema} TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {name}",
    ):
        connection.execute(text(grant))
    standing = set(connection.execute(_TABLES).scalars())
    closed = [table for table in append_only_tables(modules) if table in standing]
    closed += sorted(table for table in standing if table.endswith("_version"))
    for table in closed:
        connection.execute(text(f"REVOKE {_CHANGES} ON {schema}.{quote(table)} FROM {name}"))
    _hand_over_jobs(connection, role)
    return closed


def _refuse_mighty(connection: Connection, role: str) -> None:
    found = connection.execute(_ROLE, {"role": role}).first()
    if found is None:
        raise StartupError("role_absent", f"There is no role {role!r}: make it first, CREATE ROLE {role} LOGIN.")
    owned = connection.execute(_OWNED, {"role": role}).scalar()
    if found.mighty or owned:
        why = "is a superuser" if found.mighty else f"owns the table {owned}"
        raise StartupError(
            "role_mighty", f"The role {role!r} {why}, so no grant holds it back: use another role than migrations do."
        )


def _hand_over_jobs(connection: Connection, role: str) -> None:
    """Let the role make the schema of procrastinate itself: it holds only what can be lost, and is dropped for a new version."""
    if connection.execute(_JOBS_OWNER).scalar() not in (None, role):
        connection.execute(text("UPDATE core_jobs SET state = 'waiting', lease_until = NULL WHERE state = 'handed'"))
        connection.execute(text("DROP SCHEMA lkportal_jobs CASCADE"))
