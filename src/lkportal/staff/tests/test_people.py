"""The company's own people: invited by a letter, given roles, kept out; and what roles may do, changed at once everywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Row

from lkportal.core.errors import StartupError
from lkportal.core.policy import Actor
from lkportal.core.unit import open_unit
from lkportal.staff import queries
from lkportal.staff.people import rules
from lkportal.staff.tests.office import Browser, Office
from lkportal.testing.races import race

RACERS = 8
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def administrator(office: Office, login: str = "admin") -> Browser:
    office.person(login, "Пётр", "administrator")
    return office.browser(login)


def page_of(office: Office, login: str) -> str:
    return "/staff/people/" + str(office.rows(f"SELECT public_id FROM auth_identities WHERE login = '{login}'")[0][0])


def test_a_role_changed_at_the_desk_holds_at_once_in_every_process(office: Office) -> None:
    office.person("olga", "Ольга", "operator")
    desk, olga, elsewhere = administrator(office), office.browser("olga"), office.browser("olga", office.another())
    assert olga.get("/staff/roles").status_code == 403

    seen = shown(desk, "operator")
    answer = desk.send("/staff/roles/operator", rights=[*seen.split(), "staff.roles"], seen=seen)

    assert answer.status_code == 303, answer.text
    assert olga.get("/staff/roles").status_code == 200
    assert elsewhere.get("/staff/roles").status_code == 200
    assert office.audit("staff.rights_changed") == [("staff", "done", None, "operator")]

    stale = desk.send("/staff/roles/operator", rights=["accounts.find"], seen=seen)
    assert stale.status_code == 409
    assert "changed this role meanwhile" in stale.text
    seen = shown(desk, "operator")
    assert desk.send("/staff/roles/operator", rights=["accounts.find"], seen=seen).status_code == 303
    assert olga.get("/staff/roles").status_code == 403


@ON_SQLITE
def test_rights_nobody_declares_and_roles_nobody_names_are_refused(office: Office) -> None:
    desk = administrator(office)

    assert desk.send("/staff/roles/operator", rights=["readings.submit"], seen="").status_code == 404
    assert desk.get("/staff/roles/emperor").status_code == 404


@ON_SQLITE
def test_the_last_administrator_stays_one(office: Office) -> None:
    desk = administrator(office)
    office.person("olga", "Ольга", "operator")

    seen = shown(desk, "administrator")
    answer = desk.send("/staff/roles/administrator", rights=["accounts.find"], seen=seen)

    assert answer.status_code == 409
    assert "Nobody would be left" in answer.text
    assert desk.get("/staff/roles/operator").status_code == 200
    admin = page_of(office, "admin")
    assert desk.send(f"{admin}/role", admin, role="administrator", do="take").headers["location"].endswith(admin)
    assert "Nobody changes their own access" in desk.get(admin).text
    assert desk.send(f"{admin}/disable", admin).status_code == 303
    assert desk.get("/staff/roles").status_code == 200


def test_a_colleague_comes_by_a_letter_and_works_by_their_role(office: Office) -> None:
    desk = administrator(office)

    answer = desk.send("/staff/people/new", name="Вера", email="Vera@example.org", roles=["cashier"])

    person = answer.headers["location"]
    assert "invited, not here yet" in desk.get("/staff/people").text
    link = office.letter_link("vera@example.org")
    newcomer = Browser(office.portal)
    assert newcomer.send("/login", login="vera@example.org", password="").status_code == 422
    assert "vera@example.org" in newcomer.get(link).text
    assert newcomer.send(link, password="short").status_code == 422
    assert newcomer.send(link, password="nine maps under a kettle").status_code == 303
    assert newcomer.get(link).status_code == 410
    assert newcomer.send("/login", login="vera@example.org", password="nine maps under a kettle").status_code == 303
    assert newcomer.get("/staff/").status_code == 200
    assert "cashier" in desk.get(person).text

    assert desk.send(f"{person}/role", person, role="auditor", do="give").status_code == 303
    assert newcomer.get("/staff/roles").headers["location"].startswith("/login")
    newcomer.send("/login", login="vera@example.org", password="nine maps under a kettle")
    assert newcomer.get("/staff/roles").status_code == 200
    assert desk.send(f"{person}/role", person, role="auditor", do="take").status_code == 303
    newcomer.send("/login", login="vera@example.org", password="nine maps under a kettle")
    assert newcomer.get("/staff/roles").status_code == 403


def test_who_is_kept_out_or_signed_out_is_so_at_once(office: Office) -> None:
    office.person("olga", "Ольга", "operator")
    desk, olga, other = administrator(office), office.browser("olga"), office.browser("olga", office.another())
    person = page_of(office, "olga")

    session = re.findall(r'name="session" value="([^"]+)"', desk.get(person).text)
    assert len(session) == 2
    desk.send(f"{person}/sessions", person, session=session[0])
    assert sorted([olga.get("/staff/").status_code, other.get("/staff/").status_code]) == [200, 303]
    desk.send(f"{person}/sessions", person)
    assert olga.get("/staff/").status_code == other.get("/staff/").status_code == 303

    olga = office.browser("olga")
    desk.send(f"{person}/disable", person)
    assert olga.get("/staff/").status_code == 303
    assert olga.send("/login", login="olga", password="kettle under nine maps").status_code == 422
    desk.send(f"{person}/enable", person)
    assert office.browser("olga").get("/staff/").status_code == 200


@ON_SQLITE
def test_an_operator_sees_nobody_and_an_auditor_changes_nobody(office: Office) -> None:
    administrator(office)
    office.person("olga", "Ольга", "operator")
    office.person("auditor", "Аудитор", "auditor")
    operator, auditor = office.browser("olga"), office.browser("auditor")
    person = page_of(office, "admin")

    assert operator.get("/staff/people").status_code == 403
    assert auditor.get("/staff/people").status_code == auditor.get(person).status_code == 200
    assert "Keep out" not in auditor.get(person).text
    for act in ("disable", "role", "sessions", "invite"):
        assert auditor.send(f"{person}/{act}", "/staff/", role="auditor", do="give").status_code == 403
    assert auditor.get("/staff/people/new").status_code == 403


@ON_SQLITE
@pytest.mark.parametrize("roles", [{"collector": {"title": "Debts", "rights": ["accounts.find", "audit.view"]}}])
def test_a_role_of_the_companys_own(office: Office, roles: dict[str, dict[str, object]]) -> None:
    office.staff = {"roles": roles}
    process = office.another()
    office.person("dan", "Дан", "collector")
    dan = office.browser("dan", process)

    assert dan.get("/staff/").status_code == dan.get("/staff/audit/").status_code == 200
    assert dan.get("/staff/roles").status_code == 403
    assert "Debts" in administrator_at(office, process).get("/staff/roles").text


@ON_SQLITE
def test_a_misspelt_right_stops_the_start_with_a_sentence(office: Office) -> None:
    office.staff = {"roles": {"collector": {"title": "Debts", "rights": ["accounts.fid"]}}}
    with pytest.raises(StartupError, match=r"\[staff.roles.collector\] names the right 'accounts.fid'.*accounts.find"):
        office.another()
    office.staff = {"roles": {"Boss!": {"title": "x"}}}
    with pytest.raises(StartupError, match="small latin letters"):
        office.another()


def administrator_at(office: Office, process: object) -> Browser:
    office.person("boss", "Ирина", "administrator")
    return office.browser("boss", process)  # type: ignore[arg-type]


def shown(desk: Browser, role: str) -> str:
    found = re.search(r'name="seen" value="([^"]*)"', desk.get(f"/staff/roles/{role}").text)
    assert found is not None
    return found[1]


def test_the_desk_signs_a_customer_out_of_a_lost_phone(office: Office) -> None:
    anna = office.person("anna@example.org", "Анна")
    account = office.account("0412778215", "Ломоносова, 14", anna)
    office.person("olga", "Ольга", "operator")
    office.person("kassa", "Касса", "cashier")
    phones = [office.browser("anna@example.org") for _ in range(2)]
    desk = office.browser("olga")
    card = desk.get(f"/staff/accounts/{account}").text
    devices = re.findall(r'href="(/staff/devices/\w+)"', card)[0]
    assert "/staff/devices/" not in office.browser("kassa").get(f"/staff/accounts/{account}").text
    assert office.browser("kassa").get(devices).status_code == 403
    one = re.findall(r'name="session" value="(\w+)"', desk.get(devices).text)

    assert desk.send(devices, session=one[0]).status_code == 303
    assert [phone.get("/settings/sessions").status_code for phone in phones].count(200) == 1
    assert desk.send(devices).status_code == 303

    assert [phone.get("/settings/sessions").status_code for phone in phones] == [303, 303]


def test_staff_sign_in_anew_when_a_role_is_given_or_taken(office: Office) -> None:
    office.person("olga", "Ольга", "operator")
    desk, page = administrator(office), page_of(office, "olga")
    for act, role in (("give", "cashier"), ("take", "cashier")):
        olga = office.browser("olga")
        assert olga.get("/staff/").status_code == 200
        assert desk.send(f"{page}/role", page, role=role, do=act).status_code == 303
        assert olga.get("/staff/").headers["location"].startswith("/login")


def test_two_administrators_who_end_each_other_leave_one(office: Office) -> None:
    office.person("admin", "Пётр", "administrator")
    office.person("boss", "Ирина", "administrator")
    permissions = office.portal.registry.permissions
    people_of = {row.login: row for row in colleagues_of(office)}

    def end(how: int) -> None:
        pair = ("admin", "boss") if how % 4 < 2 else ("boss", "admin")
        who, whom = people_of[pair[0]], people_of[pair[1]]
        actor = Actor("staff", who.id, who.public_id, permissions=frozenset(permissions))
        circumstances = replace(office.portal.unit_context(), actor=actor)
        with suppress(rules.LastAdministrator), open_unit(office.portal.database, circumstances) as db:
            if how % 2:
                rules.disable(db, permissions, whom)
            else:
                rules.take(db, permissions, whom, "administrator")

    race(end, range(RACERS))

    left = office.rows(
        "SELECT i.login FROM auth_identities i JOIN accounts_staff_roles r ON r.identity_id = i.id"
        " WHERE i.disabled_at IS NULL AND r.role = 'administrator'"
    )
    assert len(left) == 1


def test_an_invitation_is_spent_once_by_eight_at_once(office: Office) -> None:
    desk = administrator(office)
    desk.send("/staff/people/new", name="Вера", email="vera@example.org", roles=[])
    link = office.letter_link("vera@example.org")
    browser = Browser(office.portal)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(link).text)
    assert token is not None

    def press(number: int) -> int:
        other = Browser(office.portal)
        other.client.cookies = browser.client.cookies
        fields = {"csrf_token": token[1], "password": f"nine maps under kettle {number}"}
        return other.client.post(link, data=fields).status_code

    answers = race(press, range(RACERS))

    assert sorted(answers).count(303) == 1
    assert set(answers) <= {303, 410, 503}
    assert len(office.audit("staff.person_joined")) == 1


def colleagues_of(office: Office) -> Sequence[Row[Any]]:
    with office.portal.database.reading() as connection:
        return queries.colleagues(connection)
