"""A stranger's module, built and installed by pip into a folder of its own, as its author would ship it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "distributions" / "dummy"


@pytest.fixture(scope="session")
def dummy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the distribution lkportal-dummy is installed; nothing finds it there by itself."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-build-isolation", "--no-index", "--target", str(folder), str(SOURCE)]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture
def dummy(dummy_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The module is installed for the length of this test: its folder is on the path."""
    monkeypatch.syspath_prepend(dummy_folder)
    return dummy_folder
