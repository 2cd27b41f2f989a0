"""The list of notices: what is new, opening, marking, pages, and that it is one person's alone."""

from __future__ import annotations

import re

from lkportal.notify.routes import PAGE_ROWS
from lkportal.notify.tests.town import Town
from lkportal.testing.clients import PortalClient

_ENTRY = re.compile(r'href="(/notices/[A-Za-z0-9]{16})"')


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def read_all(browser: PortalClient) -> int:
    page = browser.get("/notices").text
    answer = browser.post(
        "/notices/read", data={"csrf_token": token(page)}, headers={"origin": "http://lk.example.org"}
    )
    return answer.status_code


def test_a_new_notice_is_counted_opened_and_then_read(house: Town) -> None:
    anna = house.person("anna@example.org", house.account)
    house.send_reading(anna)
    house.work()
    browser = house.client(anna)

    page = browser.get("/notices").text
    assert "1 новое уведомление" in page
    assert "Показания за ноябрь приняты" in page
    (entry,) = _ENTRY.findall(page)
    opened = browser.get(entry)
    assert (opened.status_code, opened.headers["location"]) == (303, f"/readings/{house.account.public_id}/history")

    page = browser.get("/notices").text
    assert "новое уведомление" not in page
    assert _ENTRY.findall(page) == [entry]
    assert house.rows("SELECT count(*) FROM notify_messages WHERE read_at IS NOT NULL") == [(1,)]


def test_the_whole_list_is_read_in_the_language_chosen_today(village: Town) -> None:
    anna = village.person("anna@example.org", village.account)
    village.send_reading(anna)
    village.work()
    assert "Показания за ноябрь приняты" in village.client(anna).get("/notices").text
    village.change(anna, locale="en")
    assert "Readings for November received" in village.client(anna).get("/notices").text


def test_all_are_marked_as_read_at_once(house: Town) -> None:
    anna = house.person("anna@example.org", house.account)
    ben = house.person("ben@example.org", house.account)
    for value in (416, 417):
        house.send_reading(anna, value)
    house.work()

    assert read_all(house.client(anna)) == 303
    assert "новых" not in house.client(anna).get("/notices").text
    assert "2 новых уведомления" in house.client(ben).get("/notices").text, "each has a list of their own"


def test_a_long_list_has_pages_and_a_strange_number_is_the_first(village: Town) -> None:
    anna = village.person("anna@example.org", village.account)
    for value in range(PAGE_ROWS + 3):
        village.send_reading(anna, 413 + value)
    village.work()
    browser = village.client(anna)

    first, second = browser.get("/notices").text, browser.get("/notices?page=2").text
    assert len(_ENTRY.findall(first)) == PAGE_ROWS
    assert len(_ENTRY.findall(second)) == 3
    assert not set(_ENTRY.findall(first)) & set(_ENTRY.findall(second))
    for strange in ("0", "-1", "x", "9" * 30):
        assert _ENTRY.findall(browser.get(f"/notices?page={strange}").text) == _ENTRY.findall(first)


def test_nobody_sees_or_marks_the_notices_of_another(house: Town) -> None:
    anna = house.person("anna@example.org", house.account)
    eve = house.person("eve@example.org", house.world.account("0999"))
    house.send_reading(anna)
    house.work()
    (entry,) = _ENTRY.findall(house.client(anna).get("/notices").text)

    stranger = house.client(eve)
    assert _ENTRY.findall(stranger.get("/notices").text) == []
    assert stranger.get(entry).status_code == 404
    assert house.client().get("/notices").status_code == 303, "somebody unknown signs in first"
    assert house.client().get(entry).headers["location"].startswith("/login")
    assert house.rows("SELECT count(*) FROM notify_messages WHERE read_at IS NULL") == [(1,)]


def test_with_the_account_its_notices_go_too(house: Town) -> None:
    anna = house.person("anna@example.org", house.account)
    house.send_reading(anna)
    house.work()
    browser = house.client(anna)
    (entry,) = _ENTRY.findall(browser.get("/notices").text)

    house.revoke(anna)

    page = browser.get("/notices").text
    assert _ENTRY.findall(page) == []
    assert "новое" not in page
    assert browser.get(entry).status_code == 404


def test_an_entry_whose_template_is_gone_has_a_plain_name(village: Town) -> None:
    anna = village.person("anna@example.org", village.account)
    village.send_reading(anna)
    village.work()
    with village.world.unit() as db:
        db.connection().exec_driver_sql("UPDATE notify_messages SET template = 'gone/notices/x', route = 'gone:page'")

    browser = village.client(anna)
    page = browser.get("/notices").text
    assert "Новость вашего кабинета" in page
    (entry,) = _ENTRY.findall(page)
    assert browser.get(entry).headers["location"] == "/notices"


def test_one_of_the_company_has_a_list_too(village: Town) -> None:
    operator = village.world.staff("operator@example.org", "operator")
    answer = village.client(operator).get("/notices")
    assert answer.status_code == 200
    assert "Уведомлений пока нет" in answer.text
