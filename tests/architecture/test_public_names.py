"""What others build on does not vanish."""

from __future__ import annotations

from tests.architecture.conftest import Plant
from tools import public_names
from tools.tree import ROOT

MONEY = "src/lkportal/core/money.py"


def test_every_promised_name_stands() -> None:
    assert public_names.problems(ROOT) == []


def test_a_name_that_vanishes_is_told_with_the_way_out(plant: Plant) -> None:
    root = plant({MONEY: "class Money: ...\ndef parse() -> None: ...\n", "tests/architecture/x": ""})
    public_names.main(root)
    assert public_names.problems(root) == []

    plant({MONEY: "class Money: ...\n"})
    (found,) = public_names.problems(root)

    assert found.startswith("lkportal.core.money.parse has vanished")
    assert "docs/understand/versions.md" in found
    public_names.main(root)
    assert public_names.problems(root) == [found], "renewing the snapshot must not forgive"


def test_a_new_name_asks_to_be_protected(plant: Plant) -> None:
    root = plant({MONEY: "A = 1\n", "tests/architecture/x": ""})

    assert public_names.problems(root) == ["lkportal.core.money.A is new: run `python -m tools.public_names`"]
    public_names.main(root)
    assert public_names.problems(root) == []


def test_all_decides_and_private_names_stay_private(plant: Plant) -> None:
    root = plant(
        {
            "src/lkportal/__init__.py": "from lkportal.core.money import Money\n__version__ = '1'\n_x = 1\n",
            "src/lkportal/web/__init__.py": "from lkportal.core.money import Money, Rate\n__all__ = ['Money']\n",
        }
    )

    names = set(public_names.current(root))

    assert names == {"lkportal.Money", "lkportal.__version__", "lkportal.web.Money"}
