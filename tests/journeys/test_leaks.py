"""Nobody sees or changes what is others': every route x every person x every object of the utility's portal and of what the telecom's
has besides, in the proof of the whole telecom. And the proof itself is on trial: each planted fault must be found."""

from __future__ import annotations

import tomllib
from copy import copy
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from lkportal.accounts import grants
from lkportal.accounts.guests import links
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.databases.prepared import Prepared
from lkportal.core.module import Module
from lkportal.core.policy import AccountRef
from lkportal.modules.payments import queries as payments_queries
from lkportal.modules.readings import queries as readings_queries
from lkportal.notify.models import Message
from lkportal.testing import Logs, Mailbox, SandboxDriver, utility
from lkportal.testing.leaks import Prover, Report
from lkportal.testing.samples import Unfillable
from lkportal.testing.town import Town, build, depart
from lkportal.web import Grant, Request, wrapper
from tests.journeys import planted

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)

EXAMPLES = Path(__file__).parents[2] / "examples"


def written(example: str) -> dict[str, Any]:
    """Return what an example has in its portal.toml."""
    return tomllib.loads((EXAMPLES / example / "portal.toml").read_text("utf-8"))


EVERYBODY = {
    "api": {"calls_a_minute": 1_000_000},
    "modules": {"enabled": [*written("utility")["modules"]["enabled"], "dummy"]},
    "staff": {"roles": {"collector": {"title": "Debts", "rights": ["accounts.find", "payments.staff_view"]}}},
}


def telecom() -> dict[str, Any]:
    """Return the settings of the telecom's portal, with the brand book and the role of `EVERYBODY`."""
    told = written("telecom")
    portal = {name: told["portal"][name] for name in ("languages", "time_zone", "currency")}
    return {
        "portal": {**portal, "brand_dir": str(EXAMPLES / "telecom" / "brand")},
        "modules": told["modules"],
        "payments": told["payments"],
        "tariffs": told["tariffs"],
        "api": EVERYBODY["api"],
        "staff": EVERYBODY["staff"],
    }


@pytest.fixture
def portal_modules(dummy: Path) -> tuple[Module, ...]:
    """A stranger's module is installed; one with a hole is known. Both are switched on where they are on trial."""
    return (Module("hole", "Hole", "1", "tests.journeys", hooks="tests.journeys.hole", requires=("accounts",)),)


@pytest.fixture
def town(gateway: SandboxDriver, portal: Portal, clock: MovableClock, mailbox: Mailbox) -> Town:
    """The town of the utility, told of everything that happened."""
    known = {**planted.PLANTS, "dummy": plant_notes}
    plants = {name: put for name, put in known.items() if portal.registry.is_on(name)}
    made = build(portal, clock, plants, planted.CODES)
    utility.speak(made)
    if not portal.registry.is_on("readings"):
        plant_notice(made)
    return made


def plant_notice(town: Town) -> None:
    """Tell the reader of an account something: nobody there hears of money, and the prover wants a notice of every account."""
    with town.world.unit() as db:
        db.add(
            Message(
                identity_id=town.person("owner").identity,
                account_id=town.accounts["also own"].id,
                event_id="planted",
                notice="accounts.claimed",
                topic="accounts.people",
                template="accounts/notices/claimed",
                created_at=town.world.clock.now(),
            )
        )


def plant_notes(town: Town, account: AccountRef) -> None:
    """Write a note on an account."""
    with town.world.unit() as db:
        import_module("lkportal_dummy.service").write(db, account, "note")


@pytest.mark.parametrize(
    ("portal_overrides", "brief"),
    [
        pytest.param(EVERYBODY, True, id="utility-brief"),
        pytest.param(EVERYBODY, False, id="utility", marks=pytest.mark.proof),
        pytest.param(telecom(), False, id="telecom", marks=pytest.mark.proof),
    ],
)
@ON_SQLITE
def test_nobody_sees_or_changes_what_is_others(town: Town, mailbox: Mailbox, logs: Logs, brief: bool) -> None:
    prover = Prover(town, samples=utility.SAMPLES, logs=logs, brief=brief)
    assert prover.letters(mailbox.letters, town.readers()) >= 5
    mailbox.clear()
    depart(town)
    utility.speak(town)
    assert prover.letters(mailbox.letters, town.readers()) >= 5

    report = prover.walk()

    assert not report.problems, str(report)
    assert report.routes == set(town.portal.edge.routes.by_name)
    assert report.checked > 2_000
    assert min(report.verdicts[verdict] for verdict in ("pass", "open", "forbidden", "not_found", "sign_in")) > 100
    print(report)


@ON_SQLITE
@pytest.mark.parametrize("portal_overrides", [telecom()])
def test_nor_what_a_telecom_has_besides(town: Town) -> None:
    depart(town)
    besides = set(written("telecom")["modules"]["enabled"]) - set(written("utility")["modules"]["enabled"])
    routes = town.portal.edge.routes.by_name.items()

    report = Prover(town, samples=utility.SAMPLES, brief=True).walk(
        only=[n for n, bound in routes if bound.module in besides]
    )

    assert besides == {"tariffs", "surveys"}
    assert not report.problems, str(report)
    assert report.checked > 1_000


