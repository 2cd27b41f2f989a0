"""A stranger's module is installed, works from end to end, misbehaves, is switched off and uninstalled; the portal stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from lkportal.app import Portal, create_app
from lkportal.core.errors import StartupError
from lkportal.core.imports import run_import
from lkportal.core.migrating import migrate
from lkportal.core.module import Module
from lkportal.core.policy import AccountRef
from lkportal.testing import Logs, Mailbox, Recipe, Visitor
from lkportal.testing.portals import SECRET_KEY, merged

ON = {"modules": {"enabled": ["payments", "readings", "dummy"]}}
ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


@pytest.fixture
def portal_modules(dummy: Path) -> tuple[Module, ...]:
    """The module is found by its entry point."""
    return ()


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return ON


def notes(portal: Portal) -> list[tuple[str, int]]:
    """Return the words and weights of all notes."""
    with portal.database.reading() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT words, weight FROM dummy_notes ORDER BY id"))]


class TestItWorks:
    def test_from_a_form_to_a_letter(
        self, portal: Portal, customer: Visitor, mailbox: Mailbox, work_off: Callable[[], int]
    ) -> None:
        page = customer.url("dummy:list")
        assert page in customer.get(customer.url("accounts:home")).text
        assert customer.post(page, {"words": ""}).status_code == 422

        answer = customer.post(page, {"words": "the door opens inwards"})

        assert (answer.status_code, answer.headers["location"]) == (303, page)
        assert "Your note is kept." in customer.get(page).text
        work_off()
        assert notes(portal) == [("the door opens inwards", 4)]
        assert mailbox.last.to == "anna@example.org"
        assert "the door opens inwards" in mailbox.last.text
        assert "Появилась новая заметка." in mailbox.last.text
        assert "A note was written" in customer.get("/notices").text
        assert "Note written" in customer.get(customer.url("accounts:history")).text
        home = customer.get(customer.url("accounts:home")).text
        assert "1 note" in home
        assert "the door opens inwards" in home

    def test_its_own_template_global_and_its_own_words(
        self, customer: Visitor, visit: Callable[..., Visitor], portal: Portal
    ) -> None:
        customer.post(customer.url("dummy:list"), {"words": "quiet"})
        with portal.database.reading() as connection:
            note = connection.execute(text("SELECT public_id FROM dummy_notes")).scalar_one()
        assert "QUIET" in customer.get(customer.url("dummy:note", note=note)).text

        assert customer.actor is not None
        russian = visit(customer.actor, customer.account, language="ru").get(customer.url("dummy:list")).text
        assert "Заметки по счёту" in russian

    def test_on_the_desk(self, customer: Visitor, staff: Visitor, account: AccountRef) -> None:
        customer.post(customer.url("dummy:list"), {"words": "beware of the dog"})

        assert "beware of the dog" in staff.get("/staff/dummy/").text
        assert "beware of the dog" in staff.get(f"/staff/accounts/{account.public_id}").text
        assert customer.get("/staff/dummy/").status_code == 404

    def test_its_rights_are_kept(self, customer: Visitor, visit: Callable[..., Visitor], world: Any) -> None:
        reader = visit(world.customer("reader@example.org", customer.account, role="reader"), customer.account)
        payer = visit(world.customer("payer@example.org", customer.account, role="payer"), customer.account)
        assert reader.get(customer.url("dummy:list")).status_code == 200
        assert reader.post(customer.url("dummy:list"), {"words": "no"}, page="/settings").status_code == 403
        assert payer.get(customer.url("dummy:list")).status_code == 403
        assert customer.url("dummy:list") not in payer.get(customer.url("accounts:home")).text

    def test_its_file_is_imported(self, portal: Portal, account: AccountRef, tmp_path: Path) -> None:
        file = tmp_path / "notes.csv"
        file.write_text(f"лицевой счёт;заметка\n{account.number};домофон не работает\n999;чужой\n", "windows-1251")

        kind = portal.registry.import_kinds["dummy.notes"]
        report = run_import(portal.database, portal.unit_context("test"), kind, file)

        assert (report.accepted, report.rejected) == (1, 1)
        assert notes(portal) == [("домофон не работает", 0)]


class TestItMisbehaves:
    @pytest.mark.parametrize(("how", "error"), [("raises", "RuntimeError"), ("hangs", "StatementTooSlow")])
    def test_a_card_that_fails_leaves_the_page_standing(
        self,
        how: str,
        error: str,
        monkeypatch: pytest.MonkeyPatch,
        portal_recipe: Recipe,
        request: pytest.FixtureRequest,
    ) -> None:
        monkeypatch.setenv("DUMMY_CARD", how)
        customer: Visitor = request.getfixturevalue("customer")
        logs: Logs = request.getfixturevalue("logs")

        answer = customer.get(customer.url("accounts:home"))

        assert answer.status_code == 200
        assert customer.url("dummy:list") in answer.text  # the menu
        (line,) = logs.events("panel_failed")
        assert (line["panel"], line["module"], line["error"]) == ("dummy.notes", "dummy", error)
        assert "the card is broken" not in logs.text
        assert customer.get(customer.url("dummy:list")).status_code == 200

    @ON_SQLITE
    def test_a_second_module_of_its_name(self, portal_recipe: Recipe) -> None:
        twin = Module("dummy", "Twin", "2", "other_dummy")
        with pytest.raises(StartupError) as caught:
            create_app(overrides=portal_recipe.overrides, modules=[twin])
        assert str(caught.value.message) == (
            "Two modules are named 'dummy': other_dummy and lkportal_dummy. Uninstall one of them."
        )


class TestItLeaves:
    def test_switched_off_and_on_again(self, portal: Portal, customer: Visitor, work_off: Callable[[], int]) -> None:
        page, home = customer.url("dummy:list"), customer.url("accounts:home")
        customer.post(page, {"words": "stays"})

        portal.switch_module("dummy", on=False)

        assert customer.get(home).status_code == 200
        assert page not in customer.get(home).text
        assert customer.get(page).status_code == 404
        assert "dummy" not in {kind.partition(".")[0] for kind in portal.registry.import_kinds}
        assert customer.get(customer.url("accounts:history")).status_code == 200
        work_off()
        assert migrate.pending(portal.database, portal.known) == []

        portal.switch_module("dummy", on=True)
        customer.get(home)
        assert "stays" in customer.get(page).text
        work_off()
        assert [words for words, _ in notes(portal)] == ["stays"]

    def test_uninstalled_with_its_work_unfinished(
        self, portal: Portal, portal_recipe: Recipe, customer: Visitor, dummy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        customer.post(customer.url("dummy:list"), {"words": "left behind"})
        portal.stop()
        monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(dummy)])

        with pytest.raises(StartupError) as caught:
            portal_recipe.portal()
        assert str(caught.value.message).startswith(
            "modules.enabled names 'dummy', but no such module is installed. Known: "
        )

        without = Recipe({**portal_recipe.overrides, "modules": {"enabled": ["payments", "readings"]}})
        left = without.portal()
        assert migrate.upgrade(left.database, left.known) == []
        left.database.close()
        with without.running(portal.clock) as standing:
            visitor = Visitor(standing).enter(customer.actor, customer.account)  # type: ignore[arg-type]
            for page in ("accounts:home", "accounts:history", "payments:bills", "readings:list"):
                assert visitor.get(visitor.url(page)).status_code == 200
            assert visitor.get("/notices").status_code == 200
            standing.worker().run_once()
            assert notes(standing) == [("left behind", 0)]

    @ON_SQLITE
    def test_its_settings_left_behind_are_named(
        self, portal_recipe: Recipe, dummy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry != str(dummy)])
        overrides = merged({**portal_recipe.overrides, "modules": {"enabled": []}}, {"dummy": {"longest": 5}})
        with pytest.raises(StartupError, match=r"there is no module or setting 'dummy'"):
            create_app(overrides=overrides)


def test_the_shell_knows_it(dummy_folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "portal.toml"
    config.write_text('[modules]\nenabled = ["dummy"]\n[jobs]\nin_web = false\n', encoding="utf-8")
    known = [str(dummy_folder), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, known)),
        "LKPORTAL_CONFIG": str(config),
        "LKPORTAL_SECRET_KEY": SECRET_KEY,
    }

    def shell(*arguments: str) -> str:
        command = [sys.executable, "-c", "from lkportal.cli import main; main()", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "dummy" in shell("migrate")
    states = {row["name"]: row["state"] for row in json.loads(shell("modules", "--json"))}
    assert (states["dummy"], states["payments"]) == ("on", "off")
    policies = {row["name"]: row["policy"]["action"] for row in json.loads(shell("routes", "--json"))}
    assert policies["dummy:desk"] == "dummy.staff_view"
    assert shell("dummy-say") == "The dummy says hello.\n"
