"""An accident from the first word to "it works again", as the desk, the people concerned and their neighbours live it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from lkportal.core.clock import MovableClock
from lkportal.modules.news.outside import REMEMBERED
from lkportal.modules.news.tests.conftest import OUTAGE, Street, Visit, bring_in, home
from lkportal.testing import Mailbox, Visitor

Work = Callable[[], int]


@pytest.fixture
def night(clock: MovableClock) -> MovableClock:
    """It is 23:00 in Moscow, in everybody's quiet hours."""
    clock.advance(timedelta(hours=11))
    return clock


def drafted(desk: Visitor, **changes: str) -> str:
    """Write an outage at the desk and return the address of its page."""
    answer = desk.post("/staff/news/outage", {**OUTAGE, **changes})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def publish(desk: Visitor, shown: str) -> None:
    answer = desk.post(f"{shown}publish", {"when": "now"}, page=shown)
    assert answer.headers["location"] == shown, answer.text


def details(page: str) -> str:
    """Return the address behind a card's link."""
    found = re.search(r'href="([^"]*/news/[^"]+)"[^>]*>Details', page)
    assert found is not None
    return found[1]


def test_an_accident_is_told_to_those_it_concerns_until_it_is_over(
    night: MovableClock, street: Street, desk: Visitor, visit: Visit, work_off: Work, mailbox: Mailbox
) -> None:
    """It is 23:00: an accident does not wait for the morning."""
    anna, boris = visit(street.anna, street.near), visit(street.boris, street.far)
    shown = drafted(desk)
    preview = desk.get(shown).text
    assert "It concerns 1 account" in preview
    assert "Customers do not see it yet" in preview
    assert "No cold water" not in anna.get(anna.url("accounts:home")).text

    publish(desk, shown)
    work_off()
    assert [letter.subject for letter in mailbox.letters] == ["Нет холодной воды: 22 ноября с 10:00 до 18:00"]
    assert "Воду подвезут во двор." in mailbox.last.text
    seen = anna.get(anna.url("accounts:home")).text
    assert "No cold water" in seen
    assert "No cold water" not in boris.get(boris.url("accounts:home")).text
    item = details(seen)
    page = anna.get(item).text
    assert "Bring a bucket</li>" in page
    assert "The promised time has passed" in page
    assert boris.get(item.replace(street.near.public_id, street.far.public_id)).status_code == 404

    desk.post(f"{shown}update", {"body[en]": "A pump came.", "ends_on": "2026-11-23", "ends_time": "02:00"}, page=shown)
    work_off()
    assert len(mailbox) == 2, "the news of the pump"
    assert "A pump came." in anna.get(item).text

    desk.post(f"{shown}close", {}, page=shown)
    again = desk.post(f"{shown}close", {}, page="/staff/news/outage")
    assert "Somebody changed this meanwhile" in desk.get(again.headers["location"]).text
    work_off()
    assert mailbox.last.subject.startswith("Холодная вода снова есть")
    assert "Cold water is back" in anna.get(anna.url("accounts:home")).text
    night.advance(timedelta(days=1))
    assert "Cold water" not in anna.get(anna.url("accounts:home")).text
    assert len(mailbox) == 3


def test_what_was_mended_before_anybody_was_told_is_not_told(
    street: Street, desk: Visitor, work_off: Work, mailbox: Mailbox
) -> None:
    shown = drafted(desk)
    publish(desk, shown)
    desk.post(f"{shown}close", {"quiet": "1"}, page=shown)
    work_off()
    assert len(mailbox) == 0


