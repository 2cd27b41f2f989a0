"""The suite judges itself: a skipped test and a warning make a run red, also when several processes share it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.tree import ROOT


def run(folder: Path, test: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run one test file under this checkout's conftest and settings, in a folder of its own."""
    shutil.copy(ROOT / "tests/conftest.py", folder / "conftest.py")
    shutil.copy(ROOT / "pyproject.toml", folder / "pyproject.toml")
    (folder / "test_it.py").write_text(test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:lkportal", "test_it.py", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "shared"])
def test_a_skip_is_red_and_named(tmp_path: Path, options: tuple[str, ...]) -> None:
    result = run(tmp_path, "import pytest\ndef test_a(): ...\ndef test_b(): pytest.skip('no browser')\n", *options)

    assert result.returncode == 1, result.stdout
    assert "test_it.py::test_b" in result.stdout.split("tests that did not run")[1]


def test_a_file_that_skips_itself_is_red(tmp_path: Path) -> None:
    result = run(tmp_path, "import pytest\npytest.importorskip('no_such_package')\n")

    assert result.returncode != 0, result.stdout


def test_a_warning_is_red_and_a_clean_run_is_green(tmp_path: Path) -> None:
    assert run(tmp_path, "import warnings\ndef test_a(): warnings.warn('old')\n").returncode == 1
    assert run(tmp_path, "def test_a(): ...\n").returncode == 0


def test_a_long_proof_waits_for_make_proof(tmp_path: Path) -> None:
    test = "import pytest\ndef test_a(): ...\n@pytest.mark.proof\ndef test_long(): assert False\n"

    assert "1 passed, 1 deselected" in run(tmp_path, test).stdout
    assert run(tmp_path, test, "-m", "proof").returncode == 1
