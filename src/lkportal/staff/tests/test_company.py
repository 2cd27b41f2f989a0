"""The company's own pages: roles in the open, a switchboard that every process obeys, the state of things in words."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from lkportal.core.tables import imports
from lkportal.staff.tests.office import Browser, Office


def administrator(office: Office) -> Browser:
    office.person("admin", "Пётр", "administrator")
    return office.browser("admin")


def test_the_matrix_shows_people_and_rights(office: Office) -> None:
    office.person("olga", "Ольга", "operator", "cashier")

    page = administrator(office).get("/staff/roles").text

    assert "operator, cashier" in page.replace("cashier, operator", "operator, cashier")
    for right in ("accounts.find", "staff.modules", "readings.submit"):
        assert right in page


def test_pages_of_the_company_need_their_right(office: Office) -> None:
    office.person("olga", "Ольга", "operator")
    office.person("auditor", "Аудитор", "auditor")
    operator, auditor = office.browser("olga"), office.browser("auditor")

    assert operator.get("/staff/roles").status_code == 403
    assert operator.get("/staff/modules").status_code == 403
    assert auditor.get("/staff/roles").status_code == 200
    assert auditor.get("/staff/modules").status_code == 403
    assert "Switch off" not in operator.get("/staff/").text
    refused = auditor.send("/staff/modules", "/staff/", module="readings", state="off")
    assert refused.status_code == 403
    assert office.portal.registry.is_on("readings")


def test_a_module_switched_off_is_gone_in_every_process(office: Office) -> None:
    anna = office.person("anna@example.org", "Анна")
    account = office.account("0412778215", "Ломоносова, 14", anna)
    other = office.another()
    customer = office.browser("anna@example.org", other)
    assert "/readings/" in customer.get(f"/home/{account}/").text
    desk = administrator(office)

    answer = desk.send("/staff/modules", module="readings", state="off")

    assert answer.status_code == 303, answer.text
    assert "off for everybody" in desk.get("/staff/modules").text
    assert customer.get(f"/readings/{account}/").status_code == 404
    assert "/readings/" not in customer.get(f"/home/{account}/").text
    assert office.audit("staff.module_switched") == [("staff", "done", None, "readings")]

    desk.send("/staff/modules", module="readings", state="on")

    customer.get(f"/home/{account}/")
    assert customer.get(f"/readings/{account}/").status_code == 200


def test_what_is_part_of_every_portal_cannot_be_switched_off(office: Office) -> None:
    desk = administrator(office)

    assert desk.send("/staff/modules", module="accounts", state="off").status_code == 303

    assert "Part of every portal" in desk.get("/staff/modules").text
    assert desk.send("/staff/modules", module="nothing", state="off").status_code == 404
    assert office.audit("staff.module_switched") == []


def test_the_delicate_switch_asks_for_the_password_again(office: Office) -> None:
    desk = administrator(office)
    office.clock.advance(timedelta(minutes=20))

    answer = desk.send("/staff/modules", module="readings", state="off")

    assert answer.headers["location"].startswith("/step-up") or "step" in answer.headers["location"]
    assert office.portal.registry.is_on("readings")


def test_the_desk_says_how_fresh_its_sources_are(office: Office) -> None:
    now = office.clock.now()
    row = {
        "public_id": "A" * 16,
        "kind": "meters",
        "fingerprint": "f",
        "run": 1,
        "file_name": "meters.csv",
        "file_hash": "h",
        "size": 1,
        "layout": {},
        "parameters": {},
        "state": "done",
        "batch": 1,
        "position": 1,
        "line": 1,
        "accepted": 1480,
        "rejected": 2,
        "counts": {},
        "actor": "system",
        "started_at": now,
        "updated_at": now - timedelta(hours=3),
        "finished_at": now,
    }
    with office.portal.database.unit() as db:
        db.execute(insert(imports).values(row))
    office.person("olga", "Ольга", "operator")
    desk = office.browser("olga")

    assert "Meters: 3 h ago" in desk.get("/staff/").text
    assert "How the portal does" not in desk.get("/staff/").text

    office.clock.advance(timedelta(hours=25))
    page = office.browser("olga").get("/staff/").text
    assert "Meters: 1 day ago" in page
    assert 'class="st warn"' in page


def test_administrators_see_whether_anybody_works(office: Office) -> None:
    page = administrator(office).get("/staff/").text

    assert "None is running" in page
    assert "passed on" in page or "has waited" in page
