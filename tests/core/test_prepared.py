"""Prepared reads say what SQLAlchemy would say: the same values, the same errors, the same news for who observes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Column, Date, Integer, MetaData, String, Table, bindparam, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from lkportal.core.columns import Milli, UTCDateTime
from lkportal.core.databases.prepared import Prepared
from lkportal.core.db import Database, StatementTooSlow, limited

METADATA = MetaData()
NOTES = Table(
    "notes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("word", String(20)),
    Column("amount", Milli()),
    Column("day", Date()),
    Column("at", UTCDateTime()),
)
ROWS = [
    {"id": 1, "word": "да", "amount": 4050, "day": date(2026, 11, 22), "at": datetime(2026, 11, 22, 9, tzinfo=UTC)},
    {"id": 2, "word": "нет", "amount": 50, "day": None, "at": None},
]
ALL = select(NOTES).order_by(NOTES.c.id)
SINCE = select(NOTES.c.word, NOTES.c.at.label("moment")).where(NOTES.c.at >= bindparam("since")).limit(5)
SUM = select(func.sum(NOTES.c.amount).label("total"))


@pytest.fixture
def notes(database: Database) -> Database:
    with database.unit() as db:
        METADATA.create_all(db.connection())
        db.execute(insert(NOTES), ROWS)
    return database


@pytest.mark.parametrize("statement", [ALL, SINCE, SUM], ids=["all", "since", "sum"])
def test_rows_are_those_of_sqlalchemy(notes: Database, statement: object) -> None:
    prepared, values = Prepared(statement), {"since": datetime(2026, 11, 1, tzinfo=UTC), "unknown": 1}  # type: ignore[arg-type]
    with notes.reading() as connection:
        expected = [tuple(row) for row in connection.execute(statement, values)]  # type: ignore[call-overload]
        for _ in range(2):
            found = prepared.all(connection, values)
            assert [tuple(row) for row in found] == expected
            assert [[type(value) for value in row] for row in found] == [[type(v) for v in row] for row in expected]


def test_columns_have_their_names(notes: Database) -> None:
    with notes.reading() as connection:
        (row,) = Prepared(SINCE).all(connection, {"since": datetime(2026, 11, 1, tzinfo=UTC)})
        assert (row.word, row.moment) == ("да", datetime(2026, 11, 22, 9, tzinfo=UTC))


def test_a_list_and_plain_text_run_too(notes: Database) -> None:
    with notes.reading() as connection:
        listed = Prepared(select(NOTES.c.id).where(NOTES.c.word.in_(["да", "может"])))
        assert [row.id for row in listed.all(connection, {})] == [1]
        assert Prepared(text("SELECT word FROM notes WHERE id = :id")).all(connection, {"id": 2})[0].word == "нет"


def test_a_list_is_compiled_once_for_every_length_and_keeps_nothing_of_what_was_asked(notes: Database) -> None:
    asked = select(NOTES.c.id, NOTES.c.day).where(
        NOTES.c.word.in_(bindparam("words", expanding=True)), NOTES.c.at >= bindparam("since")
    )
    prepared = Prepared(asked)
    with notes.reading() as connection:
        for words in (["да"], ["нет"], ["нет", "да"], [], ["да", "да"]):
            values = {"words": words, "since": datetime(2026, 11, 1, tzinfo=UTC), "unknown": 1}
            expected = [tuple(row) for row in connection.execute(asked, values)]
            assert [tuple(row) for row in prepared.all(connection, values)] == expected
            assert bool(expected) is ("да" in words)
        plans = prepared._plans[connection.dialect]
        assert set(plans) == {(0,), (1,), (2,)}
        assert not {"да", "нет"} & {value for plan in plans.values() if plan for value in plan.defaults.values()}


def test_lists_of_ever_new_lengths_are_left_to_sqlalchemy(notes: Database) -> None:
    prepared = Prepared(select(NOTES.c.id).where(NOTES.c.id.in_(bindparam("ids", expanding=True))))
    with notes.reading() as connection:
        for length in range(70):
            assert len(prepared.all(connection, {"ids": [*range(1, length + 1)]})) == min(length, 2)
        assert len(prepared._plans[connection.dialect]) == 64


def test_who_observes_hears_of_it(notes: Database) -> None:
    heard: list[str] = []
    prepared = Prepared(SUM)
    with notes.reading() as connection:
        prepared.all(connection, {})
        with notes.observe(lambda moment, sql: heard.append(sql) if moment == "before_statement" else None):
            prepared.all(connection, {})
    assert len(heard) == 1
    assert "sum" in heard[0]


def test_a_statement_that_takes_too_long_is_stopped_and_says_so(notes: Database) -> None:
    numbers = select(func.max(text("n"))).select_from(
        text(
            "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 300000000) SELECT n FROM c) AS t"
        )
    )
    with notes.reading() as connection, pytest.raises(StatementTooSlow), limited(connection, 50):
        Prepared(numbers).all(connection, {})


def test_a_broken_statement_fails_as_ever_and_the_connection_lives_on(notes: Database) -> None:
    gone = Table("gone", MetaData(), Column("id", Integer))
    with notes.reading() as connection:
        with pytest.raises(DBAPIError):
            Prepared(select(gone.c.id)).all(connection, {})
        assert Prepared(SUM).all(connection, {})[0].total == 4100


def test_rows_are_added_as_sqlalchemy_would_and_one_with_other_columns_too(notes: Database) -> None:
    adding, moment = Prepared(insert(NOTES)), datetime(2026, 11, 23, 1, tzinfo=UTC)
    with notes.unit() as db:
        adding.add(db.connection(), [{"id": number, "amount": number, "at": moment} for number in (3, 4)])
        adding.add(db.connection(), [{"id": 5, "word": "ещё"}])
        adding.add(db.connection(), [{"id": 6, "amount": 6, "at": None}])
    with notes.reading() as connection:
        found = {row.id: tuple(row)[1:] for row in Prepared(ALL).all(connection, {}) if row.id > 2}
    assert found == {
        3: (None, 3, None, moment),
        4: (None, 4, None, moment),
        5: ("ещё", None, None, None),
        6: (None, 6, None, None),
    }


def test_a_few_rows_and_many_are_all_added(notes: Database) -> None:
    adding = Prepared(insert(NOTES))
    with notes.unit() as db:
        for first, count in ((10, 1), (20, 2), (30, 8), (40, 9), (50, 2)):
            rows = [{"id": first + place, "word": f"{place}", "amount": place, "at": None} for place in range(count)]
            adding.add(db.connection(), rows)
    with notes.reading() as connection:
        added = {row.id: (row.word, row.amount) for row in Prepared(ALL).all(connection, {}) if row.id >= 10}
    assert len(added) == 22
    assert all(found == (str(key % 10), key % 10) for key, found in added.items())


def test_an_added_row_keeps_its_types_and_fails_as_ever(notes: Database) -> None:
    adding = Prepared(insert(NOTES))
    with pytest.raises(TypeError, match="whole number"), notes.unit() as db:
        adding.add(db.connection(), [{"id": 7, "amount": 0.5}])
    with pytest.raises(DBAPIError), notes.unit() as db:
        adding.add(db.connection(), [{"id": 1, "amount": 1}])


def test_a_unit_runs_on_the_drivers_cursor_unless_somebody_listens(notes: Database) -> None:
    prepared = Prepared(ALL)
    with notes.unit() as db:
        connection = db.connection()
        assert prepared._plan(connection) is not None
        with notes.observe(lambda _moment, _sql: None):
            assert prepared._plan(connection) is None
