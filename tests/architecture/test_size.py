"""Functions stay under 40 lines, files under 400, folders under 30 files."""

from __future__ import annotations

from tests.architecture.conftest import Plant
from tools import size
from tools.tree import ROOT

LONG_FUNCTION = "def long() -> None:\n" + "    print()\n" * 40
LONG_FILE = "x = 1\n" * 401
EXCUSES = "tests/architecture/size_exceptions.txt"


def test_the_house_stays_small() -> None:
    assert size.problems(ROOT) == []


def test_what_is_too_long_is_named(plant: Plant) -> None:
    root = plant({"src/lkportal/core/a.py": LONG_FUNCTION, "src/lkportal/core/b.py": LONG_FILE})

    first, second = size.problems(root)

    assert first.startswith("src/lkportal/core/a.py::long: 41 lines, the limit is 40")
    assert second.startswith("src/lkportal/core/b.py: 401 lines, the limit is 400")


def test_an_excuse_needs_a_reason_and_a_need(plant: Plant) -> None:
    reason = "one table of the standard, split it reads worse"
    files = {"src/lkportal/core/a.py": LONG_FUNCTION}

    assert size.problems(plant(files | {EXCUSES: f"# head\nsrc/lkportal/core/a.py::long {reason}\n"})) == []
    assert "needs its reason" in size.problems(plant(files | {EXCUSES: "src/lkportal/core/a.py::long\n"}))[0]
    assert "delete the line" in size.problems(plant({EXCUSES: f"src/lkportal/core/c.py {reason}\n"}))[-1]


def test_a_crowded_folder_is_named(plant: Plant) -> None:
    files = {f"src/lkportal/core/a{number}.py": "" for number in range(31)}
    tests = {f"src/lkportal/core/tests/test_{number}.py": "" for number in range(31)}

    [only] = size.problems(plant(files | tests))

    assert only.startswith("src/lkportal/core: 31 files, the limit is 30")


def test_vendored_and_scaffolded_files_are_not_ours(plant: Plant) -> None:
    root = plant(
        {"src/lkportal/cli/scaffold/big.py": LONG_FILE, "src/lkportal/themes/default/static/vendor/x.py": LONG_FILE}
    )

    assert size.problems(root) == []
