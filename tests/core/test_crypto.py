"""Sealed values: nothing readable in the database, keys change under load, and every failure says what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy import MetaData, String, insert, select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from lkportal.cli.keys import keys
from lkportal.core.columns import Encrypted, pk, sealed_columns
from lkportal.core.db import Database
from lkportal.core.errors import StartupError
from lkportal.core.module import Module
from lkportal.core.protection.crypto import KeyRing, new_key
from lkportal.core.protection.rotation import rotate

OLD, NEW = new_key("k1"), new_key("k2")


class OwnBase(DeclarativeBase):
    metadata = MetaData()


class Secret(OwnBase):
    __tablename__ = "secrets"
    id: Mapped[int] = pk()
    name: Mapped[str] = mapped_column(String(20))
    value: Mapped[str | None] = mapped_column(Encrypted("secrets.value"))


class Pair(OwnBase):
    __tablename__ = "pairs"
    left: Mapped[int] = mapped_column(primary_key=True)
    right: Mapped[str] = mapped_column(String(5), primary_key=True)
    value: Mapped[str | None] = mapped_column(Encrypted("pairs.value"))


secrets, pairs = OwnBase.metadata.tables["secrets"], OwnBase.metadata.tables["pairs"]


@pytest.fixture
def old(database_url: str) -> Iterator[Database]:
    database = Database.connect(database_url, keyring=KeyRing.parse([OLD]))
    with database.unit() as db:
        OwnBase.metadata.create_all(db.connection())
        db.execute(insert(secrets), [{"name": f"n{number}", "value": f"тайна {number}"} for number in range(120)])
        db.execute(insert(secrets).values(name="none", value=None))
        db.execute(insert(pairs), [{"left": n // 3, "right": "abc"[n % 3], "value": f"пара {n}"} for n in range(12)])
    yield database
    database.close()


@pytest.fixture
def new(old: Database, database_url: str) -> Iterator[Database]:
    database = Database.connect(database_url, keyring=KeyRing.parse([NEW, OLD]))
    yield database
    database.close()


def tokens(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(text("SELECT value FROM secrets WHERE value IS NOT NULL ORDER BY id")).scalars())


def values(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(select(secrets.c.value).order_by(secrets.c.id)).scalars())


def test_what_is_stored_is_sealed_and_what_is_read_is_open(old: Database) -> None:
    assert values(old) == [*(f"тайна {number}" for number in range(120)), None]
    assert all(token.startswith("k1:") and "тайна" not in token for token in tokens(old))
    assert len(set(tokens(old))) == 120


def test_a_sealed_column_can_be_asked_only_whether_it_is_empty(old: Database) -> None:
    with old.reading() as connection:
        assert connection.execute(select(secrets.c.name).where(secrets.c.value.is_(None))).scalar() == "none"
        assert connection.execute(select(secrets.c.name).where(secrets.c.value == None)).scalar() == "none"  # noqa: E711
    with pytest.raises(TypeError, match="keep a hash beside it"):
        select(secrets.c.name).where(secrets.c.value == "тайна 1")


def test_rotation_moves_everything_to_the_newest_key(new: Database, old: Database) -> None:
    before = values(old)
    heard: list[tuple[str, int]] = []
    ring = KeyRing.parse([NEW, OLD])
    count = rotate(new, OwnBase.metadata, ring, batch=50, done=lambda context, n: heard.append((context, n)))
    assert count == 132
    assert [part for part in heard if part[0] == "secrets.value"] == [("secrets.value", n) for n in (50, 50, 20)]
    assert values(new) == before
    assert not any(ring.needs_rotation(token) for token in tokens(new))
    assert rotate(new, OwnBase.metadata, ring) == 0


def test_a_rotation_that_was_stopped_goes_on(new: Database) -> None:
    ring = KeyRing.parse([NEW, OLD])

    def stop(_context: str, _count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(new, OwnBase.metadata, ring, batch=5, done=stop)
    assert rotate(new, OwnBase.metadata, ring, batch=50) == 127


def test_people_go_on_writing_while_keys_change(new: Database, old: Database) -> None:
    def write(number: int) -> None:
        database = new if number % 2 else old
        with database.unit() as db:
            db.execute(update(secrets).where(secrets.c.name == f"n{number}").values(value=f"новое {number}"))

    ring = KeyRing.parse([NEW, OLD])
    with ThreadPoolExecutor(4) as threads:
        writing = threads.map(write, range(120))
        rotate(new, OwnBase.metadata, ring, batch=7)
        list(writing)
    rotate(new, OwnBase.metadata, ring)
    assert values(new)[:120] == [f"новое {number}" for number in range(120)]
    assert not any(ring.needs_rotation(token) for token in tokens(new))


def test_a_missing_key_is_named_with_the_cure(old: Database, database_url: str) -> None:
    other = Database.connect(database_url, keyring=KeyRing.parse([NEW]))
    with pytest.raises(StartupError, match=r"the key 'k1'.*put that key back"):
        values(other)
    other.close()
    none = Database.connect(database_url)
    with pytest.raises(StartupError, match="lkportal keys new"), none.unit() as db:
        db.execute(insert(secrets).values(name="x", value="y"))
    none.close()


def test_a_value_moved_to_another_column_does_not_open() -> None:
    ring = KeyRing.parse([OLD])
    token = ring.encrypt(b"7700", "auth_totp.secret")
    assert ring.decrypt(token, "auth_totp.secret") == b"7700"
    with pytest.raises(StartupError, match="altered, moved"):
        ring.decrypt(token, "auth_identities.phone")
    with pytest.raises(StartupError, match="altered, moved"):
        ring.decrypt(token[:-6] + "AAAAAA", "auth_totp.secret")


@pytest.mark.parametrize("line", ["", "k1", "k1:", "k1:!!!", "k1:c2hvcnQ=", "nameless"])
def test_an_unreadable_key_is_refused_without_showing_it(line: str) -> None:
    line = line if line != "nameless" else OLD.removeprefix("k1")
    with pytest.raises(StartupError, match="key number 2 cannot be read") as refused:
        KeyRing.parse([NEW, line])
    assert line == "" or line not in str(refused.value)


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(StartupError, match="Two encryption keys are called k1"):
        KeyRing.parse([OLD, new_key("k1")])


def test_a_context_that_is_not_its_column_is_refused() -> None:
    class WrongBase(DeclarativeBase):
        metadata = MetaData()

    class Wrong(WrongBase):
        __tablename__ = "wrong"
        id: Mapped[int] = pk()
        value: Mapped[str] = mapped_column(Encrypted("other.value"))

    with pytest.raises(StartupError, match=r"make it 'wrong\.value'"):
        sealed_columns(WrongBase.metadata.tables["wrong"])


def test_the_commands_make_a_key_and_rotate(new: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = CliRunner().invoke(keys, ["new", "--name", "k7"])
    assert KeyRing.parse([made.output]).names == ("k7",)
    assert CliRunner().invoke(keys, ["new", "--name", "a b"]).exit_code == 2
    monkeypatch.setattr("lkportal.cli.keys.Base", OwnBase)
    (tmp_path / "late_sealed.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    off = Module("late", "Late", "1", "late", models="late_sealed")
    said = CliRunner().invoke(keys, ["rotate"], obj=lambda: SimpleNamespace(database=new, known=(off,))).output
    assert "132 values re-encrypted, all are under the key k2." in said
    assert "may leave the setting: k1" in said
    assert "late_sealed" in sys.modules  # what a module that is off has sealed is rotated too
