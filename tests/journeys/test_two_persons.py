"""What a stranger's module lets only two people do: never alone by who did the first step, and not before another agreed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from lkportal.app import Portal, create_app
from lkportal.core.duties import SamePerson
from lkportal.core.errors import StartupError
from lkportal.core.module import Conflict, Module
from lkportal.core.policy import AccountRef
from lkportal.testing import Recipe, Visitor
from lkportal.testing.world import World, rows


@pytest.fixture
def portal_modules(dummy: Path) -> tuple[Module, ...]:
    return ()


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["payments", "readings", "dummy"]}}


def test_who_wrote_a_note_does_not_strike_it_out_alone(
    portal: Portal, world: World, account: AccountRef, visit: Callable[..., Visitor]
) -> None:
    service = import_module("lkportal_dummy.service")
    operator, specialist = world.staff("olga", "operator"), world.staff("kim", "specialist")
    with world.unit(operator) as db:
        mine, other = service.write(db, account, "first"), service.write(db, account, "second")
    with pytest.raises(SamePerson), world.unit(operator) as db:
        service.strike(db, mine)
    with world.unit(specialist) as db:
        service.strike(db, other)
    assert words(portal) == ["first", "-"]

    olga, kim = visit(operator), visit(specialist)
    page, form = olga.url("dummy:desk"), {"approval_reason": "written by mistake"}
    path = olga.post(olga.url("dummy:strike", note=mine), form, page=page).headers["location"]
    assert words(portal) == ["first", "-"]
    seen = re.search(r'name="seen" value="([^"]+)"', kim.get(path).text)
    assert seen is not None
    assert kim.post(f"{path}/approve", {"seen": seen[1]}, page=path).status_code == 303

    assert words(portal) == ["-", "-"]
    done = rows(
        portal.database, f"SELECT actor, detail FROM audit_records WHERE action = 'dummy.struck' AND target = '{mine}'"
    )
    assert [(who, kim_agreed) for who, detail in done for kim_agreed in [specialist.public_id in str(detail)]] == [
        (operator.label, True)
    ]


def test_a_conflict_of_acts_nobody_declares_stops_the_start(portal_recipe: Recipe) -> None:
    wrong = Module("wrong", "Wrong", "1", "tests", conflicts=(Conflict("wrong.undo", "dummy.notd"),))
    overrides = {**portal_recipe.overrides, "modules": {"enabled": ["dummy", "wrong"]}}
    with pytest.raises(StartupError, match=r"declares the action 'wrong\.undo'"):
        create_app(overrides=overrides, modules=[wrong])


def words(portal: Portal) -> list[object]:
    return [row[0] for row in rows(portal.database, "SELECT words FROM dummy_notes ORDER BY id")]


def test_the_desk_warns_of_a_role_that_has_both_steps(world: World, visit: Callable[..., Visitor]) -> None:
    page = visit(world.staff("ada", "administrator")).get("/staff/roles").text

    assert "Two steps in one hand: operator" in page
    assert "Two steps in one hand: specialist" not in page