def test_an_announcement_comes_at_its_time_to_whom_it_concerns_and_leaves_when_read(
    street: Street, desk: Visitor, visit: Visit, work_off: Work, clock: MovableClock
) -> None:
    anna, boris = visit(street.anna, street.near), visit(street.boris, street.far)
    fields = {"title[en]": "New office <hours>", "body[en]": "We open at 8.", "places": "Ломоносова"}
    shown = desk.post("/staff/news/announcement", fields).headers["location"]
    desk.post(f"{shown}publish", {"when": "later", "on": "2026-11-22", "at": "13:00"}, page=shown)
    work_off()
    assert "New office" not in anna.get(anna.url("accounts:home")).text
    clock.advance(timedelta(hours=2))
    work_off()
    seen = anna.get(anna.url("accounts:home")).text
    assert "New office &lt;hours&gt;" in seen
    assert "New office" not in boris.get(boris.url("accounts:home")).text
    read = re.search(r'action="([^"]*/read)"', seen)
    assert read is not None
    assert anna.post(read[1], {}, page=anna.url("accounts:home")).status_code == 303
    assert "New office" not in anna.get(anna.url("accounts:home")).text
    assert "New office" in anna.get(anna.url("news:list")).text


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_an_announcement_comes_by_letter_in_the_words_there_are(
    street: Street, desk: Visitor, visit: Visit, work_off: Work, clock: MovableClock, mailbox: Mailbox
) -> None:
    anna = visit(street.anna, street.near)
    for fields in (
        {"title[en]": "New office", "title[ru]": "Новый офис", "body[en]": "At 8."},
        {"title[ru]": "Пуск тепла"},
    ):
        shown = desk.post("/staff/news/announcement", fields).headers["location"]
        desk.post(f"{shown}publish", {"when": "now"}, page=shown)
    work_off()
    entries = anna.get("/notices").text
    assert "New office" in entries
    assert "Пуск тепла" in entries, "said in the only language there is"
    clock.advance(timedelta(days=1))
    work_off()
    (letter,) = mailbox.to("anna@example.org")
    assert "Новый офис" in letter.text
    assert "Пуск тепла" in letter.text


def test_outages_are_open_to_everybody_and_found_by_street(
    street: Street, desk: Visitor, anonymous: Visitor, clock: MovableClock
) -> None:
    assert "outage now" not in anonymous.get("/login").text
    publish(desk, drafted(desk))
    clock.advance(REMEMBERED)
    door = anonymous.get("/login").text
    assert "1 outage now." in door
    assert 'href="/news/outages"' in door
    everybody = anonymous.get("/news/outages").text
    assert "No cold water" in everybody
    assert "Ломоносова, 2–20" in everybody
    assert "No cold water" in anonymous.get("/news/outages?street=ломоносова 14").text
    assert "Nothing is known on this street" in anonymous.get("/news/outages?street=Садовая").text


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"places": "14"}, "We do not understand"),
        ({"begins_time": "25:00"}, "Enter a time such as 14:30."),
        ({"ends_time": "09:00"}, "The end comes after the beginning."),
        ({"service": "magic"}, "Choose a service."),
        ({"brand": "x"}, "Choose a brand."),
    ],
)
def test_what_was_typed_stays_when_something_is_wrong(desk: Visitor, changes: dict[str, str], said: str) -> None:
    answer = desk.post("/staff/news/outage", {**OUTAGE, **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert "Bring a bucket" in answer.text


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_who_came_later_into_the_street_sees_the_accident_too(
    street: Street, desk: Visitor, visit: Visit, work_off: Work, clock: MovableClock
) -> None:
    publish(desk, drafted(desk))
    work_off()
    account = home(street.world, "1003", "Ломоносова, 2")
    bring_in(street.world)
    work_off()
    clock.advance(timedelta(minutes=6))
    work_off()
    clara = visit(street.world.customer("clara@example.org", account), account)
    assert "No cold water" in clara.get(clara.url("accounts:home")).text


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("field", "value"), [("brand", "999"), ("begins_on", "0001-01-01"), ("ends_on", "9999-12-31")])
def test_what_no_calendar_and_no_list_has_is_refused_with_a_sentence(
    street: Street, desk: Visitor, field: str, value: str
) -> None:
    assert desk.post("/staff/news/outage", {**OUTAGE, field: value}).status_code == 422
