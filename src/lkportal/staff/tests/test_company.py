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
    refused = auditor.send("/staff/modules/readings", "/staff/", mode="off", reason="Just so, once")
    assert refused.status_code == 403
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
