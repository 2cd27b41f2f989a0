"""The checklist of a module: what we hold our own modules to, told as tests. Its author subclasses `ModuleChecklist`.

class TestChecklist(ModuleChecklist):
    module = shipments.module

    def plant(self, town, account):
        with town.world.unit() as db:
            service.ask(db, account, "a parcel")
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import pytest

from lkportal.accounts.contract import STAFF_ROLES
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.contributions import Card
from lkportal.core.migrating.make import drift
from lkportal.core.module import Module
from lkportal.core.policy import AccountRef
from lkportal.core.protection.personal import personal_gaps
from lkportal.core.registry.discovery import installed_modules
from lkportal.testing.judging import wording
from lkportal.testing.judging.outline import outline_problems
from lkportal.testing.leaks import Prover
from lkportal.testing.markup import template_problems
from lkportal.testing.statements import counting
from lkportal.testing.town import Town, build, depart
from lkportal.testing.visitors import Visitor

__all__ = ["ModuleChecklist", "personal_gaps"]

_LINK = re.compile(r'href="([^"#?]+)"')
_BRAND = '[brand]\nname = "Portal"\ntheme = "{theme}"\n[color]\nprimary = "#0B3F86"\n'
_MOST_PAGES = 40
_ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


class ModuleChecklist:
    """Subclass it in the module's tests, name the module and write `plant`; every test here then runs on it."""

    module: ClassVar[Module]
    statements: ClassVar[int] = 12
    """The most SQL statements a page of the module may take."""
    enabled: ClassVar[tuple[str, ...]] = ()
    """Modules to switch on besides this one and those it requires."""

    def plant(self, town: Town, account: AccountRef) -> None:
        """Put some rows of the module onto an account."""
        raise pytest.UsageError("write `plant`: it puts rows of the module onto an account")

    @pytest.fixture
    def theme(self) -> str:
        """The theme of the portal."""
        return "default"

    @pytest.fixture
    def portal_overrides(self, theme: str, tmp_path: Path) -> Mapping[str, Any]:
        """A portal of this module alone, with what it requires. With the gallery it refuses names of icons that nothing draws."""
        (tmp_path / "brand.toml").write_text(_BRAND.format(theme=theme), encoding="utf-8")
        wanted = [name for name in self.module.requires if find_spec(f"lkportal.modules.{name}")]
        enabled = [*wanted, *self.enabled, self.module.name]
        return {"modules": {"enabled": enabled}, "portal": {"brand_dir": str(tmp_path)}, "web": {"gallery": True}}

    @pytest.fixture
    def portal_modules(self) -> tuple[Module, ...]:
        """The module, where no entry point leads to it."""
        return () if self.module.name in {each.name for each in installed_modules()} else (self.module,)

    @pytest.fixture
    def town(self, portal: Portal, clock: MovableClock) -> Town:
        """A town whose accounts have rows of the module."""
        return build(portal, clock, {self.module.name: self.plant})

    @pytest.fixture
    def package(self) -> Path:
        """The folder of the module."""
        found = find_spec(self.module.package)
        assert found is not None
        assert found.origin is not None
        return Path(found.origin).parent

    def test_nothing_personal_is_undeclared(self) -> None:
        none(personal_gaps([self.module]))

    def test_every_text_is_said_in_english_and_in_russian(self, package: Path) -> None:
        own = f"{self.module.name}."
        none(wording.problems(wording.module_sources(package), ours=lambda key: key.startswith(own)))

    def test_its_pages_are_made_of_the_kit(self, package: Path) -> None:
        none(template_problems(package))

    def test_its_tables_are_those_of_its_migrations(self, portal: Portal) -> None:
        none(drift(portal.database, self.module), "the models differ from the migrations")

    @_ON_SQLITE
    def test_nobody_sees_or_changes_what_is_others(self, town: Town) -> None:
        depart(town)
        routes = town.portal.edge.routes.by_name
        mine = [name for name, bound in routes.items() if bound.module == self.module.name]
        report = Prover(town).walk(only=[*mine, "accounts:home"])
        assert not report.problems, str(report)

    @_ON_SQLITE
    @pytest.mark.parametrize("theme", ["default", "bold", "strict"])
    def test_every_theme_and_language_draws_its_pages(self, theme: str, town: Town) -> None:
        for language in ("ru", "en"):
            for reader in _readers(town, language):
                for path, page in pages_of(self.module, reader).items():
                    none(outline_problems(page), f"{path} ({language})")

    @_ON_SQLITE
    def test_its_pages_ask_few_statements(self, town: Town) -> None:
        for reader in _readers(town, "en"):
            for path in pages_of(self.module, reader):
                with counting(town.portal.database) as seen:
                    reader.get(path)
                assert len(seen) <= self.statements, f"{path}: {len(seen)} statements\n{seen}"

    @_ON_SQLITE
    def test_a_card_that_fails_leaves_the_page_standing(self, town: Town) -> None:
        owner = _visitor(town, "en")
        with _failing([card for card in town.portal.registry.cards if card.name.startswith(f"{self.module.name}.")]):
            answer = owner.get(owner.url("accounts:home"))
        assert answer.status_code == 200
        none(outline_problems(answer.text), "the dashboard")

    @_ON_SQLITE
    def test_switched_off_it_is_gone(self, town: Town) -> None:
        readers = _readers(town, "en")
        pages = [(reader, path) for reader in readers for path in pages_of(self.module, reader)]
        town.portal.switch_module(self.module.name, on=False)
        homes = [reader.get(_home(reader)) for reader in readers]
        assert [home.status_code for home in homes] == [200] * len(readers)
        for reader, path in pages:
            assert reader.get(path).status_code == 404, path
            assert not [home for home in homes if f'href="{path}"' in home.text], path


