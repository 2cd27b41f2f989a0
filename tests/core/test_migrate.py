"""Migrations of modules that come, go, grow old and fail, on both databases."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from sqlalchemy import MetaData, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase

from lkportal.core.db import Base, Database
from lkportal.core.errors import StartupError
from lkportal.core.migrating.make import autogenerate, drift
from lkportal.core.migrating.migrate import CORE, MigrationRefused, current, newer, pending, upgrade
from lkportal.core.module import Module

FIRST = """
    op.create_table(
        "{name}_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_{name}_items"),
        sa.UniqueConstraint("title", name="uq_{name}_items_title"),
    )
"""
WIDER = """
    with op.batch_alter_table("{name}_items") as batch:
        batch.alter_column("title", existing_type=sa.String(20), type_=sa.String(40), existing_nullable=False)
        batch.add_column(sa.Column("place", sa.Integer(), nullable=False, server_default="7"))
"""
CHILD = """
    op.create_table(
        "{name}_parts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_{name}_parts"),
        sa.ForeignKeyConstraint(
            ["item_id"], ["parents_items.id"], name="fk_{name}_parts_item_id", ondelete="CASCADE"
        ),
    )
"""

Maker = Callable[..., Module]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """Write a module's package with the given migration bodies; made again, it is another version of the same module."""
    root = tmp_path / "packages"
    root.mkdir()
    monkeypatch.syspath_prepend(str(root))
    names: set[str] = set()

    def write(name: str, *bodies: str, requires: tuple[str, ...] = (), models: str = "") -> Module:
        package = f"lktest_{name}"
        names.add(package)
        place = root / package / "migrations"
        place.mkdir(parents=True, exist_ok=True)
        (root / package / "__init__.py").touch()
        for old in place.glob("*.py"):
            old.unlink()
        for number, body in enumerate(bodies, start=1):
            below = f"{name}_{number - 1:04}" if number > 1 else None
            head = f"import sqlalchemy as sa\nfrom alembic import op\nrevision = '{name}_{number:04}'\n"
            code = f"{head}down_revision = {below!r}\n\n\ndef upgrade():\n    pass{body.replace('{name}', name)}"
            (place / f"{number:04}_step.py").write_text(code)
        if models:
            (root / package / "models.py").write_text(dedent(models))
        importlib.invalidate_caches()
        return Module(
            name, name.title(), "1.0", package, requires=requires, models=f"{package}.models" if models else ""
        )

    yield write
    for name in [known for known in sys.modules if known.partition(".")[0] in names]:
        del sys.modules[name]


def tables(database: Database) -> set[str]:
    with database.reading() as connection:
        return {name for name in inspect(connection).get_table_names() if not name.startswith("core_")}


def run(database: Database, sql: str) -> Any:
    with database.unit() as db:
        result = db.connection().execute(text(sql))
        return result.scalar() if result.returns_rows else None


def own(steps: list[tuple[str, str]]) -> list[str]:
    return [revision for name, revision in steps if name != "core"]


def test_modules_are_upgraded_in_order_and_once(database: Database, make: Maker) -> None:
    child, parent = make("children", CHILD, requires=("parents",)), make("parents", FIRST, WIDER)
    both = [child, parent]
    steps = ["parents_0001", "parents_0002", "children_0001"]
    assert own(pending(database, both)) == steps
    assert own(upgrade(database, both)) == steps
    assert upgrade(database, both) == pending(database, both) == []
    stands = current(database, both)
    assert (stands["parents"], stands["children"]) == ("parents_0002", "children_0001")
    assert {"parents_version", "children_version"} <= tables(database)


def test_the_core_brings_its_own_tables_and_they_agree_with_its_models(database: Database) -> None:
    upgrade(database, [])
    assert pending(database, []) == []
    assert drift(database, CORE) == []


def test_an_uninstalled_plugin_keeps_its_tables_and_stops_nobody(database: Database, make: Maker) -> None:
    parent, plugin = make("parents", FIRST), make("plugin", FIRST)
    upgrade(database, [parent, plugin])
    run(database, "INSERT INTO plugin_items (id, title) VALUES (1, 'kept')")
    parent = make("parents", FIRST, WIDER)
    assert own(upgrade(database, [parent])) == ["parents_0002"]
    assert run(database, "SELECT title FROM plugin_items") == "kept"
    plugin = make("plugin", FIRST, WIDER)
    assert own(upgrade(database, [parent, plugin])) == ["plugin_0002"]
    assert run(database, "SELECT place FROM plugin_items") == 7


