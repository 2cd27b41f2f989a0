"""A small source tree written for one test, so that each rule is seen to complain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Plant = Callable[[dict[str, str]], Path]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Write files ({path: content}) under an empty root with a package in it, and return the root."""

    def write(files: dict[str, str]) -> Path:
        for name, content in {"src/lkportal/__init__.py": "", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return tmp_path

    return write
