"""A provider with a catalogue, Anna who has internet at home, Boris the neighbour, and Olga of the company."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.core.imports import ImportReport, run_import
from lkportal.core.policy import AccountRef, Actor
from lkportal.modules.tariffs.hooks import import_kinds
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

Visit = Callable[..., Visitor]
Load = Callable[..., ImportReport]
TODAY = date(2026, 11, 22)
CATALOGUE = """code;kind;family;title;price;price_since;connect_price;segment;until
fly100;plan;Internet;Flight 100;450,00;;500,00;;
fly300;plan;Internet;Flight 300;590,00;;500,00;;
fly300;plan;Internet;Flight 300;650,00;01.01.2027;500,00;;
old50;plan;Internet;Old 50;300,00;;0,00;;31.12.2025
village;plan;Internet;Village 30;390,00;;0,00;village;
tv;addon;Television;TV 180;290,00;;0,00;;
"""
SERVICES = """account;code;since;where;state
1001;fly100;12.03.2024;Garden street 8, 15;active
"""


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["payments", "tariffs"]}}


@pytest.fixture
def load(portal: Portal, tmp_path: Path) -> Load:
    """Import rows of a kind: load("services", "account;code;...")."""

    def run(kind: str, rows: str) -> ImportReport:
        file = tmp_path / f"{kind}.csv"
        file.write_text(rows, encoding="utf-8")
        known = next(each for each in import_kinds() if each.name == kind)
        return run_import(portal.database, portal.unit_context("test"), known, file)

    return run


@dataclass
class House:
    """Anna has internet at home, Boris nothing yet; Olga works for the company."""

    home: AccountRef
    other: AccountRef
    anna: Visitor
    boris: Visitor
    olga: Visitor
    visit: Visit
    actors: Mapping[str, Actor]

    def come_back(self) -> None:
        """Let everybody sign in again: much time has passed."""
        self.anna = self.visit(self.actors["anna"], self.home)
        self.boris = self.visit(self.actors["boris"], self.other)
        self.olga = self.visit(self.actors["olga"])

    def service(self) -> str:
        """The page of Anna's only service."""
        return link(self.anna, self.anna.url("tariffs:services"), "Flight")


@pytest.fixture
def house(world: World, visit: Visit, load: Load) -> House:
    home, other = world.account("1001"), world.account("1002")
    load("offerings", CATALOGUE)
    load("services", SERVICES)
    actors = {
        "anna": world.customer("anna@example.org", home),
        "boris": world.customer("boris@example.org", other),
        "olga": world.staff("olga@example.org", "operator"),
    }
    first = visit(actors["anna"], home), visit(actors["boris"], other), visit(actors["olga"])
    return House(home, other, *first, visit, actors)


def link(visitor: Visitor, page: str, words: str) -> str:
    """Return where the link with these words leads."""
    shown = visitor.get(page).text
    found = [
        each for each in re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', shown, re.DOTALL) if words in each[1]
    ]
    found += [
        (href, label) for label, href in re.findall(r'aria-label="([^"]+)"[^>]*href="([^"]+)"', shown) if words in label
    ]
    found += [
        (href, label) for href, label in re.findall(r'href="([^"]+)"[^>]*aria-label="([^"]+)"', shown) if words in label
    ]
    assert found, f"{words!r} is no link of {page}: {shown}"
    return str(found[0][0]).replace("&amp;", "&")


def said(visitor: Visitor, page: str) -> str:
    """Return a page with plain spaces, as people read it."""
    return str(visitor.get(page).text).replace("\u00a0", " ").replace("\u202f", " ")


_OF_ORDER = ("token", "price", "monthly", "day", "until", "place")


def filled(visitor: Visitor, page: str, *names: str) -> dict[str, str]:
    """Return the fields of the form of an order as its page gives them, or those of these names."""
    shown = visitor.get(page).text
    fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', shown))
    return {name: fields[name] for name in names or _OF_ORDER if name in fields}


def order(visitor: Visitor, page: str, **typed: str) -> Any:
    """Order what the page of an act offers; return the answer."""
    return visitor.post(page, {**filled(visitor, page), **typed}, page=page)


def ordered(visitor: Visitor, page: str, **typed: str) -> str:
    """Order it; return the page of the order."""
    answer = order(visitor, page, **typed)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def at_desk(page: str) -> str:
    """Return the page of the desk of an order by its customer's page."""
    return f"/staff/tariffs/{page.rstrip('/').rpartition('/')[2]}/"
