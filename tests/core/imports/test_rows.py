"""Rows of JSON are read as cells are: the quick way and the slow one agree on any lines, and no bytes are lost or stop the rest."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lkportal.core import imports as engine
from lkportal.core.importing import rows as imports_rows
from lkportal.core.importing.read import BLOCK_BYTES
from tests.core.imports.world import KIND, SERVICES

NAMES = [column.name for column in KIND.columns]
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["1.50", "2026-11", ""])
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner))
objects = st.dictionaries(st.sampled_from([*NAMES, "colour"]), values, max_size=4)
lines = st.one_of(
    objects.map(json.dumps),
    objects.map(lambda row: json.dumps(row, ensure_ascii=False)),
    st.sampled_from(
        ['{"account": "1"},{"account": "2"}', '{"account": [{}', "{}]}", '{"account": "\\ud800"}', "{}", "", "5"]
    ),
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=10),
)


@given(st.lists(lines, min_size=1, max_size=8))
@settings(max_examples=120, deadline=None)
def test_a_block_parsed_at_once_is_what_its_lines_are(chosen: list[str]) -> None:
    source = "\n".join(chosen) + "\n"

    quick = imports_rows._at_once(source.encode(), imports_rows._shape(NAMES))
    slow = imports_rows._one_by_one(source, NAMES)

    if quick is not None:
        assert slow.refused == []
        assert list(quick.starts) == list(slow.starts)
        assert [list(cells) for cells in quick.raw] == [list(cells) for cells in slow.raw]


@given(st.lists(st.binary(max_size=60) | lines.map(str.encode), min_size=1, max_size=12))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_rows_or_rejects_with_their_line(tmp_path_factory: Any, parts: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("rows") / "any.ndjson"
    path.write_bytes(b"\n".join(part.replace(b"\n", b" ") for part in parts) + b"\n")
    wanted = [number for number, part in enumerate(parts, 1) if part.decode("utf-8", "replace").strip()]

    found, layout = imports_rows.understand(KIND, path, engine.Reading())
    with path.open("rb") as handle:
        blocks = list(imports_rows.read_blocks(handle, KIND, layout, layout.start, layout.line))

    seen = [*(line for block in blocks for line in block.lines), *(r.line for block in blocks for r in block.rejects)]
    assert set(seen) <= set(range(1, len(parts) + 1))
    assert len(seen) == len(set(seen))
    assert set(wanted) - set(seen) == set() or path.read_bytes()[:3] == b"\xef\xbb\xbf"
    for reject in (reject for block in blocks for reject in block.rejects):
        (reject.original + reject.value + str(reject.reason)).encode()
    assert sum(block.end for block in blocks[-1:]) in (found.size, 0)


def test_lines_of_any_length_go_through_whatever_the_blocks(tmp_path: Path) -> None:
    dice = random.Random(4)
    made = []
    for number in range(3_000):
        row = {"account": f"{number:010}", "service": dice.choice(SERVICES), "period": "2026-11", "amount": "1.00"}
        made.append(json.dumps(row, ensure_ascii=bool(number % 2)) + " " * dice.randrange(200))
    made[1_000] = '{"account": "' + "x" * (3 * BLOCK_BYTES) + '"}'
    made[2_000] = json.dumps({"account": "1", "name": "y" * 40_000, "service": "z", "period": "2026-11", "amount": 1})
    path = tmp_path / "long.ndjson"
    path.write_text("\n".join(made), "utf-8")

    _, layout = imports_rows.understand(KIND, path, engine.Reading())
    with path.open("rb") as handle:
        blocks = list(imports_rows.read_blocks(handle, KIND, layout, layout.start, layout.line))

    taken = [line for block in blocks for line in block.lines]
    assert [(r.line, r.column) for block in blocks for r in block.rejects] == [(1_001, ""), (2_001, "name")]
    assert taken == [line for line in range(1, 3_001) if line not in (1_001, 2_001)]


_PLAIN = ["", "1.50", "Щербакова Ольга", 'a"b', "a\\b", "\u2028", "\x7f", "😀"]


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(NAMES), st.none() | st.integers() | st.sampled_from(_PLAIN), min_size=1, max_size=5
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([(", ", ": "), (",", ":"), (" , ", " :")]),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=150, deadline=None)
def test_flat_objects_of_known_names_go_the_quick_way(
    rows: list[dict[str, Any]], separators: tuple[str, str], ascii_only: bool, ending: str
) -> None:
    source = "".join(json.dumps(row, ensure_ascii=ascii_only, separators=separators) + ending for row in rows)

    quick = imports_rows._at_once(source.encode(), imports_rows._shape(NAMES))

    slow = imports_rows._one_by_one(source, NAMES)
    assert quick is not None
    assert slow.refused == []
    assert [list(column) for column in quick.raw] == [list(column) for column in slow.raw]


def test_numbers_reach_the_parsers_as_they_are_written() -> None:
    body = b'{"amount": 1482.60, "volume": 1e2}\n{"amount": -0.10, "volume": 12345678901234567890123}'

    found = imports_rows._at_once(body, imports_rows._shape(["amount", "volume"]))

    assert found is not None
    assert [list(column) for column in found.raw] == [["1482.60", "-0.10"], ["1e2", "12345678901234567890123"]]


def test_what_is_not_one_flat_object_a_line_does_not_go_the_quick_way() -> None:
    for body in (
        '{"account": "1"}\n{"account": 01}',
        '{"account": "a\tb"}',
        '{"account": 1.}',
        '{"account": "1"} {"account": "2"}',
        '{"account": "1"}{"account": "2"}\n{"account":\n"3"}',
        '{"account": true}',
        '{"account": ["1"]}',
        '{"account": "\\u0000"}',
        '{"account": "\\ud800"}',
        '{"account": -0}',
        '{"colour": "1"}',
        '{"account": NaN}',
    ):
        assert imports_rows._at_once(body.encode(), imports_rows._shape(NAMES)) is None, body
