"""The Python of pages that is no module of its own runs as it stands: docs/understand/web.md, docs/tutorial/first-portal.md,
docs/extend/documents.md, docs/extend/requests.md, docs/extend/money.md, docs/extend/module.md, docs/extend/testing.md."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import column

from lkportal.accounts.contract import KEPT_FOR_CONTRACT
from lkportal.app import Portal
from lkportal.core.module import PersonalTable
from lkportal.testing import plugin
from lkportal.testing.checklist import ModuleChecklist
from lkportal.testing.crashes import CrashPoints
from tools import snippets
from tools.tree import ROOT


def run(page: str, **lent: Any) -> dict[str, Any]:
    """Run the blocks of a page one after the other, with the names `lent` to them; return their names."""
    made: dict[str, Any] = {"__name__": page, **lent}
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


@pytest.mark.parametrize("page", ["docs/extend/documents.md", "docs/extend/requests.md", "docs/extend/money.md"])
def test_what_the_page_declares_can_be_declared(page: str) -> None:
    assert run(page)


def test_the_parts_of_a_module_are_what_hooks_return(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks that show one part of a module lean on names that earlier pages told; they are lent here."""
    tables = ModuleType("my_shipments.models")
    columns = ("carrier", "sent_at", "number", "public_id", "state")
    vars(tables)["Parcel"] = SimpleNamespace(**{name: column(name) for name in columns})
    events = ModuleType("my_shipments.contract")
    vars(events)["ParcelLate"] = SimpleNamespace(name="shipments.late")
    monkeypatch.setitem(sys.modules, "my_shipments", ModuleType("my_shipments"))
    monkeypatch.setitem(sys.modules, "my_shipments.models", tables)
    monkeypatch.setitem(sys.modules, "my_shipments.contract", events)

    made = run("docs/extend/module.md", PersonalTable=PersonalTable, KEPT_FOR_CONTRACT=KEPT_FOR_CONTRACT)

    brought = {name: made[name]()[0].name for name in ("routes", "reports", "tasks", "import_kinds")}
    assert brought == {"routes": "list", "reports": "shipments", "tasks": "shipments.task", "import_kinds": "shipments"}
    assert made["notices"]()[0].topic == made["topics"][0].name


def test_the_stories_of_the_page_of_tests_are_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    notes = ModuleType("notes")
    vars(notes).update(module=SimpleNamespace(), service=SimpleNamespace())
    monkeypatch.setitem(sys.modules, "notes", notes)

    made = run("docs/extend/testing.md", pytest=pytest, Portal=Portal, CrashPoints=CrashPoints)

    assert issubclass(made["TestChecklist"], ModuleChecklist)
    fixtures = {name for name in vars(plugin) if not name.startswith("_")}
    stories = [each for name, each in made.items() if name.startswith("test_")]
    asked = {word for story in stories for word in inspect.signature(getattr(story, "__wrapped__", story)).parameters}
    assert asked <= fixtures
