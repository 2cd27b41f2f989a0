"""The shell: `lkportal audit verify` tells what is broken, `lkportal database restrict` closes ledger and audit to the portal."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click import Command
from click.testing import CliRunner, Result
from sqlalchemy import make_url
from sqlalchemy.exc import ProgrammingError

from lkportal.app import Portal
from lkportal.cli.audit import audit
from lkportal.cli.database import database
from lkportal.core.jobs import enqueue
from lkportal.core.migrating import migrate
from lkportal.core.policy import AuditLog
from lkportal.core.ports import port
from lkportal.testing.portals import Recipe, settings
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World, rows

ONLY_ADDED = ("audit_records", "audit_seals", "audit_sealed", "payments_entries")


def migrated(url: str, folder: Path) -> Recipe:
    recipe = Recipe(settings(url, str(folder), {"jobs": {"engine": "auto"}}))
    first = recipe.portal()
    migrate.upgrade(first.database, first.known)
    first.database.close()
    return recipe


def acted(portal: Portal) -> None:
    """Leave a record and have it sealed by the worker."""
    world = World(portal.database, portal.clock, portal.ports)  # type: ignore[arg-type]
    with world.unit() as db:
        port(db, AuditLog).record(db, "demo.done", target="one")  # type: ignore[type-abstract]
        enqueue(db, "audit.seal", {})
    portal.worker().run_once()


def run(recipe: Recipe, command: Command, *words: str) -> Result:
    """Run a command of the shell on the portal of `recipe`."""
    portal = recipe.portal()
    try:
        return CliRunner().invoke(command, list(words), obj=lambda: portal)
    finally:
        portal.database.close()


def verify(recipe: Recipe, *options: str) -> Result:
    return run(recipe, audit, "verify", *options)


def test_verify_prints_the_head_and_finds_what_was_changed(sqlite_url: str, tmp_path: Path) -> None:
    recipe = migrated(sqlite_url, tmp_path)
    with recipe.running() as portal:
        acted(portal)
    whole = verify(recipe)
    assert whole.exit_code == 0, whole.output
    head = whole.output.split("Head: ")[1].strip()
    assert verify(recipe, "--head", head).exit_code == 0
    assert "is not in the chain" in verify(recipe, "--head", "0" * 64).output

    with recipe.running() as portal, portal.database.unit() as db:
        db.connection().exec_driver_sql("UPDATE audit_records SET target = 'two'")
    broken = verify(recipe)
    assert broken.exit_code == 1
    assert "BROKEN  seal 1" in broken.output


def test_on_sqlite_there_is_nobody_to_restrict(sqlite_url: str, tmp_path: Path) -> None:
    recipe = migrated(sqlite_url, tmp_path)
    refused = run(recipe, database, "restrict", "portal")
    assert refused.exit_code == 1
    assert "PostgreSQL" in refused.output


@pytest.fixture
def role(postgres_url: str) -> Iterator[str]:
    """A role that may sign in and nothing else, dropped with all it was granted."""
    name = f"lk_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'portal'".encode())
        yield name
        connection.execute(f"DROP OWNED BY {name} CASCADE".encode())
        connection.execute(f"DROP ROLE {name}".encode())


def restricted(url: str, role: str) -> str:
    return make_url(url).set(username=role, password="portal").render_as_string(hide_password=False)


@pytest.mark.postgres
def test_the_portals_own_role_runs_the_portal_and_changes_no_ledger_and_no_audit(
    postgres_url: str, role: str, tmp_path: Path
) -> None:
    owner = migrated(postgres_url, tmp_path)
    with owner.running() as portal:
        acted(portal)
    done = run(owner, database, "restrict", role)
    assert done.exit_code == 0, done.output
    assert all(table in done.output for table in ONLY_ADDED)

    with Recipe(settings(restricted(postgres_url, role), str(tmp_path))).running() as portal:
        world = World(portal.database, portal.clock, portal.ports)  # type: ignore[arg-type]
        account = world.account()
        browser = Visitor(portal).enter(world.customer("anna@example.org", account), account)
        assert browser.get(f"/readings/{account.public_id}/").status_code == 200
        assert browser.get("/readings/AnotherAccount01/").status_code == 404
        acted(portal)
        assert rows(
            portal.database, "SELECT state, count(*) FROM core_jobs WHERE name = 'audit.seal' GROUP BY state"
        ) == [("done", 2)]
        for table in ONLY_ADDED:
            for change in (f"UPDATE {table} SET id = 1", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                statement = change.replace("SET id", "SET record_id") if table == "audit_sealed" else change
                with pytest.raises(ProgrammingError, match="permission denied"), portal.database.unit() as db:
                    db.connection().exec_driver_sql(statement)
        with pytest.raises(ProgrammingError), portal.database.unit() as db:
            db.connection().exec_driver_sql("CREATE TABLE mine (id int)")
    assert verify(owner).exit_code == 0


@pytest.mark.postgres
def test_a_role_that_no_grant_holds_back_is_refused(postgres_url: str, tmp_path: Path) -> None:
    owner = migrated(postgres_url, tmp_path)
    user = make_url(postgres_url).username or ""
    for name, said in ((user, "is a superuser"), ("nobody-there", "There is no role")):
        refused = run(owner, database, "restrict", name)
        assert refused.exit_code != 0
        assert said in str(refused.exception)
