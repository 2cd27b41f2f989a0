"""The Python of pages that is no module of its own runs as it stands: docs/understand/web.md, docs/tutorial/first-portal.md,
docs/extend/documents.md, docs/extend/requests.md."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tools import snippets
from tools.tree import ROOT


def run(page: str) -> dict[str, Any]:
    """Run the blocks of a page one after the other; return their names."""
    made: dict[str, Any] = {"__name__": page}
    for block in snippets.blocks(ROOT / page):
        if block.language == "python":
            exec(compile(block.text, f"{page}:{block.line}", "exec"), made)
    return made


def test_the_endpoint_of_the_page_of_the_edge_has_its_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = ModuleType("my_readings")
    vars(rules).update(queries=SimpleNamespace(), service=SimpleNamespace())
    monkeypatch.setitem(sys.modules, "my_readings", rules)

    made = run("docs/understand/web.md")

    assert [(route.name, route.methods, route.policy.action) for route in made["routes"]] == [
        ("list", ("GET",), "readings.see"),
        ("send", ("POST",), "readings.submit"),
    ]


def test_the_portal_of_the_tutorial_is_mounted_under_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    made = run("docs/tutorial/first-portal.md")

    assert [route.path for route in made["site"].routes] == ["/lk"]
    assert made["portal"].settings.web.root_path == "/lk"
    made["portal"].stop()


@pytest.mark.parametrize("page", ["docs/extend/documents.md", "docs/extend/requests.md"])
def test_what_the_page_declares_can_be_declared(page: str) -> None:
    assert run(page)
