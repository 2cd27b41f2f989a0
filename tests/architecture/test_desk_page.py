"""The page that tells plugin authors what a module brings to the desk is a module: its blocks run, and its hooks answer."""

from __future__ import annotations

import re
import sys
from types import ModuleType

import pluggy
import pytest

from lkportal.core import hookspecs
from lkportal.core.registry.desk_settings import desk_settings_of
from tools.tree import ROOT


def test_the_blocks_of_the_page_are_a_module_whose_hooks_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs/extend/desk.md").read_text("utf-8")
    written = ModuleType("my_parcels")
    monkeypatch.setitem(sys.modules, "my_parcels", written)
    made = vars(written)
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(block, made)
    try:
        manager = pluggy.PluginManager("lkportal")
        manager.add_hookspecs(hookspecs)
        plugin = type("plugin", (), {name: staticmethod(each) for name, each in made.items() if callable(each)})
        manager.register(plugin)
        brought = {name: getattr(manager.hook, name)()[0] for name in ("desk_settings", "queues", "sections")}
        settings = desk_settings_of([made["module"]], [("parcels", each) for each in brought["desk_settings"]])
    finally:
        made["Base"].metadata.remove(made["Parcel"].__table__)

    assert list(settings) == ["parcels.late_days", "parcels.ways"]
    assert {column.key for column in brought["queues"][0].statement.selected_columns} == {"waiting", "oldest"}
    assert brought["sections"][0].slot == "staff:customer"