@pytest.mark.parametrize("portal_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_nor_on_postgresql(town: Town) -> None:
    depart(town)
    pages = (
        "accounts:home",
        "accounts:history",
        "payments:payment",
        "payments:bill",
        "readings:history",
        "notify:list",
    )

    report = Prover(town).walk(forms=False, only=pages)

    assert not report.problems, str(report)
    assert report.checked > 500


class TestTheProverGoesRed:
    """Each test plants one fault."""

    def walk(self, town: Town, *routes: str, forms: bool = False, logs: Logs | None = None) -> Report:
        depart(town)
        return Prover(town, samples=utility.SAMPLES, logs=logs, brief=True).walk(forms=forms, only=routes)

    @ON_SQLITE
    def test_when_readings_forget_whose_they_are(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(readings_queries, "HISTORY", without_account(readings_queries.HISTORY))

        report = self.walk(town, "readings:history")

        assert any(
            problem.startswith(
                "GET readings:history by stranger (account of stranger's) shows readings_meters.serial of"
            )
            for problem in report.problems
        ), str(report)

    @ON_SQLITE
    def test_when_a_payment_is_found_without_its_account(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(payments_queries, "PAYMENT", without_account(payments_queries.PAYMENT))

        report = self.walk(town, "payments:payment")

        where = "GET payments:payment by stranger (account of stranger's, payment of own)"
        assert f"{where} answers 200 instead of 404" in report.problems, str(report)
        assert any(problem.startswith(f"{where} shows payments_payments.amount") for problem in report.problems)

    @ON_SQLITE
    def test_when_a_guest_is_told_whose_account_it_is(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(links, "masked", lambda number: number)

        report = self.walk(town, "readings:guest")

        assert any("GET readings:guest by anonymous" in problem for problem in report.problems), str(report)
        assert any("shows accounts_accounts.number" in problem for problem in report.problems), str(report)

    @ON_SQLITE
    def test_when_a_form_may_name_registers_of_others(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        open_to_all = Prepared(without_account(readings_queries.REGISTERS))
        monkeypatch.setattr(readings_queries, "_REGISTERS", open_to_all)

        report = self.walk(town, "readings:list", "readings:submit", forms=True)

        assert any(
            problem.startswith("POST readings:submit by stranger") and " changes readings_" in problem
            for problem in report.problems
        ), str(report)

    @pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": ["payments", "readings", "hole"]}}])
    @ON_SQLITE
    def test_when_a_page_of_a_plugin_is_open_to_anyone(self, town: Town) -> None:
        report = self.walk(town, "hole:peek")

        assert any(
            problem.startswith("GET hole:peek by anonymous (customer of own) shows accounts_accounts.")
            for problem in report.problems
        ), str(report)

    @pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": ["payments", "readings", "hole"]}}])
    @ON_SQLITE
    def test_when_a_route_cannot_be_filled(self, town: Town) -> None:
        with pytest.raises(Unfillable, match=r"The param \{thing\} of module 'hole' has no table hole_things"):
            self.walk(town, "hole:thing")

    @ON_SQLITE
    def test_when_a_role_of_staff_is_too_wide(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(grants, "staff_permissions", lambda _connection, _person, declared: frozenset(declared))

        report = self.walk(town, "staff:roles", "staff:people")

        assert "GET staff:roles by staff: cashier answers 200 instead of 403" in report.problems, str(report)
        assert any("by staff: cashier shows auth_identities.login" in problem for problem in report.problems)

    @ON_SQLITE
    def test_when_staff_who_view_as_a_customer_may_write(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        introduce = wrapper._introduce

        def forgetting(request: Request, grant: Grant) -> None:
            introduce(request, replace(grant, actor=replace(grant.actor, behind="")))

        monkeypatch.setattr(wrapper, "judge_view", lambda _bound, _method, _grant: None)
        monkeypatch.setattr(wrapper, "_introduce", forgetting)

        report = self.walk(town, "readings:list", "readings:submit", "auth:sessions", forms=True)

        viewer = "by staff: operator viewing as the owner"
        assert f"GET auth:sessions {viewer} answers 200 instead of 403" in report.problems, str(report)
        assert any(
            problem.startswith(f"POST readings:submit {viewer}") and " changes readings_" in problem
            for problem in report.problems
        ), str(report)

    @ON_SQLITE
    def test_when_a_letter_goes_to_another(self, town: Town, mailbox: Mailbox) -> None:
        readers = town.readers()
        stranger = town.person("stranger")
        prover = Prover(town)

        prover.letters(mailbox.letters, {address: replace(stranger) for address in readers})

        assert any(
            problem.startswith("a letter to stranger") and "shows payments_payments.amount of own" in problem
            for problem in prover.report.problems
        ), str(prover.report)

    @ON_SQLITE
    def test_when_the_log_tells_of_people(self, town: Town, logs: Logs) -> None:
        town.portal.edge.log.warning("odd", account=town.accounts["own"].title)

        report = self.walk(town, "web:live", logs=logs)

        assert report.problems == ["the log shows accounts_accounts.title of own"]


def without_account(statement: Any) -> Any:
    """Return a statement without the conditions that bind it to an account."""
    loose = copy(statement)
    loose._where_criteria = tuple(each for each in statement._where_criteria if ":account_id" not in str(each))
    assert len(loose._where_criteria) < len(statement._where_criteria)
    return loose
