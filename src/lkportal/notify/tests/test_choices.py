"""A person chooses how they are told, and so they are: ways, quiet hours, one way after the other, nothing about what is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lkportal.core.notices import NoticeSender, Told
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.ports import port
from lkportal.notify.tests.probe.hooks import DONE
from lkportal.notify.tests.town import PostOffice, Town, town
from lkportal.testing.clients import PortalClient

_ORIGIN = {"origin": "http://lk.example.org"}


def tell(town: Town, about: str, topic: str = "due", *accounts: AccountRef) -> int:
    with town.world.unit() as db:
        told = [
            Told(each.id, f"{about}/{place}" if place else about, {"subject_words": f"Say {about}"})
            for place, each in enumerate(accounts or (town.account,))
        ]
        return port(db, NoticeSender).tell_many(db, f"probe.{topic}", told)  # type: ignore[type-abstract]


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def choose(browser: PortalClient, path: str = "/settings/notices", /, **fields: Any) -> Any:
    """Send the page as it stands, with some fields changed: `ways` and `letters` by topic."""
    page = browser.get(path).text
    sent: dict[str, Any] = {"csrf_token": token(page)}
    sent["ways"] = re.findall(r'name="ways" value="([^"]+)" checked', page)
    for name, body in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        sent[name] = chosen[1] if chosen else ""
    sent |= {name: "on" for name in ("step_by_step",) if re.search(f'name="{name}" value="on" checked', page)}
    sent |= fields
    return browser.post(path, data={k: v for k, v in sent.items() if v is not None}, headers=_ORIGIN)


def states(town: Town) -> list[tuple[object, ...]]:
    """Return what became of the messages; those about readings come in between, as days go by."""
    ours = "SELECT channel, state, error FROM notify_letters WHERE substr(notice, 1, 9) <> 'readings.' ORDER BY id"
    return list(town.rows(ours))


def with_phone(town: Town, login: str = "anna@example.org") -> Actor:
    anna = town.person(login, town.account, locale="en")
    town.change(anna, phone="+79160000001", phone_confirmed_at=town.world.clock.now())
    return anna


def test_what_was_chosen_stands_on_the_page_and_holds(house: Town) -> None:
    anna = house.person("anna@example.org", house.account, locale="en")
    browser = house.client(anna, "en")
    assert choose(browser, **{"letters[probe-news]": "off", "ways": []}).status_code == 303

    tell(house, "one", "news")
    house.work()

    assert house.office.letters == []
    assert "Say one" not in browser.get("/notices").text, "she wants no list about it either"
    page = browser.get("/settings/notices").text
    assert re.search(r'name="letters\[probe-news\]".*?value="off" selected', page, re.DOTALL)
    assert "<small>Not told</small>" in page, "the line says what is chosen before it is opened"
    assert "<small>Always by letter" in page, "and what cannot be switched off"
    assert 'href="/settings/notices"' in browser.get("/notices").text, "the bell leads there"


def test_what_is_obligatory_cannot_be_switched_off_and_says_why(village: Town) -> None:
    anna = village.person("anna@example.org", village.account, locale="en")
    browser = village.client(anna, "en")
    page = browser.get("/settings/notices").text
    assert "It is about you." in page
    assert "letters[probe-must]" not in page

    assert (
        choose(
            browser, **{"letters[probe-must]": "off", "ways": [], "quiet_from": "00:01", "quiet_until": "00:00"}
        ).status_code
        == 303
    )
    tell(village, "one", "must")
    village.work()

    (letter,) = village.office.letters
    assert letter["List-Unsubscribe"] is None
    assert "Say one" in browser.get("/notices").text


def test_one_account_may_be_told_of_otherwise(village: Town) -> None:
    flat, dacha = village.account, village.world.account("0999")
    anna = village.person("anna@example.org", flat, dacha, locale="en")
    browser = village.client(anna, "en")
    path = f"/settings/notices/{dacha.public_id}"
    assert choose(browser, path, **{"letters[probe-news]": "off"}).status_code == 303

    tell(village, "one", "news", flat, dacha)
    village.work()
    assert len(village.office.letters) == 1

    page = browser.get(path).text
    assert browser.post(path, data={"csrf_token": token(page), "reset": "on"}, headers=_ORIGIN).status_code == 303
    tell(village, "two", "news", flat, dacha)
    village.work()
    assert len(village.office.letters) == 3


def test_strange_input_is_answered_on_the_page_and_nothing_typed_is_lost(village: Town) -> None:
    browser = village.client(village.person("anna@example.org", village.account, locale="en"), "en")
    answer = choose(
        browser, quiet_from="25:99", quiet_until="07:00", zone="Mars/Olympus", **{"letters[probe-news]": "weekly"}
    )
    assert answer.status_code == 422
    assert "Write the time like this" in answer.text
    assert 'value="25:99"' in answer.text
    assert re.search(r'name="letters\[probe-news\]".*?value="weekly" selected', answer.text, re.DOTALL)
    assert choose(browser, quiet_from="22:00").status_code == 422
    assert choose(browser, zone="Mars/Olympus").status_code == 422
    assert choose(browser, **{"letters[probe-news]": "hourly"}).status_code == 422


def test_quiet_hours_keep_a_letter_until_they_end(village: Town) -> None:
    anna = village.person("anna@example.org", village.account, locale="en")
    # It is noon in Moscow.
    assert choose(village.client(anna, "en"), quiet_from="11:00", quiet_until="14:30").status_code == 303
    tell(village, "one", "news")
    village.world.clock.advance(timedelta(hours=2, minutes=29))
    village.work()
    assert village.office.letters == []
    village.world.clock.advance(timedelta(minutes=2))
    village.work()
    assert len(village.office.letters) == 1


def test_a_try_that_comes_back_in_quiet_hours_waits_for_their_end(village: Town) -> None:
    anna = village.person("anna@example.org", village.account, locale="en")
    choose(village.client(anna, "en"), quiet_from="12:01", quiet_until="13:00")
    tell(village, "one", "news")
    village.office.answers = [("RCPT", "451 later")]
    village.work()
    village.world.clock.advance(timedelta(minutes=5))
    village.work()
    assert village.office.letters == []
    village.world.clock.advance(timedelta(minutes=56))
    village.work()
    assert len(village.office.letters) == 1


@pytest.fixture
def texted(sqlite_url: str, tmp_path: Path, office: PostOffice) -> Iterator[Town]:
    """A town that sends text messages, into the demo's mailbox."""
    with town(sqlite_url, tmp_path, office, notify={"sms": {"gateway": "console"}}, demo=True) as made:
        yield made


