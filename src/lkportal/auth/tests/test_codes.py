"""Stories of the way in by a code: asked for, sent once, typed at most five times; the link of the letter opens anywhere, once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from lkportal.auth.one_time import codes
from lkportal.auth.one_time.codes import Asking
from lkportal.auth.one_time.minting import DIGITS, Mint
from lkportal.auth.sessions import Origin
from lkportal.auth.tests.house import OTHER, Browser, House
from lkportal.auth.tests.test_entering import sameness
from lkportal.core.asked.letters import TextMessages
from lkportal.core.unit import open_unit
from lkportal.testing.races import race

ANNA, PHONE = "anna@example.org", "+79161234567"


def code_of(house: House) -> str:
    """The code of the newest letter."""
    found = re.search(r"\d{3}-\d{2}-\d{2}", house.letters[-1].text)
    assert found is not None
    return found[0]


def ask(browser: Browser, login: str = ANNA, **fields: str) -> None:
    """Ask for a code and go to where it is typed."""
    assert browser.send("/login/code", login=login, **fields).headers["location"] == "/login/code/enter"


def type_in(browser: Browser, code: str) -> int:
    """Type a code; return the status of the answer."""
    return browser.send("/login/code/enter", code=code).status_code


def wrong(code: str) -> str:
    """Another code than this."""
    digits = code.replace("-", "")
    return f"{(int(digits) + 1) % 10**DIGITS:0{DIGITS}d}"


def test_a_code_from_the_letter_signs_in_and_leads_to_the_page_that_was_wanted(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    assert "/login/code" in browser.get("/login").text
    ask(browser, next="/settings/sessions")
    page = browser.get("/login/code/enter").text
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page

    done = browser.send("/login/code/enter", code=code_of(house))

    assert done.headers["location"] == "/settings/sessions"
    assert browser.inside()
    assert house.letters[-1].to == ANNA
    assert house.count("SELECT count(*) FROM auth_sessions WHERE methods = 'code:email'") == 1


def test_a_code_works_once_for_ten_minutes_and_five_guesses(house: House) -> None:
    house.person(ANNA)
    spent, late, guessed = house.browser(), house.browser(), house.browser()
    ask(spent)
    code = code_of(house)
    cookies = dict(spent.client.cookies)
    assert type_in(spent, code) == 303
    again = house.browser()
    again.client.cookies.update({name: cookies[name] for name in cookies if name != "lk_session"})
    assert type_in(again, code) == 422

    ask(guessed)
    code = code_of(house)
    assert [type_in(guessed, wrong(code)) for _ in range(5)] == [422] * 5
    assert type_in(guessed, code) == 422

    ask(late)
    code = code_of(house)
    house.clock.advance(timedelta(minutes=10))
    assert late.client.post("/login/code/enter").status_code in (303, 403, 422)
    assert not late.inside()
    assert code


def test_a_code_belongs_to_the_browser_that_asked(house: House) -> None:
    house.person(ANNA)
    hers, thief = house.browser(), house.browser()
    ask(hers)
    code = code_of(house)
    ask(thief, "vera@example.org")

    assert type_in(thief, code) == 422
    assert house.browser().get("/login/code/enter").headers["location"] == "/login/code"
    assert type_in(hers, code) == 303


def test_the_link_asks_first_in_another_browser_and_signs_in_where_it_is_opened(house: House) -> None:
    house.person(ANNA)
    asked, other = house.browser(), house.browser(address="198.51.100.9")
    ask(asked, next="/settings/sessions")
    link = house.letters[-1].link
    assert "Sign in on this device?" not in asked.get(link).text
    shown = other.get(link).text
    assert "Sign in on this device?" in shown
    assert "Chrome, Windows" in shown
    assert not other.inside()

    assert other.send(link).status_code == 303

    assert other.inside()
    assert not asked.inside()
    assert asked.get(link).status_code == 410
    assert type_in(asked, "1234567") == 422


def test_the_same_browser_follows_the_link_to_the_page_it_wanted(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    ask(browser, next="/settings/sessions")

    assert browser.send(house.letters[-1].link).headers["location"] == "/settings/sessions"


def test_nobody_learns_from_asking_or_typing_who_is_known(house: House) -> None:
    house.person(ANNA)
    house.person("+79215551042")
    answers = []
    for login in (ANNA, "nobo@example.org", "+79215551042"):
        browser = house.browser()
        asked = browser.send("/login/code", login=login)
        shown = browser.get("/login/code/enter")
        typed = browser.send("/login/code/enter", code="1234567")
        again = browser.send("/login/code/again", page="/login/code/enter", by="email")
        answers.append([sameness(each, login) for each in (asked, shown, typed, again)])
    house.letters.clear()

    assert answers[0] == answers[1]
    assert answers[0][1:] == answers[2][1:]


def test_the_same_code_is_sent_again_after_a_minute_and_four_times_at_most(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    ask(browser)
    first = code_of(house)

    def again() -> int:
        return browser.send("/login/code/again", page="/login/code/enter", by="email").status_code

    soon = browser.send("/login/code/again", page="/login/code/enter", by="email")
    assert (soon.status_code, soon.headers["retry-after"]) == (429, "60")
    for _ in range(3):
        house.clock.advance(timedelta(seconds=61))
        assert again() == 303
    house.clock.advance(timedelta(seconds=61))
    assert again() == 429
    assert len(house.letters) == 4
    assert code_of(house) == first
    assert len({letter.message_id for letter in house.letters}) == 4
    assert type_in(browser, first) == 303


def test_strangers_who_keep_asking_never_keep_the_owner_of_a_new_device_out(house: House) -> None:
    house.person(ANNA)
    for turn in range(40):
        ask(house.browser(address=f"198.51.{turn}.9"))
        house.clock.advance(timedelta(seconds=30))
    sent = len(house.letters)
    assert sent <= 3 + 20 * 60 // 300 + 1

    owner = house.browser(address="192.0.2.1")
    ask(owner)
    house.letters  # noqa: B018 - what waits is sent

    assert owner.send(house.letters[-1].link).status_code == 303
    assert owner.inside()


def test_a_device_that_is_known_has_messages_of_its_own(house: House) -> None:
    house.person(ANNA)
    known = house.browser()
    known.sign_in(ANNA)
    known.send("/logout", page="/settings/sessions")
    for turn in range(9):
        ask(house.browser(address=f"198.51.{turn}.9"))
    before = len(house.letters)

    ask(known)

    assert len(house.letters) == before + 1
    assert type_in(known, code_of(house)) == 303


def test_one_network_cannot_write_to_the_whole_town(house: House) -> None:
    browser = house.browser()
    statuses = [browser.send("/login/code", login=f"p{n}@example.org") for n in range(92)]

    assert [each.status_code for each in statuses[:90]] == [303] * 90
    assert statuses[90].status_code == 429
    assert int(statuses[90].headers["retry-after"]) > 0


def test_a_way_that_is_off_leaves_no_trace(build: Callable[..., House]) -> None:
    browser = build(ways=("password",)).browser()

    assert "/login/code" not in browser.get("/login").text
    for path in ("/login/code", "/login/code/enter", "/login/link/x"):
        assert browser.get(path).status_code == 404


def test_who_is_disabled_meanwhile_stays_out(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    ask(browser)
    code, link = code_of(house), house.letters[-1].link
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql("UPDATE auth_identities SET disabled_at = created_at")

    assert type_in(browser, code) == 422
    assert browser.send(link).status_code == 410


def test_a_copy_of_the_database_shows_no_code_and_no_link(house: House) -> None:
    house.person(ANNA)
    browser = house.browser()
    ask(browser)
    before = house.dump()
    code, link = code_of(house), house.letters[-1].link
    everything = before + house.dump()

    assert code not in everything
    assert code.replace("-", "") not in everything
    assert link.rpartition("/")[2] not in everything


def test_a_new_password_voids_nothing_it_should_not(house: House) -> None:
    """A code proves the mailbox, not the password: a new password leaves it, a new mailbox voids it (see test_contacts)."""
    house.person(ANNA)
    browser = house.browser()
    ask(browser)
    code = code_of(house)
    other = house.browser()
    other.sign_in(ANNA)
    changed = other.send("/settings/password", current="kettle under nine maps", password=OTHER)
    assert changed.status_code == 303
    assert type_in(browser, code) == 303


@pytest.mark.parametrize("by", ["typed", "link"])
def test_of_eight_who_spend_a_code_at_once_one_gets_in(house: House, by: str) -> None:
    person = house.person(ANNA)
    mint = house.portal.ports.get(Mint)
    for _ in range(12):
        with open_unit(house.portal.database, house.portal.unit_context()) as db:
            asking = Asking("entry", person, "email", Origin(), "en", "")
            browser = codes.ask(db, mint, asking)
            row = (
                db.connection()
                .exec_driver_sql("SELECT public_id FROM auth_codes ORDER BY id DESC LIMIT 1")
                .scalar_one()
            )

        def spend(_: int) -> bool:
            with open_unit(house.portal.database, house.portal.unit_context()) as db:
                if by == "link":
                    return codes.follow(db, mint.link(row)) is not None  # noqa: B023 - used at once
                return codes.guess(db, mint, browser, "entry", mint.code(row)) is not None  # noqa: B023 - as above

        assert sum(race(spend, range(8))) == 1


def test_codes_are_spread_evenly() -> None:
    from pydantic import SecretStr

    mint = Mint(SecretStr("k" * 32))
    made = [mint.code(f"row{n}") for n in range(4_000)]
    assert all(len(code) == DIGITS and code.isdigit() for code in made)
    assert len(set(made)) > 3_990
    for place in range(DIGITS):
        counts = [sum(code[place] == digit for code in made) for digit in "0123456789"]
        assert min(counts) > 300, (place, counts)


class Pocket:
    """Fills the port TextMessages: keeps what is sent to phones."""

    on = True

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def deliver(self, *, to: str, template: str, values: dict[str, str], **_: object) -> None:
        self.sent.append((to, str(values["shown"])))


@pytest.fixture
def pocket(house: House, monkeypatch: pytest.MonkeyPatch) -> Pocket:
    """Text messages are on."""
    made = Pocket()
    ports = house.portal.ports
    monkeypatch.setitem(ports._filled, TextMessages, made)  # type: ignore[misc]
    return made


def test_a_phone_is_confirmed_by_a_message_and_signs_in_from_then_on(house: House, pocket: Pocket) -> None:
    house.person(ANNA)
    browser = house.browser()
    browser.sign_in(ANNA)
    assert browser.send("/settings/phone", phone="8 (916) 123-45-67").headers["location"] == "/settings/phone/code"
    assert house.letters
    assert browser.send("/settings/phone/code", code=pocket.sent[-1][1]).status_code == 303
    assert pocket.sent[-1][0] == PHONE

    by_phone = house.browser()
    assert by_phone.sign_in("8 916 123-45-67").status_code == 303
    coded = house.browser()
    ask(coded, "+7 916 1234567")
    assert house.letters
    assert pocket.sent[-1][0] == PHONE
    assert type_in(coded, pocket.sent[-1][1]) == 303
    assert house.count("SELECT count(*) FROM auth_sessions WHERE methods = 'code:sms'") == 1

    assert browser.send("/settings/phone/remove", page="/settings/phone").status_code == 303
    assert (PHONE, "auth/texts/contact_changed") in [(letter.to, letter.subject) for letter in house.letters]
    assert house.browser().sign_in(PHONE).status_code == 422


def test_the_same_code_goes_by_the_other_way_when_that_is_asked_for(house: House, pocket: Pocket) -> None:
    house.person(ANNA)
    with house.portal.database.unit() as db:
        db.connection().exec_driver_sql(
            f"UPDATE auth_identities SET phone = '{PHONE}', phone_confirmed_at = created_at"
        )
    browser = house.browser()
    ask(browser)
    first = code_of(house)
    house.clock.advance(timedelta(seconds=61))
    assert browser.send("/login/code/again", page="/login/code/enter", by="sms").status_code == 303
    assert house.letters

    assert pocket.sent == [(PHONE, first)]
