"""A copy of one's data: everything of the person and of their own accounts, nothing of others, for them alone and for some days."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import update

from lkportal.accounts.models import Membership
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.unit import open_unit
from lkportal.privacy import exports
from lkportal.privacy.settings import PrivacySettings
from lkportal.testing import NOON, CrashPoints, Mailbox, Point, Visitor, World
from lkportal.testing.world import rows
from lkportal.theming.papers.pdf import no_press

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {}


def proved(portal: Portal, visitor: Visitor) -> Visitor:
    """Let the visitor's session have a fresh proof: as after the step-up page."""
    return visitor.enter(visitor.actor, visitor.account)  # type: ignore[arg-type]


def ask(portal: Portal, actor: Actor) -> str:
    with open_unit(portal.database, portal.unit_context("ask")) as db:
        return exports.ask(db, actor, "en", "main", PrivacySettings())


def taken(portal: Portal, actor: Actor, export: str) -> dict[str, Any]:
    with portal.database.reading() as connection:
        body = exports.file(connection, actor.id or 0, export, "json", portal.clock.now())
    assert body is not None
    return dict(json.loads(body))


def tables(part: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {each["table"]: each["rows"] for each in part["tables"]}


def test_a_copy_is_asked_made_told_and_downloaded(
    customer: Visitor, portal: Portal, clock: MovableClock, work_off: Callable[[], int], mailbox: Mailbox
) -> None:
    page = customer.url("privacy:export")
    asked = customer.post(customer.url("privacy:ask_export"), page=page)
    assert asked.status_code == 303
    assert "We are gathering your data" in customer.get(page).text

    for _ in range(3):
        work_off()

    shown = customer.get(page).text
    paths = re.findall(r'href="(/privacy/export/[A-Za-z0-9]{16}/(?:json|pdf|html))"', shown)
    assert len(paths) == 2
    for path in paths:
        answer = customer.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert answer.headers["cache-control"] == "no-store"
    told = [letter for letter in mailbox.letters if letter.subject == "Ваши данные готовы к скачиванию"]
    assert len(told) == 1
    acts = [row[0] for row in rows(portal.database, "SELECT action FROM audit_records ORDER BY id")]
    assert acts.count("privacy.export_taken") == 2
    clock.advance(timedelta(days=8))
    visitor = proved(portal, customer)
    assert visitor.get(paths[0]).status_code == 404
    work_off()
    assert rows(portal.database, "SELECT count(*) FROM privacy_export_files") == [(0,)]
    assert "Deleted" in visitor.get(page).text


def test_it_holds_what_is_theirs_and_nothing_of_others(
    world: World, portal: Portal, account: AccountRef, work_off: Callable[[], int]
) -> None:
    strangers = world.account("5550001")
    read_only = world.account("5550002")
    anna = world.customer("anna@example.org", account)
    boris = world.customer("boris@example.org", strangers)
    payer = world.customer("payer@example.org", account, role="payer")
    with world.unit() as db:
        shared = {"identity_id": anna.id or 0, "created_at": world.clock.now()}
        db.add(Membership(account_id=read_only.id, role="reader", **shared))
        db.add(Membership(account_id=strangers.id, role="owner", revoked_at=world.clock.now(), **shared))
    export, of_payer = ask(portal, anna), ask(portal, payer)
    work_off()

    whole = taken(portal, anna, export)

    mine = tables(whole)
    assert mine["auth_identities"][0]["login"] == "anna@example.org"
    assert "password_hash" not in mine["auth_identities"][0]
    assert [row["role"] for row in mine["accounts_memberships"]] == ["owner", "reader", "owner"]
    assert [each["number"] for each in whole["accounts"]] == [account.number]
    said = json.dumps(whole, ensure_ascii=False)
    for other in ("boris@example.org", "payer@example.org", "5550001", "5550002", boris.public_id, payer.public_id):
        assert other not in said
    of_another = taken(portal, payer, of_payer)
    assert of_another["accounts"] == []
    assert "anna@example.org" not in json.dumps(of_another)


@ON_SQLITE
def test_titles_and_columns_are_in_the_readers_language(
    world: World, portal: Portal, account: AccountRef, work_off: Callable[[], int]
) -> None:
    anna = world.customer("anna@example.org", account)
    with open_unit(portal.database, portal.unit_context("ask")) as db:
        export = exports.ask(db, anna, "ru", "main", PrivacySettings())
    work_off()

    whole = taken(portal, anna, export)

    first = next(each for each in whole["tables"] if each["table"] == "auth_identities")
    assert first["title"] == "Ваша учётная запись"
    assert first["columns"]["created_at"] == "С какого времени"


@ON_SQLITE
def test_an_account_claimed_by_a_weak_proof_is_not_handed_out(
    world: World, portal: Portal, account: AccountRef, work_off: Callable[[], int]
) -> None:
    anna = world.customer("anna@example.org", account)
    with world.unit() as db:
        db.execute(update(Membership).values(level=0))
    export = ask(portal, anna)
    work_off()

    assert taken(portal, anna, export)["accounts"] == []


@ON_SQLITE
def test_nobody_else_gets_the_file(
    customer: Visitor,
    portal: Portal,
    visit: Callable[..., Visitor],
    world: World,
    account: AccountRef,
    staff: Visitor,
    work_off: Callable[[], int],
) -> None:
    assert customer.actor is not None
    export = ask(portal, customer.actor)
    work_off()
    path = customer.url("privacy:file", export=export, kind="json")
    other = visit(world.customer("boris@example.org", account), account)

    assert customer.get(path).status_code == 200
    assert other.get(path).status_code == 404
    assert staff.get(path).status_code == 404
    assert visit().get(path).status_code == 303


@ON_SQLITE
def test_an_old_proof_opens_neither_the_page_nor_the_file(
    customer: Visitor, portal: Portal, clock: MovableClock, work_off: Callable[[], int]
) -> None:
    assert customer.actor is not None
    export = ask(portal, customer.actor)
    work_off()
    clock.advance(timedelta(minutes=11))

    assert "/step-up" in customer.get(customer.url("privacy:export")).headers["location"]
    answer = customer.get(customer.url("privacy:file", export=export, kind="json"))
    assert answer.headers["location"] == customer.url("privacy:export")


@ON_SQLITE
def test_one_may_ask_three_times_a_day(customer: Visitor) -> None:
    page = customer.url("accounts:home")
    said = [customer.post(customer.url("privacy:ask_export"), page=page).status_code for _ in range(4)]
    assert said == [303, 303, 303, 429]


@ON_SQLITE
def test_without_the_press_the_paper_is_html(
    world: World, portal: Portal, account: AccountRef, work_off: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: Any) -> bytes:
        raise no_press(ImportError("weasyprint"))

    monkeypatch.setattr(import_module("lkportal.theming.papers.pdf"), "printed", missing)
    anna = world.customer("anna@example.org", account)
    export = ask(portal, anna)
    work_off()

    with portal.database.reading() as connection:
        body = exports.file(connection, anna.id or 0, export, "html", portal.clock.now())
    assert body is not None
    page = body.decode()
    assert "anna@example.org" in page
    assert account.number in page
    assert 'href="data:text/css;base64,' in page
    assert not re.findall(r'(?:href|src)="/', page)


@ON_SQLITE
@pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": []}}])
def test_modules_that_are_off_hand_out_too(
    world: World, portal: Portal, account: AccountRef, work_off: Callable[[], int]
) -> None:
    meter = import_module("lkportal.modules.readings.models").Meter
    with world.unit() as db:
        db.add(meter(account_id=account.id, resource="cold_water", unit="m3", serial="18-77", place="bath"))
    export = ask(portal, anna := world.customer("anna@example.org", account))
    work_off()

    assert tables(taken(portal, anna, export)["accounts"][0])["readings_meters"][0]["serial"] == "18-77"


def prepare(portal: Portal) -> None:
    """A person who asked for their data."""
    world = World(portal.database, MovableClock(NOON), portal.ports)
    ask(portal, world.customer("anna@example.org", world.account()))


def flow(portal: Portal) -> None:
    """The work of one worker."""
    portal.worker().run_once()


def later(portal: Portal) -> None:
    """Work on after the lease of the dead worker is over."""
    for _ in range(3):
        portal.clock.advance(timedelta(minutes=6))  # type: ignore[attr-defined]
        portal.worker().run_once()


def made_once(portal: Portal) -> None:
    """The files are there once, the person was told once."""
    assert rows(portal.database, "SELECT state FROM privacy_exports") == [("ready",)]
    kinds = {row[0] for row in rows(portal.database, "SELECT kind FROM privacy_export_files")}
    assert len(kinds) == 2
    made = "SELECT count(*) FROM audit_records WHERE action = 'privacy.export_made'"
    assert rows(portal.database, made) == [(1,)]
    assert rows(portal.database, "SELECT count(*) FROM notify_letters WHERE kind = 'privacy.data'") == [(1,)]


def writing(point: Point) -> bool:
    """While the files are written: the long proof dies at every moment."""
    return point.moment == "after_statement" and point.what.startswith("INSERT INTO privacy_export_files")


def test_a_worker_that_dies_leaves_no_half_of_a_copy(crash_points: CrashPoints) -> None:
    explored = crash_points.explore(flow, made_once, prepare=prepare, recover=later, wanted=writing)

    assert explored.crashed > 0


@pytest.mark.proof
def test_it_may_die_at_any_moment(crash_points: CrashPoints) -> None:
    assert crash_points.explore(flow, made_once, prepare=prepare, recover=later).crashed > 20
