"""The desk sees wishes, consents and the map of data; contacts in part without the right; customers read who looked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.auth.sessions import Origin
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.unit import open_unit
from lkportal.privacy import consents, exports
from lkportal.privacy.settings import PrivacySettings
from lkportal.privacy.texts import Documents
from lkportal.testing import SandboxDriver, Visitor, World, utility
from lkportal.testing.samples import Samples
from lkportal.testing.town import Town, build
from lkportal.testing.verdicts import Sample

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


def agree(portal: Portal, actor: Actor) -> None:
    for document in portal.ports.get(Documents).all:
        with open_unit(portal.database, portal.unit_context("agree")) as db:
            wording = document.in_language("en")
            consents.decide(db, actor, document, wording, "agreed", "page", Origin("Chrome", "203.0.113.0/24"))


def test_staff_see_what_a_customer_agreed_to_and_cannot_decide(
    portal: Portal, world: World, account: AccountRef, staff: Visitor, visit: Callable[..., Visitor]
) -> None:
    anna = world.customer("anna@example.org", account)
    agree(portal, anna)

    shown = staff.get(staff.url("privacy:person", viewed=anna.public_id))

    assert "News and offers" in shown.text
    assert "203.0.113.0/24" in shown.text
    assert "<form" not in shown.text[shown.text.index("<main") : shown.text.index("</main")]
    assert staff.get(staff.url("privacy:person", viewed="A" * 16)).status_code == 404
    told = visit(anna, account).get("/privacy/access").text
    assert "Looked at your consents" in told


def test_customers_read_who_looked_by_role_alone(
    portal: Portal, world: World, account: AccountRef, staff: Visitor, visit: Callable[..., Visitor]
) -> None:
    anna = world.customer("anna@example.org", account)
    boris = world.customer("boris@example.org", world.account("5550001"))
    agree(portal, anna)
    agree(portal, boris)
    for _ in range(3):
        staff.get(staff.url("staff:customer", customer=account.public_id))

    told = visit(anna, account).get("/privacy/access").text

    assert "Opened the card of your account, 3 times" in told
    assert "operator" in told
    assert "operator@" not in told
    assert account.number in told
    assert "Nobody looked" in visit(boris).get("/privacy/access").text


@pytest.mark.parametrize("privacy_settings", [{"access_names": "name"}])
def test_and_by_name_where_the_company_says_so(
    portal: Portal, world: World, account: AccountRef, visit: Callable[..., Visitor]
) -> None:
    anna = world.customer("anna@example.org", account)
    agree(portal, anna)
    desk = visit(world.staff("olga@example.org", "operator"))
    desk.get(desk.url("staff:customer", customer=account.public_id))

    assert "olga, operator" in visit(anna, account).get("/privacy/access").text


def test_the_queue_shows_wishes_and_masks_contacts(
    portal: Portal, world: World, account: AccountRef, visit: Callable[..., Visitor]
) -> None:
    anna = world.customer("anna@example.org", account)
    with open_unit(portal.database, portal.unit_context("name")) as db:
        db.connection().exec_driver_sql("UPDATE auth_identities SET name = ''")
        exports.ask(db, anna, "en", "main", PrivacySettings())
    operator, auditor = (visit(world.staff(f"{role}@example.org", role)) for role in ("operator", "auditor"))

    assert "anna@example.org" in operator.get(operator.url("privacy:requests")).text
    masked = auditor.get(auditor.url("privacy:requests")).text
    assert "anna@example.org" not in masked
    assert "a***@example.org" in masked


def test_the_map_names_every_declared_table_and_rule(
    portal: Portal, world: World, visit: Callable[..., Visitor]
) -> None:
    auditor = visit(world.staff("auditor@example.org", "auditor"))

    shown = auditor.get(auditor.url("privacy:map")).text

    for said in ("Accounts", "5 years after the account is closed", "notify.keep_letters_days = 90", "recipient"):
        assert said in shown
    operator = visit(world.staff("operator@example.org", "operator"))
    assert operator.get(operator.url("privacy:map")).status_code == 403


class TestMasksHoldOnEveryPageOfTheDesk:
    """A law: whoever may not see contacts sees none on any page of the desk, whatever module brings it."""

    @pytest.fixture
    def portal_overrides(self) -> Mapping[str, Any]:
        return {}

    @pytest.fixture
    def town(self, gateway: SandboxDriver, portal: Portal, clock: Any) -> Town:
        made = build(portal, clock, utility.PLANTS, utility.CODES)
        utility.speak(made)
        return made

    def pages(self, town: Town) -> list[str]:
        people = [Sample(person.actor.public_id) for person in town.people if person.actor.kind == "customer"]
        samples, found = Samples(town, {"viewed": people, "identity": people, **utility.SAMPLES}), []
        routes = town.portal.edge.routes
        for name, bound in routes.by_name.items():
            if bound.policy.who != "staff" or "GET" not in bound.spec.methods or bound.spec.kind != "page":
                continue
            params = [part[1:-1] for part in bound.template.split("/") if part.startswith("{")]
            filled: list[dict[str, str]] = [{}]
            for param in params:
                filled = [{**each, param: one.value} for each in filled for one in samples.of(bound, param)]
            found += [routes.path(name, each) for each in filled]
        return found

    def test_contacts_are_masked(self, town: Town, visit: Callable[..., Visitor]) -> None:
        contacts = {
            (each.table, column) for module in town.portal.known for each in module.personal for column in each.mask
        }
        assert ("auth_identities", "email") in contacts
        colleagues = {("identity", person.identity) for person in town.people if person.actor.kind == "staff"}
        pages = self.pages(town)
        assert len(pages) > 20
        seen = 0
        for role in ("cashier", "accountant", "specialist", "auditor"):
            person = town.person(f"staff: {role}")
            visitor = visit(person.actor)
            for page in [*pages, f"/staff/?q={town.accounts['own'].title}", "/staff/?q=owner"]:
                answer = visitor.get(page)
                if answer.status_code != 200:
                    continue
                seen += 1
                shown = {
                    each
                    for each in town.canaries.found(answer.text)
                    if (each.table, each.column) in contacts and not each.owners & colleagues
                }
                assert not shown, f"{role} sees on {page}: {', '.join(map(str, shown))}"
        assert seen > 30