def test_ways_follow_one_another_until_it_is_read(texted: Town) -> None:
    anna = with_phone(texted)
    tell(texted, "one")
    texted.work()
    assert states(texted) == [("email", "sent", ""), ("sms", "queued", "")]

    texted.world.clock.advance(timedelta(hours=25))
    texted.work()
    assert states(texted)[1] == ("sms", "sent", "")

    tell(texted, "two")
    texted.work()
    letter = texted.office.letters[-1]
    plain = letter.get_body(("plain",))
    assert plain is not None
    followed = re.search(r"http://lk.example.org(/notices/[A-Za-z0-9]{16})", plain.get_content())
    assert followed is not None
    assert texted.client(anna).get(followed[1]).status_code == 303
    texted.world.clock.advance(timedelta(hours=25))
    texted.work()
    assert states(texted)[-1] == ("sms", "dropped", "read")


def test_nothing_is_sent_about_what_was_done_meanwhile(texted: Town) -> None:
    with_phone(texted)
    tell(texted, "one")
    texted.work()
    DONE.add("one")
    texted.world.clock.advance(timedelta(hours=25))
    texted.work()
    assert states(texted) == [("email", "sent", ""), ("sms", "dropped", "done")]


def test_what_was_switched_off_meanwhile_is_not_sent(texted: Town) -> None:
    anna = with_phone(texted)
    tell(texted, "one")
    texted.work()
    choose(texted.client(anna, "en"), ways=["probe-due:in_app"])
    texted.world.clock.advance(timedelta(hours=25))
    texted.work()
    assert states(texted)[1] == ("sms", "dropped", "off")


def test_a_person_is_told_once_of_one_thing(house: Town) -> None:
    house.person("anna@example.org", house.account)
    assert (tell(house, "one", "news"), tell(house, "one", "news")) == (1, 0)
    house.work()
    assert len(house.office.letters) == 1


def test_many_are_told_with_as_few_statements_as_few(house: Town) -> None:
    crowd = [house.world.account(f"07{number:04}") for number in range(40)]
    for place, account in enumerate(crowd):
        house.person(f"p{place}@example.org", account)
    counts = []
    for portion, about in ((crowd[:2], "few"), (crowd, "many")):
        seen: list[str] = []

        def count(moment: str, sql: str, seen: list[str] = seen) -> None:
            if moment == "before_statement":
                seen.append(sql)

        with house.portal.database.observe(count):
            assert tell(house, about, "news", *portion) == len(portion)
        counts.append(len(seen))
    assert counts[0] == counts[1] < 16


def test_the_link_in_a_letter_ends_letters_about_its_topic(village: Town) -> None:
    village.person("anna@example.org", village.account, locale="en")
    tell(village, "one", "news")
    village.work()
    letter = village.office.letters[-1]
    link = letter["List-Unsubscribe"].strip("<>")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    body = letter.get_body(("plain",))
    assert body is not None
    assert link in body.get_content().replace("\n", "")
    path = link.removeprefix("http://lk.example.org")
    stranger = village.client()

    assert "News" in stranger.get(path).text, "looking at the link ends nothing"
    tell(village, "two", "news")
    village.work()
    assert len(village.office.letters) == 2

    clicked = stranger.post(path, data={"List-Unsubscribe": "One-Click"})
    assert (clicked.status_code, clicked.text) == (200, "")
    tell(village, "three", "news")
    tell(village, "four", "due")
    village.work()
    assert len(village.office.letters) == 3, "of other topics she is told as before"

    stranger.post(path, data={"again": "on"})
    tell(village, "five", "news")
    village.work()
    assert len(village.office.letters) == 4
    assert stranger.get("/notices/stop/nonsense").status_code == 404
