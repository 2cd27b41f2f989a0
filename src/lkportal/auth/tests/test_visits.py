"""Stories of a new device: a letter tells of it, its link ends that sign-in once, and the history shows who came and who did not."""

from __future__ import annotations

from datetime import timedelta

from lkportal.auth.origins import spoken_network
from lkportal.auth.own import visits
from lkportal.auth.sessions import Origin
from lkportal.auth.tests.house import House
from lkportal.core.jobs import enqueue
from lkportal.core.unit import open_unit

ANNA = "anna@example.org"
NEW = "Вход с нового устройства"


def test_a_network_is_told_as_people_know_addresses() -> None:
    networks = ("203.0.113.0/24", "2001:db8:7::/48", "")
    assert [spoken_network(each) for each in networks] == ["203.0.113.x", "2001:db8:7::", ""]


def test_a_new_device_is_told_and_its_link_ends_that_sign_in_alone(house: House) -> None:
    house.person(ANNA)
    known, thief = house.browser(), house.browser(address="198.51.100.9")
    known.sign_in(ANNA)
    thief.sign_in(ANNA)
    letters = [letter for letter in house.letters if letter.subject == NEW]
    assert [letter.to for letter in letters] == [ANNA, ANNA]
    assert "Chrome, Windows" in letters[1].text
    assert "198.51.100.x" in letters[1].text
    reader = house.browser(address="192.0.2.5")
    assert "Chrome, Windows" in reader.get(letters[1].link).text
    assert thief.inside()

    assert "That device is signed out" in reader.send(letters[1].link).text

    assert not thief.inside()
    assert known.inside()
    assert not reader.inside()
    assert "nothing to end" in reader.get(letters[1].link).text


def test_a_device_that_is_known_is_not_told_of(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    for _ in range(3):
        browser.sign_in(ANNA)
        browser.send("/logout", page="/settings/sessions")

    assert [letter.subject for letter in house.letters] == [NEW]


def test_the_link_about_a_device_opens_for_a_week(house: House) -> None:
    house.person(ANNA)
    house.browser().sign_in(ANNA)
    link = house.letters[-1].link
    house.clock.advance(timedelta(days=7, seconds=1))

    assert "nothing to end" in house.browser().get(link).text


def test_a_person_reads_when_they_signed_in_and_when_it_was_tried_in_vain(house: House) -> None:
    house.person(ANNA)
    house.person("vera@example.org")
    house.browser(address="198.51.100.9").sign_in(ANNA, "a wrong guess")
    house.browser(address="192.0.2.77").sign_in("vera@example.org")
    browser = house.browser()
    browser.sign_in(ANNA)

    page = browser.get("/settings/history").text

    assert page.count("Chrome, Windows") == 2
    assert page.count("Not let in") == 1
    assert page.count("New device") == 1
    assert "198.51.100.x" in page
    assert "192.0.2.x" not in page
    assert house.count("SELECT count(*) FROM auth_visits WHERE methods = 'password' AND known = false") == 3


def test_the_history_is_read_in_pages_and_cleared_when_it_is_old(house: House) -> None:
    person = house.person(ANNA)
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        for _ in range(33):
            visits.came(db, person, Origin("Firefox, Linux"), ("password",), known=True)
    browser = house.browser()
    browser.sign_in(ANNA)
    assert browser.get("/settings/history").text.count("Firefox, Linux") == 29
    assert browser.get("/settings/history?page=2").text.count("Firefox, Linux") == 4

    house.clock.advance(timedelta(days=401))
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        enqueue(db, "auth.clear", {})
    assert house.letters
    assert house.count("SELECT count(*) FROM auth_visits") == 0
