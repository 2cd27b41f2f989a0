"""Equipment as its customer lives it: whether it works, since when not, how old that knowledge is, a question about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from lkportal.core.clock import MovableClock
from lkportal.modules.tariffs.tests.conftest import House, Load, link, said

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
HEAD = "account;key;kind;model;serial;rented;state;since;last_seen;service\n"
ROUTER = "1001;r1;router;Toucan AX3000;TX-31-0077;yes;silent;22.11.2026 10:30;22.11.2026 10:28;fly100\n"
BOX = "1001;b1;box;Toucan Box;TB-5;no;works;;2026-11-22T11:00:00+03:00;\n"


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {
        "modules": {"enabled": ["payments", "tariffs", "tickets"]},
        "portal": {"time_zone": "Europe/Moscow"},
        "tariffs": {"equipment_hours": 24},
    }


def test_what_has_no_contact_says_since_when_and_what_to_do(house: House, load: Load) -> None:
    assert load("equipment", HEAD + ROUTER + BOX).rejected == 0
    home = house.anna.url("accounts:home")
    shown = said(house.anna, home)
    assert shown.index("Toucan AX3000") < shown.index("Toucan Box"), "what needs care comes first"
    assert "No contact" in shown
    assert "Toucan AX3000" in said(house.anna, house.service())
    assert "Toucan Box" not in said(house.anna, house.service()), "it belongs to no service"

    page = said(house.anna, link(house.anna, home, "Toucan AX3000"))
    assert "TX-31-0077" in page
    assert "Ours, rented by you" in page
    assert "Unplug it for a minute" in page
    question = link(house.anna, link(house.anna, home, "Toucan AX3000"), "Ask about this device")
    assert "Toucan AX3000" in said(house.anna, question)
    assert "Unplug" not in said(house.anna, link(house.anna, home, "Toucan Box"))
    assert "TX-31-0077" in said(house.anna, house.anna.url("accounts:search") + "?q=TX-31-0077")
    assert "Toucan AX3000" in said(house.olga, house.olga.url("staff:customer", customer=house.home.public_id))

    load("equipment", HEAD + ROUTER.replace("silent;22.11.2026 10:30", "works;"))
    assert "No contact" not in said(house.anna, home)


def test_old_knowledge_says_its_age(house: House, load: Load, clock: MovableClock) -> None:
    load("equipment", HEAD + BOX)
    home = house.anna.url("accounts:home")
    assert "We know this as of" not in said(house.anna, home)
    clock.advance(timedelta(days=3))
    for page in (home, house.anna.url("tariffs:services"), link(house.anna, home, "Toucan Box")):
        assert "We know this as of 22 November" in said(house.anna, page)
    load("equipment", HEAD + BOX.replace("2026-11-22", "2026-11-25"))
    assert "We know this as of" not in said(house.anna, home)


def test_a_neighbour_meets_none_of_it_and_what_went_back_is_gone(house: House, load: Load) -> None:
    load("equipment", HEAD + ROUTER)
    device = link(house.anna, house.anna.url("accounts:home"), "Toucan AX3000")
    assert house.boris.get(device).status_code == 404
    assert house.boris.get(device.replace(house.home.public_id, house.other.public_id)).status_code == 404
    assert "Toucan AX3000" not in said(house.boris, house.boris.url("accounts:search") + "?q=TX-31-0077")
    load("equipment", HEAD + ROUTER.replace("silent", "given back"))
    assert "Toucan AX3000" not in said(house.anna, house.anna.url("accounts:home"))
    assert house.anna.get(device).status_code == 404


def test_rows_of_equipment_that_do_not_fit_are_refused_by_their_line(load: Load, house: House) -> None:
    rows = ("9999;x;router;A;;;works;;;", "1001;y;spoon;A;;;works;;;", "1001;z;router;A;;;works;yesterday;;")
    report = load("equipment", HEAD + "\n".join(rows) + "\n" + BOX + BOX.replace("Toucan Box", "Newer box"))
    assert (report.accepted, report.rejected) == (2, 3)
    assert "Newer box" in said(house.anna, house.anna.url("accounts:home"))