def test_a_module_older_than_its_tables_is_refused_alone(database: Database, make: Maker) -> None:
    parent, plugin = make("parents", FIRST), make("plugin", FIRST, WIDER)
    upgrade(database, [parent, plugin])
    parent, plugin = make("parents", FIRST, WIDER), make("plugin", FIRST)
    waiting = make("waiting", FIRST, requires=("plugin",))
    assert list(newer(database, [parent, plugin])) == ["plugin"]
    assert own(pending(database, [parent, plugin])) == ["parents_0002"]
    with pytest.raises(MigrationRefused, match=r"plugin are at plugin_0002.*version 1\.0 does not know") as refused:
        upgrade(database, [plugin, waiting, parent])
    assert "which it requires" in refused.value.problems["waiting"]
    assert current(database, [parent])["parents"] == "parents_0002"
    assert "waiting_items" not in tables(database)


def test_a_failing_migration_leaves_nothing_of_its_module(database: Database, make: Maker) -> None:
    broken = make(
        "broken",
        FIRST,
        "\n    op.create_table('broken_more', sa.Column('id', sa.Integer()))\n    op.drop_table('gone')\n",
    )
    fine = make("fine", FIRST)
    with pytest.raises(MigrationRefused, match="module broken stopped and nothing of it was kept"):
        upgrade(database, [broken, fine])
    assert tables(database) >= {"fine_items"}
    assert not {"broken_items", "broken_more"} & tables(database)
    assert current(database, [broken])["broken"] is None
    assert own(upgrade(database, [make("broken", FIRST), fine])) == ["broken_0001"]


def test_rebuilding_a_parent_keeps_its_children(database: Database, make: Maker) -> None:
    child, parent = make("children", CHILD, requires=("parents",)), make("parents", FIRST)
    upgrade(database, [parent, child])
    run(database, "INSERT INTO parents_items (id, title) VALUES (1, 'one'), (2, 'two')")
    run(database, "INSERT INTO children_parts (id, item_id) VALUES (10, 1), (11, 2), (12, 2)")
    upgrade(database, [make("parents", FIRST, WIDER), child])
    assert run(database, "SELECT count(*) FROM children_parts") == 3
    assert run(database, "SELECT place FROM parents_items WHERE id = 2") == 7
    with pytest.raises(IntegrityError):
        run(database, "INSERT INTO children_parts (id, item_id) VALUES (13, 99)")
    with pytest.raises(IntegrityError):
        run(database, "INSERT INTO parents_items (id, title) VALUES (3, 'two')")
    run(database, "DELETE FROM parents_items WHERE id = 2")
    assert run(database, "SELECT count(*) FROM children_parts") == 1


def test_a_migration_that_would_orphan_rows_is_undone(database: Database, make: Maker) -> None:
    child, parent = make("children", CHILD, requires=("parents",)), make("parents", FIRST)
    upgrade(database, [parent, child])
    run(database, "INSERT INTO parents_items (id, title) VALUES (1, 'one')")
    run(database, "INSERT INTO children_parts (id, item_id) VALUES (10, 1)")
    orphaning = "\n    op.execute('UPDATE parents_items SET id = 5')\n"
    with pytest.raises(MigrationRefused, match="children_parts"):
        upgrade(database, [make("parents", FIRST, orphaning), child])
    assert run(database, "SELECT id FROM parents_items") == 1
    assert current(database, [parent])["parents"] == "parents_0001"


def test_two_processes_upgrade_at_once(database_url: str, database: Database, make: Maker, tmp_path: Path) -> None:
    slow = "\n    import time; time.sleep(0.4)\n"
    make("parents", FIRST + slow, WIDER)
    make("plugin", FIRST + slow)
    code = """
        import sys
        from lkportal.core.db import Database
        from lkportal.core.migrating.migrate import upgrade
        from lkportal.core.module import Module
        modules = [Module(name, name, "1", f"lktest_{name}") for name in ("parents", "plugin")]
        print(*(step for name, step in upgrade(Database.connect(sys.argv[1]), modules) if name != "core"))
    """
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path / "packages"), *sys.path])}
    command = [sys.executable, "-c", dedent(code), database_url]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=paths) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(said[0] + said[1]) == ["parents_0001", "parents_0002", "plugin_0001"]


