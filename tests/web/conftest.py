"""A real SQLite database for every test of the edge; the portal around it is in house."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lkportal.core.db import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database.connect(f"sqlite:///{tmp_path / 'edge.db'}")
    yield made
    made.close()
