"""The desk opens from the company's networks and at its own host, when the settings say so; elsewhere there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lkportal.staff.gate import check
from lkportal.staff.tests.office import PROCESSES, Browser, Office
from lkportal.testing.clients import PortalClient

INSIDE, OUTSIDE = "10.1.2.3", "203.0.113.7"


@pytest.fixture
def guarded(sqlite_url: str, tmp_path: Path) -> Iterator[Office]:
    made = Office(sqlite_url, tmp_path, staff={"networks": ["10.0.0.0/8", "2001:db8::/32"]})
    made.person("admin", "Пётр", "administrator")
    yield made
    made.close()


def at(office: Office, address: str) -> Browser:
    browser = Browser(office.portal)
    browser.client = PortalClient(
        office.portal,
        base_url=PROCESSES,
        client=(address, 4711),
        headers={"accept-language": "en"},
    )
    return browser


@pytest.mark.parametrize("address", [INSIDE, "2001:db8::5", "::ffff:10.9.9.9"])
def test_the_desk_opens_inside(guarded: Office, address: str) -> None:
    browser = at(guarded, address)
    browser.send("/login", login="admin", password="kettle under nine maps")
    assert browser.get("/staff/").status_code == 200


@pytest.mark.parametrize("address", [OUTSIDE, "2001:db9::1", "testclient"])
def test_outside_there_is_no_desk_and_a_stolen_cookie_is_worth_nothing(guarded: Office, address: str) -> None:
    inside, outside = at(guarded, INSIDE), at(guarded, address)
    assert outside.get("/staff/").status_code == 404
    inside.send("/login", login="admin", password="kettle under nine maps")
    outside.client.cookies = inside.client.cookies

    assert outside.get("/staff/").status_code == 404
    assert outside.get("/settings/sessions").status_code == 303
    assert inside.get("/staff/").status_code == 200


def test_the_desk_has_a_host_of_its_own(sqlite_url: str, tmp_path: Path) -> None:
    office = Office(sqlite_url, tmp_path, staff={"host": "desk.test"})
    try:
        office.person("admin", "Пётр", "administrator")
        browser = office.browser("admin")
        assert browser.get("/staff/").status_code == 404
        (finding,) = check(office.portal)
        assert "name it in `hosts`" in finding.sentence  # type: ignore[union-attr]
    finally:
        office.close()
