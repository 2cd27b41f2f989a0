"""Acts that wait for a second person: asked for with a reason, read before agreeing, done once as whoever asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from lkportal.core.asked.letters import Letters
from lkportal.notify.packing import pack
from lkportal.staff.tests.office import Browser, Office
from lkportal.testing.races import race

RACERS = 8
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Pair:
    """Two administrators at an office where rights are changed by two."""

    office: Office
    admin: Browser
    boss: Browser
    path: str = ""

    def ask(self, *more: str) -> str:
        """Ask for more rights of the operator; keep and return the path of the request."""
        seen = shown(self.admin)
        wanted: dict[str, Any] = {"rights": [*seen.split(), *more], "seen": seen}
        first = self.admin.send("/staff/roles/operator", **wanted)
        assert "Another person with the same right must agree" in first.text
        assert self.admin.send("/staff/roles/operator", **wanted, approval_reason="x").status_code == 422
        answer = self.admin.send("/staff/roles/operator", **wanted, approval_reason="audit week, request 77")
        assert answer.status_code == 303, answer.text
        self.path = answer.headers["location"]
        return self.path

    def agree(self, browser: Browser | None = None, seen: str = "") -> str:
        """Agree to what is read; return where that leads and what is said there."""
        reader = browser or self.boss
        seen = seen or read(reader, self.path)
        answer = reader.send(f"{self.path}/approve", self.path, seen=seen)
        return reader.get(answer.headers["location"]).text if answer.status_code == 303 else str(answer.status_code)

    def may(self) -> bool:
        return "staff.roles" in shown(self.admin).split()

    def state(self) -> str:
        return str(self.office.rows("SELECT state FROM staff_approvals ORDER BY id DESC")[0][0])


@pytest.fixture
def pair(database_url: str, tmp_path: Path) -> Iterator[Pair]:
    office = Office(database_url, tmp_path, staff={"two_persons": ["staff.rights"]})
    office.person("admin", "Пётр", "administrator")
    office.person("boss", "Ирина", "administrator")
    yield Pair(office, office.browser("admin"), office.browser("boss"))
    office.close()


def test_one_asks_another_agrees_and_it_is_done_as_whoever_asked(pair: Pair) -> None:
    pair.office.person("olga", "Ольга", "operator")
    olga = pair.office.browser("olga", pair.office.another())
    pair.ask("staff.roles")

    assert not pair.may()
    assert olga.get("/staff/roles").status_code == 403
    assert olga.get(pair.path).status_code == 404
    assert pair.agree(pair.admin, "x") == "403"
    page = pair.boss.get(pair.path).text
    for word in ("See who has which role", "audit week, request 77", "Пётр"):
        assert word in page
    assert "audit week" in pair.boss.get("/staff/approvals").text

    assert "Done, with your consent" in pair.agree()

    assert pair.may()
    assert olga.get("/staff/roles").status_code == 200
    assert pair.state() == "done"
    ids = {row[0]: f"staff:{row[1]}" for row in pair.office.rows("SELECT login, public_id FROM auth_identities")}
    said = pair.office.rows(
        "SELECT action, actor, detail FROM audit_records WHERE substr(action, 1, 6) = 'staff.' AND outcome = 'done' ORDER BY id"
    )
    done = [(what, who, ids["boss"] in str(detail)) for what, who, detail in said]
    assert done == [
        ("staff.approval_asked", ids["admin"], False),
        ("staff.approval_done", ids["boss"], False),
        ("staff.rights_changed", ids["admin"], True),
    ]
    assert "Nothing was done" in pair.agree(seen="a" * 64)


@ON_SQLITE
def test_refused_withdrawn_and_run_out_requests_do_nothing(pair: Pair) -> None:
    pair.ask("staff.roles")
    assert pair.boss.send(f"{pair.path}/refuse", pair.path, note="").status_code == 303
    assert pair.state() == "waiting"
    pair.boss.send(f"{pair.path}/refuse", pair.path, note="not this week")
    assert pair.state() == "refused"
    assert "not this week" in pair.admin.get(pair.path).text

    pair.ask("staff.roles")
    assert pair.boss.send(f"{pair.path}/withdraw", pair.path).status_code == 403
    pair.admin.send(f"{pair.path}/withdraw", pair.path)
    assert pair.state() == "withdrawn"

    pair.ask("staff.roles")
    seen = read(pair.boss, pair.path)
    pair.office.clock.advance(timedelta(hours=72))
    pair.admin, pair.boss = pair.office.browser("admin"), pair.office.browser("boss")
    assert "ran out" in pair.boss.get("/staff/approvals").text
    answer = pair.boss.send(f"{pair.path}/approve", "/staff/roles/operator", seen=seen)
    assert "Nothing was done" in pair.boss.get(answer.headers["location"]).text
    assert not pair.may()


def test_eight_who_agree_at_once_do_it_once(pair: Pair) -> None:
    pair.ask("staff.roles")
    seen = read(pair.boss, pair.path)
    token = re.search(r'name="csrf_token" value="([^"]+)"', pair.boss.get(pair.path).text)
    assert token is not None
    browsers = [Browser(pair.office.portal) for _ in range(RACERS)]
    for browser in browsers:
        browser.client.cookies = pair.boss.client.cookies

    def press(browser: Browser) -> int:
        return browser.client.post(f"{pair.path}/approve", data={"csrf_token": token[1], "seen": seen}).status_code

    assert set(race(press, browsers)) <= {303, 503}

    assert pair.may()
    assert len(pair.office.audit("staff.rights_changed")) == len(pair.office.audit("staff.approval_done")) == 1


@ON_SQLITE
@pytest.mark.parametrize(
    "tampered",
    [
        "UPDATE staff_approvals SET reason = 'a better one'",
        "UPDATE staff_approvals SET form = replace(form, 'staff.roles', 'staff.brand')",
        "UPDATE staff_approvals SET asked_by = (SELECT id FROM auth_identities WHERE login = 'olga')",
        "UPDATE staff_approvals SET told = replace(told, 'role', 'rule')",
    ],
)
def test_an_altered_request_is_never_done(pair: Pair, tampered: str) -> None:
    pair.office.person("olga", "Ольга", "administrator")
    pair.ask("staff.roles")
    seen = read(pair.boss, pair.path)
    with pair.office.portal.database.unit() as db:
        db.connection().exec_driver_sql(tampered)

    assert "altered" in pair.boss.get(pair.path).text
    assert "Nothing was done" in pair.agree(seen=seen)
    assert not pair.may()


@ON_SQLITE
def test_what_changed_since_it_was_read_is_not_agreed_to(pair: Pair) -> None:
    pair.ask("staff.roles")
    request, seen = pair.path, read(pair.boss, pair.path)
    pair.ask("audit.view")
    pair.agree()
    pair.path = request

    assert "can no longer be done" in pair.boss.get(request).text
    assert "Nothing was done" in pair.agree(seen=seen)
    assert not pair.may()


@ON_SQLITE
@pytest.mark.parametrize(
    "lost",
    [
        "DELETE FROM accounts_staff_roles WHERE identity_id = (SELECT id FROM auth_identities WHERE login = 'admin')",
        "UPDATE auth_identities SET disabled_at = created_at WHERE login = 'admin'",
    ],
)
def test_who_lost_the_right_gets_nothing_done_by_an_old_request(pair: Pair, lost: str) -> None:
    pair.ask("staff.roles")
    seen = read(pair.boss, pair.path)
    with pair.office.portal.database.unit() as db:
        db.connection().exec_driver_sql(lost)

    assert "Nothing was done" in pair.agree(seen=seen)
    assert pair.state() == "waiting"


def read(browser: Browser, path: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', browser.get(path).text)
    assert found is not None
    return found[1]


def shown(browser: Browser) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', browser.get("/staff/roles/operator").text)
    assert found is not None
    return found[1]


@ON_SQLITE
def test_those_who_may_decide_get_a_letter_and_a_bell(pair: Pair) -> None:
    office = pair.office
    office.person("olga", "Ольга", "operator", email="olga@example.org")
    for login in ("second", "left"):
        office.person(login, login.title(), "administrator", email=f"{login}@example.org")
    with office.portal.database.unit() as db:
        db.execute(text("UPDATE auth_identities SET email = login || '@example.org' WHERE login IN ('admin', 'boss')"))
        db.execute(text("UPDATE auth_identities SET email_confirmed_at = created_at"))
        db.execute(text("UPDATE auth_identities SET disabled_at = created_at WHERE login = 'left'"))
    second = office.browser("second")
    assert "Get letters" not in second.get("/staff/approvals").text
    assert second.send("/staff/approvals/letters", "/staff/approvals", letters="off").status_code == 303
    assert "Get letters" in second.get("/staff/approvals").text
    assert BELL not in pair.boss.get("/staff/").text

    pair.ask("staff.roles")
    written = work(office)

    assert [(to, template) for to, template, _ in written] == [("boss@example.org", "staff/letters/asked")]
    assert pair.path in written[0][2]
    assert "request 77" not in written[0][2], "why and what stand behind the sign-in"
    bells = [BELL in who.get("/staff/").text for who in (pair.boss, second, pair.admin, office.browser("olga"))]
    assert bells == [True, True, False, False]

    assert second.send("/staff/approvals/letters", "/staff/approvals", letters="on").status_code == 303
    pair.agree()
    assert BELL not in pair.boss.get("/staff/").text
    pair.ask("staff.modules")
    assert [to for to, _, _ in work(office)] == ["boss@example.org", "second@example.org"]


@ON_SQLITE
def test_a_request_decided_before_its_letter_is_written_brings_none(pair: Pair) -> None:
    pair.ask("staff.roles")
    pair.agree()

    assert work(pair.office) == []


BELL = "Something waits for your consent"


class Written:
    """Fills the port Letters: keeps (to, template, facts as they wait in the table)."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str, str]] = []

    def send(self, db: Any, *, to: str, template: str, values: Mapping[str, Any], **_rest: str) -> None:
        """Keep a letter."""
        self.all.append((to, template, str(pack(dict(values)))))


def work(office: Office) -> list[tuple[str, str, str]]:
    """Do what waits; return the letters it brought."""
    office.portal.ports._filled[Letters] = written = Written()
    while office.portal.worker().run_once():
        pass
    return written.all
