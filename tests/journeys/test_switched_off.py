"""A module that is switched off leaves nothing: no route, menu, card, job, call, topic or text of it, though its rows and its settings
are there. Portals with other modules on are made on one database in which there is something of everything, and walked."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pytest
from sqlalchemy import select

from lkportal.accounts.contract import AccountRef
from lkportal.app import ROOMS, Portal
from lkportal.core.clock import MovableClock
from lkportal.core.language.catalogues import read_messages
from lkportal.core.policy import Actor
from lkportal.core.registry.discovery import installed_modules
from lkportal.core.tables import jobs
from lkportal.testing.logs import Logs
from lkportal.testing.portals import Recipe
from lkportal.testing.templates import Templates
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import NOON
from lkportal.web.routing import RouteTable
from tests.journeys import traces
from tests.journeys.whole_house import KNOWN, SWITCHABLE, furnish, settings

REQUIRES = {module.name: frozenset(module.requires) & frozenset(SWITCHABLE) for module in installed_modules()}
_DONE = re.compile(r"documents[.]act[.]publish|tariffs[.]action[.]ordered")
TOLD_STILL = {
    "staff:modules": re.compile(r"\w+[.](title|module)"),
    "staff:module": re.compile(r"\w+[.](title|module)"),
    "privacy:map": re.compile(r"\w+[.](title|module|personal[.].*)"),
    "privacy:erasure": re.compile(r"\w+[.]personal[.].*"),
    **dict.fromkeys(("audit:trail", "audit:trail_csv", "staff:customer", "accounts:history"), _DONE),
}
"""What is told of a module that is off, by route: where it is switched on; what is still held of people; what was done with it."""


OF_READINGS = re.compile(r"\b(meters?|readings)\b", re.IGNORECASE)
OF_THE_ROLE = frozenset({"accounts.role.reader", "accounts.setting.reader", "staff.role.reader"})
"""What the role of those is called who may send readings: it is known without the module too."""


def with_needs(names: Iterable[str]) -> frozenset[str]:
    """Return modules with all that they require."""
    wanted = frozenset(names)
    while not wanted.issuperset(more := frozenset[str]().union(*(REQUIRES[name] for name in wanted))):
        wanted |= more
    return wanted


def without(name: str) -> frozenset[str]:
    """Return all modules but one, and those that cannot be without it."""
    return frozenset(each for each in SWITCHABLE if name not in with_needs([each]))


@dataclass
class House:
    """The database of a portal with everything on, its routes and people; `pages` counts those that were opened."""

    file: Path
    routes: RouteTable
    account: AccountRef
    anna: Actor
    chief: Actor
    pages: int = 0

    def judge(self, on: frozenset[str], folder: Path, most: int = 2) -> list[str]:
        """Make a portal with these modules on and return every trace of the others."""
        file = folder / "portal.db"
        shutil.copyfile(self.file, file)
        off, clock = [module for module in KNOWN if module.name in set(SWITCHABLE) - on], MovableClock(NOON)
        chosen = tuple(name for name in SWITCHABLE if name in on)
        with Recipe(settings(f"sqlite:///{file}", self.file.parent, chosen)).running(clock) as portal:
            assert {module.name for module in portal.registry.modules} & set(SWITCHABLE) == on
            found = [*traces.in_registry(portal, off), *traces.in_descriptions(portal, off)]
            with Logs().of(portal) as logs:
                found += self._walked(portal, frozenset(module.name for module in off), most)
            found += [f"the log tells: {line}" for line in logs.lines if line["level"] in ("error", "critical")]
            return [*found, *_worked(portal, clock, on)]

    def _walked(self, portal: Portal, off: frozenset[str], most: int) -> list[str]:
        found = []
        for actor, account, start in ((self.anna, self.account, "/"), (self.chief, None, "/staff/")):
            walk = traces.Walk(Visitor(portal).enter(actor, account), self.routes, off, TOLD_STILL, most)
            walk.go(start)
            found += walk.problems
            self.pages += walk.pages.total()
        return found


def _worked(portal: Portal, clock: MovableClock, on: frozenset[str]) -> list[str]:
    """Let a day pass with a worker at work; return the jobs that are none of the portal's."""
    portal.worker().run_once()
    clock.advance(timedelta(days=1))
    portal.worker().run_once()
    with portal.database.reading() as connection:
        done = connection.execute(select(jobs.c.name).where(jobs.c.created_at >= NOON).distinct()).scalars().all()
    assert done, "nothing is done in a whole day"
    return [f"the job {name} was done" for name in done if name.partition(".")[0] in set(SWITCHABLE) - on]


@pytest.fixture(scope="module")
def house(portal_templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house of these tests. Texts of all portals here carry their keys."""
    folder = tmp_path_factory.mktemp("house")
    clock, file = MovableClock(NOON), folder / "whole.db"
    with pytest.MonkeyPatch.context() as patch, portal_templates.copy("sqlite", KNOWN, file) as url:
        with Recipe(settings(url, folder)).running(clock) as portal:
            made = furnish(portal, clock)
        assert set(TOLD_STILL) <= set(portal.edge.routes.by_name)
        traces.tell_keys(patch)
        yield House(file, portal.edge.routes, *made)


def test_the_rooms_speak_of_nothing_that_modules_bring() -> None:
    rooms = [Path(str(files(module.package))) / "locale" for module in ROOMS]
    said = {key: message.english for key, message in read_messages("ru", rooms).items() if key not in OF_THE_ROLE}
    assert not {key: words for key, words in said.items() if OF_READINGS.search(" ".join(words))}


@pytest.mark.parametrize("on", [(), ("tickets", "help")], ids=lambda on: "+".join(on) or "none")
def test_a_few_sets_of_modules_leave_no_trace_of_the_others(on: tuple[str, ...], house: House, tmp_path: Path) -> None:
    found = house.judge(with_needs(on), tmp_path, most=1)
    assert not found, "\n".join(sorted(set(found)))


def many() -> list[frozenset[str]]:
    """None, each, all but one, every pair, a hundred at random; each with what it needs, no set twice."""
    dice = random.Random(6)
    found = [frozenset[str](), frozenset(SWITCHABLE)]
    found += [with_needs([name]) for name in SWITCHABLE] + [without(name) for name in SWITCHABLE]
    found += [with_needs(pair) for pair in combinations(SWITCHABLE, 2)]
    while len(found) < 2 + 2 * len(SWITCHABLE) + len(list(combinations(SWITCHABLE, 2))) + 100:
        found.append(with_needs(name for name in SWITCHABLE if dice.random() < 0.4))
    return sorted(set(found), key=lambda on: (len(on), sorted(on)))


@pytest.mark.proof
@pytest.mark.parametrize("on", many(), ids=lambda on: "+".join(sorted(on)) or "none")
def test_no_set_of_modules_leaves_a_trace_of_the_others(on: frozenset[str], house: House, tmp_path: Path) -> None:
    found = house.judge(on, tmp_path)
    assert not found, "\n".join(sorted(set(found)))
