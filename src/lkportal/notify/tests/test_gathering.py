"""News once a day or a week: one letter of what is still unread and still due, at the person's hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lkportal.notify.tests.probe.hooks import DONE
from lkportal.notify.tests.test_choices import choose, states, tell
from lkportal.notify.tests.town import Town


def plain(letter: Any) -> str:
    return str(letter.get_body(("plain",)).get_content())


def settle(town: Town, login: str, **letters: str) -> Any:
    """A person who wants letters about news gathered."""
    person = town.person(login, town.account, locale="en")
    fields = {f"letters[probe-{name}]": when for name, when in letters.items()}
    assert choose(town.client(person, "en"), **fields).status_code == 303
    return person


def to_monday(town: Town, hour: int) -> None:
    """Move to an hour of Monday in Moscow; the town begins on Sunday at noon."""
    town.work()  # schedules count from the first look at them
    town.world.clock.advance(timedelta(hours=12 + hour))
    town.work()


def test_what_came_in_a_day_leaves_in_one_letter_in_the_morning(house: Town) -> None:
    anna = settle(house, "anna@example.org", news="daily")
    settle(house, "ben@example.org", news="weekly")
    for about in ("one", "two", "three", "four"):
        tell(house, about, "news")
    browser = house.client(anna, "en")
    entry = browser.get("/notices").text.split('href="/notices/')[-1][:16]
    assert browser.get(f"/notices/{entry}").status_code == 303, "the oldest is read in the portal"
    DONE.add("two")
    to_monday(house, 8)
    assert house.office.letters == []

    house.world.clock.advance(timedelta(hours=1, minutes=10))
    house.work()

    (letter,) = house.office.to("anna@example.org")
    assert letter["Subject"] == "2 pieces of news"
    said = plain(letter)
    assert [word in said for word in ("Say one", "Say two", "Say three", "Say four")] == [False, False, True, True]
    assert "because you chose to have news once a day" in said
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sorted(states(house)[:8:2]) == [
        ("email", "dropped", "done"),
        ("email", "dropped", "read"),
        ("email", "sent", ""),
        ("email", "sent", ""),
    ]
    (other,) = house.office.to("ben@example.org")
    assert other["Subject"] == "3 pieces of news", "Monday morning is the week's hour too"
    house.world.clock.advance(timedelta(days=8))
    house.work()
    assert len(house.office.letters) == 2, "what was told is not told again"


def test_who_read_everything_gets_no_letter(village: Town) -> None:
    settle(village, "anna@example.org", news="daily")
    tell(village, "one", "news")
    DONE.add("one")
    to_monday(village, 10)
    assert village.office.letters == []
    assert states(village) == [("email", "dropped", "done"), ("email", "dropped", "read")]


def test_the_link_in_a_gathered_letter_ends_gathered_letters(village: Town) -> None:
    settle(village, "anna@example.org", news="daily")
    tell(village, "one", "news")
    to_monday(village, 10)
    (letter,) = village.office.letters
    path = letter["List-Unsubscribe"].strip("<>").removeprefix("http://lk.example.org")
    village.client().post(path, data={"List-Unsubscribe": "One-Click"})
    tell(village, "two", "news")
    tell(village, "three", "due")
    village.world.clock.advance(timedelta(days=2))
    village.work()
    assert [each["Subject"] for each in village.office.letters] == ["1 piece of news", "Say three"]
