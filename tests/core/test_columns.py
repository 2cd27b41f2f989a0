"""Column types mean the same on both databases, down to how they are stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, String, UniqueConstraint, func, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from lkportal.core.columns import JSONText, Milli, Minor, Provenance, Rate, UTCDateTime, pk, public_id_column
from lkportal.core.db import Base, Database


class OwnBase(DeclarativeBase):
    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    type_annotation_map = Base.type_annotation_map


class Charge(Provenance, OwnBase):
    __tablename__ = "charges"
    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    amount: Mapped[int | None] = mapped_column(Minor())
    volume: Mapped[int | None] = mapped_column(Milli())
    rate: Mapped[int | None] = mapped_column(Rate())
    made_at: Mapped[datetime | None]
    detail: Mapped[Any | None] = mapped_column(JSONText())


class Fed(OwnBase, Provenance):
    __tablename__ = "fed"
    id: Mapped[int] = pk()


charges = Charge.metadata.tables["charges"]


@pytest.fixture
def db(database: Database) -> Database:
    with database.unit() as session:
        OwnBase.metadata.create_all(session.connection())
    return database


def one(database: Database, column: Any) -> Any:
    with database.reading() as connection:
        return connection.execute(select(column)).scalar()


def put(database: Database, **values: Any) -> None:
    with database.unit() as session:
        session.execute(insert(charges), [values])


def test_money_is_an_integer_in_the_file_itself(db: Database) -> None:
    put(db, amount=10**15, volume=11_100, rate=43_570_000)
    if db.is_sqlite:
        assert one(db, func.typeof(charges.c.amount)) == "integer"
        assert one(db, func.typeof(charges.c.volume)) == "integer"
    assert one(db, charges.c.amount) == 10**15


def test_a_sum_of_money_is_an_exact_int_on_both_databases(db: Database) -> None:
    with db.unit() as session:
        session.execute(insert(charges), [{"amount": 10} for _ in range(1000)])
    total = one(db, func.sum(charges.c.amount))
    assert (total, type(total)) == (10_000, int)
    assert one(db, func.sum(charges.c.volume)) is None


@pytest.mark.parametrize("value", [0.1, Decimal("10.00"), True, "10"])
def test_money_that_is_not_a_whole_number_is_refused(db: Database, value: object) -> None:
    with pytest.raises(StatementError, match="not a whole number of minor units"):
        put(db, amount=value)


def test_a_moment_comes_back_in_utc(db: Database) -> None:
    put(db, made_at=datetime(2026, 3, 1, 1, 30, tzinfo=ZoneInfo("Asia/Yekaterinburg")))
    moment = one(db, charges.c.made_at)
    assert moment == datetime(2026, 2, 28, 20, 30, tzinfo=UTC)
    assert moment.tzinfo is UTC


def test_a_naive_moment_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="has no time zone"):
        put(db, made_at=datetime(2026, 3, 1))  # noqa: DTZ001 - this is the fault


def test_annotated_datetimes_are_utc_without_asking() -> None:
    assert isinstance(charges.c.made_at.type, UTCDateTime)


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001 - zones follow


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moments=st.lists(MOMENTS, min_size=1, max_size=20))
def test_moments_survive_and_sort_whatever_their_zone(db: Database, moments: list[datetime]) -> None:
    with db.unit() as session:
        session.execute(text("DELETE FROM charges"))
        session.execute(insert(charges), [{"made_at": moment} for moment in moments])
    with db.reading() as connection:
        kept = list(connection.execute(select(charges.c.made_at).order_by(charges.c.made_at)).scalars())
    assert kept == sorted(moments)


def test_json_is_the_same_text_on_both_databases(db: Database) -> None:
    put(db, detail={"б": [1, None], "a": "дом"})
    assert one(db, charges.c.detail) == {"a": "дом", "б": [1, None]}
    with db.reading() as connection:
        assert connection.execute(text("SELECT detail FROM charges")).scalar() == '{"a":"дом","б":[1,null]}'


def test_rows_get_keys_and_public_ids(db: Database) -> None:
    put(db)
    put(db)
    with db.reading() as connection:
        rows = connection.execute(select(charges.c.id, charges.c.public_id).order_by(charges.c.id)).all()
    assert [row.id for row in rows] == [1, 2]
    assert len({row.public_id for row in rows}) == 2
    assert {len(row.public_id) for row in rows} == {16}


def test_a_fed_row_is_unique_by_source_and_key(db: Database) -> None:
    put(db, source="billing", source_key="7")
    put(db, source="crm", source_key="7")
    put(db)
    put(db)
    with pytest.raises(IntegrityError):
        put(db, source="billing", source_key="7")


@pytest.mark.parametrize("name", ["charges", "fed"])
def test_provenance_names_its_constraint_whatever_the_order_of_bases(name: str) -> None:
    constraints = OwnBase.metadata.tables[name].constraints
    named = [item.name for item in constraints if isinstance(item, UniqueConstraint)]
    assert f"uq_{name}_source_source_key" in named


def test_the_public_id_column_is_short_text() -> None:
    assert isinstance(charges.c.public_id.type, String)
