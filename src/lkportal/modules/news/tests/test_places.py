"""Lines that the desk types, and the addresses they mean. Accounts write their addresses in every way there is."""

from __future__ import annotations

import pytest

from lkportal.modules.news.places import near, stands_in, understood

HOME = "Ломоносова, 14, кв. 37"


@pytest.mark.parametrize(
    ("line", "address", "meant"),
    [
        ("Ломоносова", HOME, True),
        ("ул. Ломоносова, д. 14", HOME, True),
        ("ломоносова: 2-20, 31а", HOME, True),
        ("Ломоносова, 2-12", HOME, False),
        ("Ломоносова, 1, 37", HOME, False),
        ("Ломоносова, 14", "г. Северный, ул. Ломоносова 14-37", True),
        ("Ломоносова, 14а", "Ломоносова, 14А, кв. 1", True),
        ("Ломоносова, 14", "Ломоносова, 14А, кв. 1", False),
        ("Озерная, 6", "Дача, Озёрная, 6", True),
        ("Садовая, 5", "Новая Садовая, 5", False),
        ("2-я Садовая, 5", "2-я Садовая, д. 5", True),
        ("Садовая", "2-я Садовая, 5", False),
        ("8 Марта, 3", "ул. 8 Марта, 3, кв. 8", True),
        ("Заречье, Луговая", "Заречье, Луговая, 3", True),
        ("Заречье, Луговая", "Луговая, 3", False),
        ("Lomonosova st., 10-14", "Lomonosova street, 12", True),
    ],
)
def test_a_line_means_an_address(line: str, address: str, meant: bool) -> None:
    place = understood(line)
    assert place is not None
    assert stands_in([place], address) is meant


@pytest.mark.parametrize("line", ["14", "2-20, 31", " , ", "дом 5", "Мира, 20-2"])
def test_a_line_without_a_street_is_not_guessed_at(line: str) -> None:
    assert understood(line) is None


def test_somebody_finds_their_street_as_they_type_it() -> None:
    lines = ["Ломоносова, 2-20", "Мира"]
    assert near("ломоносова 14", lines)
    assert near("Ломоносова, 14", lines)
    assert not near("Ломоносова, 22", lines)
    assert near("мира, 90", lines)
    assert not near("Садовая", lines)