def test_migrations_that_fork_or_bear_a_foreign_name_are_refused(database: Database, make: Maker) -> None:
    forked = make("forked", FIRST, WIDER)
    second = Path(sys.path[0]) / "lktest_forked" / "migrations" / "0003_other.py"
    second.write_text((second.parent / "0002_step.py").read_text().replace("'forked_0002'", "'forked_0003'"))
    with pytest.raises(StartupError, match="end in forked_0002, forked_0003"):
        pending(database, [forked])
    stranger = make("stranger", FIRST)
    first = Path(sys.path[0]) / "lktest_stranger" / "migrations" / "0001_step.py"
    first.write_text(first.read_text().replace("'stranger_0001'", "'abc'"))
    with pytest.raises(StartupError, match="must be called stranger_NNNN"):
        pending(database, [stranger])
    with pytest.raises(StartupError, match="cannot be imported"):
        pending(database, [Module("ghost", "Ghost", "1", "lktest_no_such_package")])


MODELS = """
    from datetime import datetime
    from sqlalchemy import ForeignKey, Index, String
    from sqlalchemy.orm import Mapped, mapped_column
    from lkportal.core.columns import Encrypted, JSONText, Minor, Provenance, big_key, pk, public_id_column
    from lkportal.core.db import Base

    class Item(Provenance, Base):
        __tablename__ = "made_items"
        id: Mapped[int] = pk()
        public_id: Mapped[str] = public_id_column()
        title: Mapped[str] = mapped_column(String(20), index=True)
        amount: Mapped[int] = mapped_column(Minor())
        made_at: Mapped[datetime]
        secret: Mapped[str | None] = mapped_column(Encrypted("made_items.secret"))
        extra: Mapped[dict] = mapped_column(JSONText())

    class Part(Base):
        __tablename__ = "made_parts"
        id: Mapped[int] = pk()
        item_id: Mapped[int] = mapped_column(big_key(), ForeignKey("made_items.id"))
        __table_args__ = (Index("ix_made_parts_first", "item_id", sqlite_where=id > 5, postgresql_where=id > 5),)
"""


@pytest.fixture
def own_base(monkeypatch: pytest.MonkeyPatch) -> type[DeclarativeBase]:
    """A declarative base of this test's own, so that its tables do not stay in the shared one."""

    class OwnBase(DeclarativeBase):
        metadata = MetaData(naming_convention=Base.metadata.naming_convention)
        type_annotation_map = Base.type_annotation_map

    monkeypatch.setattr("lkportal.core.db.Base", OwnBase)
    monkeypatch.setattr("lkportal.core.migrating.migrate.Base", OwnBase)
    return OwnBase


@pytest.mark.usefixtures("own_base")
def test_the_next_migration_is_written_from_the_models(database: Database, make: Maker) -> None:
    module = make("made", models=MODELS)
    assert drift(database, module)
    path = autogenerate(database, module, "First tables")
    assert path is not None
    assert path.name == "0001_first_tables.py"
    written = path.read_text()
    assert "from lkportal.core.columns import Encrypted\n" in written
    assert "Encrypted('made_items.secret')" in written
    with pytest.raises(StartupError, match="lacks made_0001"):
        autogenerate(database, module, "Too early")
    assert own(upgrade(database, [module])) == ["made_0001"]
    assert drift(database, module) == []
    assert autogenerate(database, module, "Nothing new") is None


def test_a_change_of_the_models_becomes_the_second_migration(
    database: Database, make: Maker, own_base: type[DeclarativeBase]
) -> None:
    module = make("made", models=MODELS)
    autogenerate(database, module, "First tables")
    upgrade(database, [module])
    run(database, "CREATE TABLE others_items (id INTEGER)")
    items = own_base.metadata.tables["made_items"]
    items.columns["title"].nullable = True
    path = autogenerate(database, module, "Titles may be empty")
    assert path is not None
    assert path.name == "0002_titles_may_be_empty.py"
    assert "down_revision = 'made_0001'" in path.read_text()
    assert "others_items" not in path.read_text()
    assert own(upgrade(database, [module])) == ["made_0002"]
    assert drift(database, module) == []