def none(problems: Sequence[str], where: str = "") -> None:
    """Fail with every problem on a line of its own."""
    if problems:
        pytest.fail("\n".join([where, *problems] if where else problems), pytrace=False)


def pages_of(module: Module, reader: Visitor) -> dict[str, str]:
    """Return the pages of a module by their paths: those that are the reader's (of an owner: about their account; of the company's
    people: at the desk), and what they and the first page link to. One that is refused or breaks fails the test. Calls of the API are no
    pages: the walk makes them."""
    routes, at_desk = reader.portal.edge.routes.by_name, reader.account is None
    mine = {
        name: bound
        for name, bound in routes.items()
        if bound.module == module.name
        and "GET" in bound.spec.methods
        and bound.spec.kind != "api"
        and (bound.spec.policy is not None and bound.spec.policy.who == "staff") is at_desk
    }
    known: list[list[str]] = [[]] if at_desk else [[], ["account"]]
    waiting = [reader.url(name) for name, bound in mine.items() if re.findall(r"{(\w+)", bound.template) in known]
    templates = [re.compile(re.sub(r"{[^}]+}", "[^/]+", bound.template)) for bound in mine.values()]
    waiting += _links(reader.get(_home(reader)).text, templates)
    found: dict[str, str] = {}
    while waiting and len(found) < _MOST_PAGES:
        path = waiting.pop()
        if path in found:
            continue
        answer = reader.get(path)
        if answer.status_code >= 400:
            pytest.fail(f"{path} answers its own reader with {answer.status_code}", pytrace=False)
        if answer.headers.get("content-type", "").startswith("text/html") and answer.status_code == 200:
            found[path] = answer.text
            waiting += _links(answer.text, templates)
    if not found and not at_desk and any("{account}" in bound.template for bound in mine.values()):
        pytest.fail(f"no page of {module.name} opens to the owner of an account", pytrace=False)
    return found


def _links(page: str, templates: list[re.Pattern[str]]) -> list[str]:
    told = {unescape(link) for link in _LINK.findall(page)}
    return sorted(link for link in told if any(template.fullmatch(link) for template in templates))


def _readers(town: Town, language: str) -> list[Visitor]:
    """Return the browsers of an owner and of somebody of the company who has every role."""
    chief = Visitor(town.portal, language=language)
    chief.enter(town.world.staff(f"{language}.chief@example.org", *STAFF_ROLES))
    return [_visitor(town, language), chief]


def _home(reader: Visitor) -> str:
    return reader.url("staff:home" if reader.account is None else "accounts:home")


def _visitor(town: Town, language: str) -> Visitor:
    """Return the browser of an owner."""
    visitor = Visitor(town.portal, language=language)
    visitor.enter(town.person("owner").actor, town.accounts["own"])
    return visitor


@contextmanager
def _failing(cards: Sequence[Card]) -> Iterator[None]:
    """Let cards raise for the length of a block."""

    def breaks(_rows: object, _shown: object) -> None:
        raise RuntimeError("the card is broken")

    kept = [(card, card.render) for card in cards]
    for card in cards:
        object.__setattr__(card, "render", breaks)
    try:
        yield
    finally:
        for card, render in kept:
            object.__setattr__(card, "render", render)
