"""Documents: asked before the area opens, agreed to one by one, taken back, asked again; nobody decides for another."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.auth.sessions import Origin
from lkportal.core.errors import Forbidden, StartupError
from lkportal.core.policy import AccountRef
from lkportal.core.unit import open_unit
from lkportal.privacy import consents
from lkportal.privacy.contract import Consents
from lkportal.privacy.texts import Documents, worded
from lkportal.testing import Recipe, Visitor, World
from lkportal.testing.portals import merged
from lkportal.testing.races import race
from lkportal.testing.world import rows

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
_HASH = re.compile(r'name="text" value="([0-9a-f]{64})"')


def decide(visitor: Visitor, document: str, decision: str, *, page: str, how: str = "page", **more: str) -> Any:
    """Send a decision with the hash that the page shows of the document."""
    shown = visitor.get(page).text
    part = shown[shown.index(f"/privacy/documents/{document}") :]
    found = _HASH.search(part)
    assert found is not None
    fields = {"decision": decision, "text": found[1], "locale": "en", "how": how, **more}
    return visitor.post(visitor.url("privacy:decide", document=document), fields, page=page)


def given(portal: Portal, visitor: Visitor, purpose: str) -> bool:
    asked = portal.ports.get(Consents)  # type: ignore[type-abstract]
    with portal.database.reading() as connection:
        return asked.given(connection, visitor.actor.id or 0, purpose)  # type: ignore[union-attr]


def test_a_required_document_stands_before_every_page_and_leads_back(customer: Visitor, portal: Portal) -> None:
    home = customer.url("accounts:home")

    led = customer.get(f"{home}?a=1")

    assert led.status_code == 303
    assert led.headers["location"] == customer.url("privacy:gate", next=f"{home}?a=1")
    gate = customer.get(led.headers["location"])
    assert "We process your data" in gate.text
    assert "your address" in gate.text
    assert "checked" not in gate.text
    agreed = decide(customer, "terms", "agreed", page=led.headers["location"], how="gate", next=f"{home}?a=1")
    again = customer.get(agreed.headers["location"])
    assert again.headers["location"] == f"{home}?a=1"
    assert customer.get(home).status_code == 200


@ON_SQLITE
def test_who_refuses_may_leave_and_see_their_data_but_nothing_else(customer: Visitor) -> None:
    gate = customer.url("privacy:gate")
    decide(customer, "terms", "refused", page=gate, how="gate")

    assert "You refused this document" in customer.get(gate).text
    assert customer.get(customer.url("privacy:home")).status_code == 200
    assert customer.get(customer.url("accounts:home")).status_code == 303
    assert customer.post(customer.url("auth:logout"), page=gate).status_code == 303
    assert not customer.is_signed_in


@ON_SQLITE
def test_who_registers_reads_first_what_will_be_asked(anonymous: Visitor) -> None:
    shown = anonymous.get(anonymous.url("auth:register")).text

    assert f'<a href="{anonymous.url("privacy:document", document="terms")}">Terms</a>' in shown
    assert "News and offers" not in shown
    assert "We process your data" in anonymous.get(anonymous.url("privacy:document", document="terms")).text


@ON_SQLITE
def test_the_gate_leads_nowhere_else(customer: Visitor) -> None:
    gate = customer.url("privacy:gate")

    done = decide(customer, "terms", "agreed", page=gate, how="gate", next="https://evil.example/")

    last = customer.get(done.headers["location"])
    assert last.headers["location"] == "/"


@ON_SQLITE
def test_staff_and_forms_under_way_are_not_stopped(staff: Visitor, customer: Visitor) -> None:
    assert staff.get(staff.url("staff:home")).status_code == 200
    sent = customer.post(customer.url("accounts:change_settings"), {"name": "Anna"}, page=customer.url("privacy:home"))
    assert sent.status_code in (303, 422)


class TestOptional:
    """Documents a person may refuse."""

    @pytest.fixture(autouse=True)
    def agreed(self, customer: Visitor) -> None:
        decide(customer, "terms", "agreed", page=customer.url("privacy:gate"), how="gate")

    def test_each_is_decided_by_itself_and_taken_back(self, customer: Visitor, portal: Portal) -> None:
        page = customer.url("privacy:consents")
        assert not given(portal, customer, "marketing")

        decide(customer, "news", "agreed", page=page)

        assert given(portal, customer, "marketing")
        assert not given(portal, customer, "partners")
        assert not given(portal, customer, "nothing of the kind")
        decide(customer, "news", "withdrawn", page=page)
        assert not given(portal, customer, "marketing")
        told = rows(portal.database, "SELECT document, decision, how FROM privacy_decisions ORDER BY id")
        assert told == [("terms", "agreed", "gate"), ("news", "agreed", "page"), ("news", "withdrawn", "page")]

    @ON_SQLITE
    def test_the_evidence_tells_who_when_over_which_text_and_where(self, customer: Visitor, portal: Portal) -> None:
        page = customer.url("privacy:consents")
        shown = customer.get(page).text
        decided = re.search(r"/privacy/consents/([A-Za-z0-9]{16})", shown)
        assert decided is not None

        proof = customer.get(customer.url("privacy:decided", decision=decided[1])).text

        body = portal.ports.get(Documents).all[0].in_language("en")
        for said in (body.hash, "203.0.113.0/24", "Chrome", "We process your data", "before the account area opened"):
            assert said in proof
        row = rows(portal.database, "SELECT request_id, text_hash, locale, version FROM privacy_decisions")[0]
        assert row[1:] == (body.hash, "en", "1")
        assert str(row[0]) in proof

    @ON_SQLITE
    def test_the_card_asks_for_one_at_a_time_and_once(self, customer: Visitor) -> None:
        home = customer.url("accounts:home")
        assert "News and offers" in customer.get(home).text
        assert "Partners" not in customer.get(home).text

        decide(customer, "news", "refused", page=home, how="card")

        assert "News and offers" not in customer.get(home).text
        assert "Partners" in customer.get(home).text
        decide(customer, "partners", "agreed", page=home, how="card")
        assert "Partners" not in customer.get(home).text

    @ON_SQLITE
    def test_a_text_that_changed_while_it_was_read_is_shown_again(self, customer: Visitor, portal: Portal) -> None:
        fields = {"decision": "agreed", "text": "0" * 64, "locale": "en", "how": "page"}

        answer = customer.post(
            customer.url("privacy:decide", document="news"), fields, page=customer.url("privacy:consents")
        )

        assert answer.headers["location"] == customer.url("privacy:consents")
        assert not given(portal, customer, "marketing")

    @ON_SQLITE
    def test_others_decisions_are_not_found(
        self, customer: Visitor, visit: Callable[..., Visitor], world: World, account: AccountRef
    ) -> None:
        other = visit(world.customer("boris@example.org", account), account)
        mine = re.search(r"/privacy/consents/([A-Za-z0-9]{16})", customer.get(customer.url("privacy:consents")).text)
        assert mine is not None

        assert other.get(other.url("privacy:decided", decision=mine[1])).status_code == 404


def changed(recipe: Recipe, folder: Path, document: str, **settings: Any) -> Recipe:
    """Return the recipe with other settings of a document."""
    return replace(recipe, overrides=merged(recipe.overrides, {"privacy": {"documents": {document: settings}}}))


@ON_SQLITE
def test_a_new_version_asks_again_unless_the_old_one_holds(
    portal: Portal, portal_recipe: Recipe, customer: Visitor, tmp_path: Path
) -> None:
    home = customer.url("accounts:home")
    decide(customer, "terms", "agreed", page=customer.url("privacy:gate"), how="gate")
    decide(customer, "news", "agreed", page=customer.url("privacy:consents"))
    assert customer.actor is not None

    for settings, asks in (({"version": "2"}, True), ({"version": "2", "holds": ["1"]}, False)):
        with changed(portal_recipe, tmp_path, "terms", **settings).running() as later:
            visitor = Visitor(later).enter(customer.actor, customer.account)
            assert (visitor.get(home).status_code == 303) is asks
            if asks:
                assert "The text has changed since you agreed" in visitor.get(visitor.url("privacy:gate")).text
    with changed(portal_recipe, tmp_path, "news", version="2").running() as later:
        visitor = Visitor(later).enter(customer.actor, customer.account)
        assert not given(later, visitor.enter(customer.actor), "marketing")
        visitor.account = customer.account
        assert "News and offers" in visitor.get(home).text


@ON_SQLITE
def test_nobody_decides_for_another(portal: Portal, world: World, account: AccountRef) -> None:
    document = portal.ports.get(Documents).all[0]
    anna, operator = world.customer("anna@example.org", account), world.staff("op@example.org", "operator")
    for actor in (operator, replace(anna, on_behalf_of="staff:x"), replace(anna, kind="system")):
        with pytest.raises(Forbidden), open_unit(portal.database, portal.unit_context("test")) as db:
            consents.decide(db, actor, document, document.in_language("en"), "agreed", "page", Origin())


@pytest.mark.parametrize("portal_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_two_answers_at_once_leave_one_standing(portal: Portal, world: World, account: AccountRef) -> None:
    document = portal.ports.get(Documents).all[1]
    anna = world.customer("anna@example.org", account)

    def answer(number: int) -> None:
        with open_unit(portal.database, portal.unit_context(f"r{number}")) as db:
            said: Any = "agreed" if number % 2 else "refused"
            consents.decide(db, anna, document, document.in_language("en"), said, "page", Origin())

    race(answer, range(24))

    assert rows(portal.database, "SELECT count(*) FROM privacy_decisions") == [(24,)]
    standing = rows(portal.database, "SELECT decision, version FROM privacy_standings")
    assert len(standing) == 1


@ON_SQLITE
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"files": {"en": "nowhere.md"}}, "cannot be read"),
        ({"files": {"en": "empty.md"}}, "must hold a first line"),
    ],
)
def test_a_text_that_cannot_be_read_stops_the_start(
    portal_recipe: Recipe, tmp_path: Path, settings: Mapping[str, Any], said: str
) -> None:
    (tmp_path / "empty.md").write_text("# Title only\n", "utf-8")
    files = {code: str(tmp_path / name) for code, name in settings["files"].items()}
    recipe = changed(portal_recipe, tmp_path, "news", files=files)

    with pytest.raises(StartupError, match=said):
        recipe.portal()


def test_a_document_is_read_into_pieces() -> None:
    wording = worded("en", "# Title\r\n\r\nFirst\nline.\n\n## Part\nSaid:\n- one\n- two\n")

    assert wording.title == "Title"
    assert [(each.kind, each.lines) for each in wording.blocks] == [
        ("text", ("First line.",)),
        ("heading", ("Part",)),
        ("text", ("Said:",)),
        ("list", ("one", "two")),
    ]
    assert wording.summary == "First line."
    assert len(wording.hash) == 64
