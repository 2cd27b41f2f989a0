"""Facts on their way: what is packed is shown again in the reader's words, and what would change on the way is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkportal.core.i18n import Catalogue, ntext, text
from lkportal.core.language.formats import Locale, Month
from lkportal.core.money import Money, Volume
from lkportal.notify.packing import pack, shown

ENGLISH, RUSSIAN = (Locale(Catalogue.load(code, [])) for code in ("en", "ru"))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=20,
)


def travelled(value: Any, locale: Locale = ENGLISH) -> Any:
    return shown(json.loads(json.dumps(pack(value))), locale, "Europe/Moscow")


@given(PLAIN)
def test_plain_facts_come_back_as_they_were(value: Any) -> None:
    assert travelled(value) == value


def test_numbers_of_the_field_come_back_in_the_words_of_the_reader() -> None:
    facts = {
        "sum": Money(148_260, "RUB"),
        "used": (Volume(11_100, "m3"), Month(date(2026, 10, 1))),
        "on": date(2026, 11, 25),
        "at": datetime(2026, 11, 25, 6, 40, tzinfo=UTC),
        "words": text("test.words", "%(who)s owes %(sum)s", who=text("test.who", "Anna"), sum=Money(100, "RUB")),
        "count": ntext("test.count", "%(n)s bill", "%(n)s bills", 2),
    }
    assert travelled(facts) == {
        "sum": "1,482.60\u00a0₽",
        "used": ["11.1\u00a0m³", "October"],
        "on": "25\u00a0November",
        "at": "25\u00a0November\u00a02026, 09:40",
        "words": "Anna owes 1.00\u00a0₽",
        "count": "2 bills",
    }
    assert travelled(facts, RUSSIAN)["sum"] == "1\u00a0482,60\u00a0₽"


@pytest.mark.parametrize("wrong", [1.5, object(), {"deep": [b"bytes"]}, {1, 2}])
def test_what_would_not_come_back_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="a notice carries"):
        pack(wrong)
