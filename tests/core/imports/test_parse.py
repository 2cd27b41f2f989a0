"""Cells become exact values, and the fast way for a column never differs from the exact way for a cell."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkportal.core import imports as engine
from lkportal.core.i18n import Text, text
from lkportal.core.importing.cells import Converter
from lkportal.core.importing.kind import Cell

PARSERS = {
    "account": engine.account_number(),
    "money": engine.money(),
    "volume": engine.volume(),
    "integer": engine.integer(),
    "day": engine.day(),
    "period": engine.period(),
    "inn": engine.inn(),
    "words": engine.words(20),
}


@pytest.mark.parametrize(
    ("parser", "cell", "value"),
    [
        ("account", "0000123", "0000123"),
        ("account", "ЛС-12/3", "ЛС-12/3"),
        ("money", "1482,60", 148260),
        ("money", "1482.6", 148260),
        ("money", "1\u00a0482,60", 148260),
        ("money", "1\u2009482", 148200),
        ("money", "\u2212 0,01", -1),
        ("money", "5 ₽", 500),
        ("volume", "11,125", 11_125),
        ("volume", "-3.5", -3_500),
        ("volume", "1,5000", 1_500),
        ("integer", "1 000", 1000),
        ("day", "25.11.2026", "2026-11-25"),
        ("day", "5.1.2026", "2026-01-05"),
        ("day", "2026-11-25", "2026-11-25"),
        ("day", "2026-11-25T00:00:00", "2026-11-25"),
        ("period", "11.2026", "2026-11-01"),
        ("period", "2026-11", "2026-11-01"),
        ("period", "25.11.2026", "2026-11-01"),
        ("period", "Ноябрь 2026 г.", "2026-11-01"),
        ("period", "November 2026", "2026-11-01"),
        ("inn", "7707083893", "7707083893"),
        ("inn", "500100732259", "500100732259"),
    ],
)
def test_what_papers_write_is_understood(parser: str, cell: str, value: Cell) -> None:
    assert PARSERS[parser].one(cell) == value


@pytest.mark.parametrize(
    ("parser", "cell"),
    [
        ("account", "12 34"),
        ("account", "=1+1"),
        ("money", "1,482.60"),
        ("money", "12,345"),
        ("money", "много"),
        ("money", "١٢"),
        ("money", "9" * 14),
        ("volume", "9" * 13),
        ("integer", "9" * 16),
        ("money", "-,50"),
        ("volume", "1,2345"),
        ("integer", "1,5"),
        ("day", "31.02.2026"),
        ("day", "25.11.26"),
        ("period", "13.2026"),
        ("period", "брюмер 2026"),
        ("inn", "7707083894"),
        ("inn", "770708389"),
        ("words", "слово" * 5),
        ("words", "a\x00b"),
    ],
)
def test_what_cannot_be_read_says_what_was_expected(parser: str, cell: str) -> None:
    with pytest.raises(engine.Unfit) as refused:
        PARSERS[parser].one(cell)
    assert str(refused.value.reason)


def _numbers(decimals: int) -> st.SearchStrategy[str]:
    plain = st.tuples(st.integers(-(10**15) - 500, 10**15 + 500), st.sampled_from(",.")).map(
        lambda pair: (
            f"{'-' if pair[0] < 0 else ''}{abs(pair[0]) // 10**decimals}{pair[1]}{abs(pair[0]) % 10**decimals:0{decimals}}"
        )
    )
    odd = st.sampled_from(
        [
            "",
            " 5",
            "5 ",
            "1 482,6",
            "нет",
            "1\n2",
            "1,2,3",
            "-",
            "12",
            "+7,00",
            "1e5",
            "٣,00",
            " ",
            "-,50",
            "1,-5",
            "1,5-",
            "1_0,00",
            "5,0 ",
            "0001,00",
        ]
    )
    return st.one_of(plain, plain, plain, odd)


COLUMNS = {
    "money": _numbers(2),
    "volume": _numbers(3),
    "integer": st.one_of(st.integers(-(10**9), 10**9).map(str), st.sampled_from(["", "x", " 1", "1.5", "1 000"])),
    "words": st.text(max_size=24),
    "account": st.text(st.sampled_from("0123456789-Лс "), max_size=12),
    "day": st.one_of(st.dates().map(str), st.sampled_from(["", "01.02.2026", "x"])),
}


@given(data=st.data(), required=st.booleans(), name=st.sampled_from(sorted(COLUMNS)))
def test_a_column_read_at_once_is_what_its_cells_are_one_by_one(data: st.DataObject, required: bool, name: str) -> None:
    cells = data.draw(st.lists(COLUMNS[name], max_size=120))
    column = engine.Column(name, text("proof.any", "Any"), PARSERS[name], required=required)
    bad: dict[int, tuple[int, Text]] = {}
    values = Converter(column).column(cells, 3, bad)
    assert list(values) == [_exact(column, cell) for cell in cells]
    assert sorted(bad) == [row for row, cell in enumerate(cells) if _refuses(column, cell)]
    assert all(index == 3 for index, _ in bad.values())


def test_plain_columns_really_take_the_fast_way() -> None:
    for name, cells in {"money": ["1,00", "-2,50"], "volume": ["1,000"], "integer": ["7"], "words": ["вода"]}.items():
        many = PARSERS[name].many
        assert many is not None
        assert _same(many(cells), [PARSERS[name].one(cell) for cell in cells])


def test_values_are_shown_as_people_write_them() -> None:
    assert PARSERS["money"].show(-148_260) == "-1482.60"
    assert PARSERS["volume"].show(11_005) == "11.005"
    assert PARSERS["words"].show("вода") == "вода"


def test_a_list_of_words_maps_to_codes() -> None:
    reason = text("proof.which", "Cold or hot.")
    parser = engine.one_of({"холодная": "cold", "ГВС": "hot"}, reason)
    assert [parser.one(cell) for cell in ("Холодная", "гвс")] == ["cold", "hot"]
    with pytest.raises(engine.Unfit, match="Cold or hot"):
        parser.one("газ")


def _exact(column: engine.Column, cell: str) -> Cell:
    trimmed = cell.strip()
    try:
        return column.parse.one(trimmed) if trimmed else None
    except engine.Unfit:
        return None


def _refuses(column: engine.Column, cell: str) -> bool:
    if not cell.strip():
        return column.required
    return _exact(column, cell) is None


def _same(found: Sequence[Cell], expected: Sequence[Cell]) -> bool:
    return list(found) == list(expected)
