"""The suite of connectors, tried on the smallest one: that of docs/extend/connector.md, which so is proved to run."""

from __future__ import annotations

import atexit
import importlib
import json
import random
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, cast

import pytest

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.connecting.queue import dispatch
from lkportal.core.module import Module
from lkportal.core.work import states
from lkportal.testing.connectors import ConnectorConformance
from lkportal.testing.logs import Logs
from lkportal.testing.systems.fake import Answer, Call, alive
from lkportal.testing.systems.postbox import Postbox
from lkportal.testing.world import World
from tools.tree import ROOT


def _arrived(portal: Portal) -> list[str]:
    with portal.database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT cursor FROM core_connections WHERE name = 'postbox'").scalar_one()
    return list(json.loads(kept).get("news", ()))


_PAGE = (ROOT / "docs/extend/connector.md").read_text("utf-8")
_BLOCKS = re.findall(r"```python\n(.*?)```", _PAGE, re.DOTALL)
_FOLDER = Path(mkdtemp())
atexit.register(shutil.rmtree, _FOLDER)
(_FOLDER / "my_postbox").mkdir()
(_FOLDER / "my_postbox" / "__init__.py").write_text("\n\n".join(_BLOCKS), "utf-8")
sys.path.append(str(_FOLDER))
written = importlib.import_module("my_postbox")
vars(written)["arrived"] = _arrived


@pytest.fixture
def portal_modules() -> tuple[Module, ...]:
    return (cast(Module, vars(written)["module"]),)


@pytest.fixture
def system() -> Iterator[Postbox]:
    with alive(Postbox()) as made:
        yield cast(Postbox, made)


@pytest.fixture
def portal_overrides(system: Postbox) -> Mapping[str, Any]:
    return {"modules": {"enabled": ["postbox"]}, "postbox": {"address": system.address}}


OfThePage = cast(type[ConnectorConformance], vars(written)["TestMyConnector"])


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
class TestPostbox(OfThePage):  # type: ignore[valid-type, misc]  # it stands in the page
    @pytest.fixture
    def system(self, system: Postbox) -> Postbox:
        return system


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_fact_is_queued_once(world: World, portal: Portal) -> None:
    with world.unit() as db:
        assert dispatch(db, "postbox", "note", "the same")
        assert not dispatch(db, "postbox", "note", "the same")


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_round_that_tells_for_minutes_is_taken_over_by_nobody(
    world: World, portal: Portal, clock: MovableClock, system: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = system.handle

    def slowly(call: Call) -> Answer | None:
        clock.advance(timedelta(seconds=5))
        with portal.database.unit() as db:
            states.reap(db, clock.now(), portal.registry.jobs, random.random)
        return handle(call)

    monkeypatch.setattr(system, "handle", slowly)
    with world.unit() as db:
        for number in range(60):
            dispatch(db, "postbox", "note", str(number))
    with Logs().of(portal) as logs:
        portal.worker().run_once()
    assert system.told() == 60
    assert [line["event"] for line in logs.lines if "lease" in line["event"]] == []
