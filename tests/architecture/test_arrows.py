"""The arrows between rooms, kept by import-linter with the contracts of pyproject.toml, whatever rooms stand already."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.conftest import Plant
from tools.tree import ROOT

ORDER = [
    "cli",
    "app",
    "connectors",
    "modules",
    "staff",
    "privacy",
    "notify",
    "accounts",
    "auth",
    "web",
    "theming",
    "core",
]


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the tree at `root` with this checkout's contracts."""
    code = f"import sys; sys.path.insert(0, {str(root / 'src')!r}); from importlinter.cli import lint_imports; "
    code += f"sys.exit(lint_imports(config_filename={str(ROOT / 'pyproject.toml')!r}, no_cache=True))"
    return subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)


def rooms(**files: str) -> dict[str, str]:
    """Return packages for the named rooms, each with the given source."""
    return {f"src/lkportal/{room}/__init__.py": source for room, source in files.items()}


def test_the_house_keeps_its_arrows() -> None:
    result = lint(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("low", "high"), [(ORDER[i + 1], ORDER[i]) for i in range(0, len(ORDER) - 1, 3)])
def test_a_room_may_not_look_up(plant: Plant, low: str, high: str) -> None:
    root = plant(rooms(**{low: f"import lkportal.{high}", high: ""}))

    result = lint(root)

    assert result.returncode == 1
    assert f"lkportal.{low} is not allowed to import lkportal.{high}" in result.stdout


def test_neighbours_do_not_know_each_other_and_nobody_knows_the_test_kit(plant: Plant) -> None:
    root = plant(
        rooms(staff="import lkportal.api", api="", audit="import lkportal.notify", notify="", testing="")
        | {"src/lkportal/core/__init__.py": "", "src/lkportal/core/clock.py": "import lkportal.testing"}
    )

    found = lint(root).stdout

    assert "lkportal.staff is not allowed to import lkportal.api" in found
    assert "lkportal.audit is not allowed to import lkportal.notify" in found
    assert "lkportal.core is not allowed to import lkportal.testing" in found


def test_a_room_that_the_plan_does_not_know_is_refused(plant: Plant) -> None:
    result = lint(plant(rooms(core="", helpers="")))

    assert result.returncode == 1
    assert "helpers" in result.stdout


def test_looking_down_and_tests_in_a_slice_are_free(plant: Plant) -> None:
    root = plant(
        rooms(
            core="from lkportal import __version__",
            web="import lkportal.core",
            modules="import lkportal.web",
            app="import lkportal.modules",
            testing="",
        )
        | {"src/lkportal/__init__.py": "from lkportal.app import x"}
        | {"src/lkportal/app/__init__.py": "import lkportal.core\nx = 1"}
        | {"src/lkportal/modules/tests/__init__.py": "", "src/lkportal/modules/tests/test_x.py": "import lkportal.app"}
    )

    result = lint(root)

    assert result.returncode == 0, result.stdout
