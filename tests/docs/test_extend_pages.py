"""The pages for authors of modules are modules: docs/extend/events.md, docs/extend/ports.md, docs/extend/hooks.md run as they stand."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from lkportal.app import Portal
from lkportal.core import foreign
from lkportal.core.clock import MovableClock
from lkportal.core.db import Base
from lkportal.core.events import emit
from lkportal.core.jobs import dead_letters
from lkportal.core.module import Module
from lkportal.core.money import Money
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.contract import PaymentSucceeded
from lkportal.testing import Visitor, World
from tests.docs.pages import written

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ModuleType]]:
    """The modules of the pages, by page."""
    tmp_path = tmp_path_factory.mktemp("pages")
    made = {
        "events": written("docs/extend/events.md", "my_points", tmp_path),
        "ports": written("docs/extend/ports.md", "my_shop", tmp_path),
        "hooks": written("docs/extend/hooks.md", "my_spares", tmp_path),
    }
    templates = tmp_path / "my_spares/templates/my_spares"
    templates.mkdir(parents=True)
    (templates / "list.html").write_text('{% extends "layouts/page.html" %}', "utf-8")
    yield made
    Base.metadata.remove(made["events"].Points.__table__)
    for module in made.values():
        del sys.modules[module.__name__]


@pytest.fixture
def portal_modules(pages: dict[str, ModuleType]) -> tuple[Module, ...]:
    return (pages["events"].module, pages["ports"].shop, pages["ports"].repairs, pages["hooks"].module)


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["payments", "points", "shop", "repairs", "spares"]}}


@pytest.fixture
def points(portal: Portal, pages: dict[str, ModuleType]) -> Callable[[], list[int]]:
    """What the table of points holds."""
    table = pages["events"].Points.__table__
    with portal.database.unit() as db:
        table.create(db.connection())

    def read() -> list[int]:
        with portal.database.reading() as connection:
            return list(connection.execute(select(table.c.points)).scalars())

    return read


def paid(world: World, account: AccountRef, minor: int) -> None:
    with world.unit() as db:
        emit(db, PaymentSucceeded("Pay1Pay2Pay3Pay4", Money(minor, "RUB"), "copper"), account=account)


def test_events_are_heard_once_and_work_waits_for_the_other_side(
    portal: Portal,
    world: World,
    account: AccountRef,
    clock: MovableClock,
    work_off: Callable[[], int],
    points: Callable[[], list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers, told = [503, 200, 410], []

    def shop(request: httpx2.Request) -> httpx2.Response:
        told.append(json.loads(request.content)["total"])
        return httpx2.Response(answers.pop(0))

    def client(*, timeout: float) -> httpx2.Client:
        return httpx2.Client(timeout=timeout, transport=httpx2.MockTransport(shop))

    monkeypatch.setattr(foreign, "client", client)

    paid(world, account, 250_000)
    work_off()
    assert (points(), told) == ([25], [25])  # the shop was away
    clock.advance(timedelta(minutes=6))
    work_off()
    assert (points(), told) == ([25], [25, 25])

    paid(world, account, 100_000)
    work_off()
    assert (points(), told) == ([35], [25, 25, 35])
    with portal.database.reading() as connection:
        assert [letter.error.split()[0] for letter in dead_letters(connection)] == ["customer_gone"]


def test_a_question_is_answered_by_the_module_that_knows(
    portal: Portal, world: World, pages: dict[str, ModuleType]
) -> None:
    with world.unit() as db:
        assert pages["ports"].can_repair(db)
    with portal.database.reading() as connection:
        assert pages["ports"].repair_hint(portal.ports, connection) == "3 filters in stock"


def test_hooks_bring_pages_entries_checks_and_commands(portal: Portal, customer: Visitor, account: AccountRef) -> None:
    page = customer.get(customer.url("spares:list", account=account.public_id))
    assert page.status_code == 200
    assert "Spare keys" in page.text
    assert "My keys" in customer.get("/settings").text
    assert "Spare keys" in customer.get(customer.url("accounts:search", account=account.public_id) + "?q=lock").text

    door = next(each for each in portal.registry.checks if each.name == "spares.door")
    assert [getattr(found, "sentence", found) for found in door.run(portal)] == ["No door is named: set [spares] door."]
    doors = next(each.command for each in portal.registry.commands if each.name == "doors")
    assert CliRunner().invoke(doors, []).output == "front door\n"
