"""The conversation: one step to write, who answers and when, one thread whatever becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select, update

from lkportal.app import Portal
from lkportal.auth.models import Identity
from lkportal.core.clock import MovableClock
from lkportal.core.imports import run_import
from lkportal.core.jobs import enqueue
from lkportal.core.unit import open_unit
from lkportal.modules.tickets import service
from lkportal.modules.tickets.chat import talking
from lkportal.modules.tickets.chat.hours import answering, told
from lkportal.modules.tickets.jobs import CLOSE
from lkportal.modules.tickets.models import Ticket
from lkportal.modules.tickets.tests.conftest import House, Visit, at_desk, say, token_of
from lkportal.modules.tickets.worktime import WorkCalendar
from lkportal.testing import Mailbox
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

Work = Callable[[], int]
ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
WEEK = {day: (time(9), time(18)) for day in range(5)}
SUNDAY = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def vera(world: World, visit: Visit) -> Visitor:
    """Somebody of the company who says who is whose manager."""
    return visit(world.staff("vera@example.org", "specialist"))


def write(visitor: Visitor, body: str, token: str = "") -> str:
    """Write in the chat; return the page after it."""
    page = visitor.url("tickets:chat")
    typed = {"body": body, "token": token or token_of(visitor.get(page).text, page)}
    answer = visitor.post(page, typed, page=page)
    assert answer.status_code == 303, answer.text
    return str(visitor.get(page).text)


def thread_of(visitor: Visitor) -> str:
    """Return the address of the request behind the chat."""
    shown = visitor.get(visitor.url("tickets:chat")).text
    return unescape(shown[shown.index('id="messages-title"') :].partition('href="')[2].partition('"')[0])


def give(vera: Visitor, house: House, *, position: str = "Key accounts", **typed: object) -> None:
    """Make Olga a manager, and the manager of Anna's account."""
    new = "/staff/tickets/managers/new"
    who = re.findall(r'value="(\w{16})"[^>]*>\s*olga', vera.get(new).text)[0]
    answer = vera.post(new, {"who": who, "position": position, **typed}, page=new)
    assert answer.status_code == 303, answer.text
    card = f"/staff/tickets/of/{house.home.public_id}"
    manager = re.findall(r'value="(\w{16})"', vera.get(card).text)[0]
    assert vera.post(card, {"manager": manager}, page=card).status_code == 303


@ON_SQLITE
def test_one_step_leads_to_a_person_and_the_thread_goes_on(house: House, work_off: Work, mailbox: Mailbox) -> None:
    home = house.anna.get(house.anna.url("accounts:home")).text
    assert house.anna.url("tickets:chat") in home
    empty = house.anna.get(house.anna.url("tickets:chat")).text
    assert "on working days from 09:00 to 18:00" in empty
    assert "We answer tomorrow from 09:00" in empty, "it is Sunday"

    assert "No pressure</p>" in write(house.anna, "No pressure")
    page = thread_of(house.anna)
    assert "No pressure" in house.olga.get("/staff/tickets/?show=talks").text
    say(house.olga, at_desk(page), "Since when?")
    work_off()
    assert "Since when?" in mailbox.last.text

    shown = write(house.anna, "Since Friday")
    assert thread_of(house.anna) == page, "one conversation"
    assert shown.index("No pressure") < shown.index("Since when?") < shown.index("Since Friday")
    assert "Conversations that wait for an answer" in house.olga.get("/staff/").text
    now = house.anna.get(f"{page}now?chat=1").text
    assert "Since Friday" in now
    assert "<html" not in now


@ON_SQLITE
def test_the_managers_name_is_shown_and_conversations_are_theirs(house: House, vera: Visitor, portal: Portal) -> None:
    give(vera, house, days=["mon", "tue", "sat"], since="10:00", until="16:00")
    shown = house.anna.get(house.anna.url("tickets:chat")).text
    assert "<b>olga</b>" in shown
    assert "Key accounts" in shown
    assert "Mon–Tue from 10:00 to 16:00, Sat from 10:00 to 16:00" in shown
    assert "Your manager: olga" in house.anna.get(house.anna.url("accounts:home")).text
    assert "Key accounts" not in house.boris.get(house.boris.url("tickets:chat")).text
    assert "Key accounts" in vera.get(f"/staff/accounts/{house.home.public_id}").text

    write(house.anna, "Hello")
    assert "Hello" in house.olga.get("/staff/tickets/?show=mine").text

    with open_unit(portal.database, portal.unit_context("test")) as db:
        db.execute(update(Identity).where(Identity.login == "olga@example.org").values(disabled_at=SUNDAY))
    assert "Key accounts" not in house.anna.get(house.anna.url("tickets:chat")).text, "who left is nobody's manager"


@ON_SQLITE
def test_a_conversation_becomes_a_request_and_the_next_words_begin_another(house: House) -> None:
    write(house.anna, "The tap drips")
    page = thread_of(house.anna)
    say(house.olga, at_desk(page), "We send somebody")
    turned = house.olga.post(f"{at_desk(page)}turn", {"type": "tickets.repair"}, page=at_desk(page))
    assert turned.status_code == 303

    shown = house.anna.get(page).text
    assert "Something does not work" in shown
    assert (
        shown.index("The tap drips")
        < shown.index("We send somebody")
        < shown.index("The conversation became a request")
    )
    assert "We mean to be ready by" in shown
    again = house.olga.post(f"{at_desk(page)}turn", {"type": "tickets.repair"}, page=at_desk(page))
    assert "changed meanwhile" in house.olga.get(str(again.headers["location"])).text
    write(house.anna, "Another thing")
    assert thread_of(house.anna) != page


def test_the_same_words_sent_twice_are_there_once(house: House, portal: Portal) -> None:
    token = "t" * 16
    write(house.anna, "Once", token)
    shown = write(house.anna, "Once", token)
    assert shown.count("Once</p>") == 1
    with portal.database.reading() as connection:
        assert len(connection.execute(select(Ticket.id)).all()) == 1


@ON_SQLITE
@pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": ["tickets"]}, "tickets": {"shared": False}}])
def test_where_requests_are_each_ones_own_so_is_the_conversation(
    house: House, world: World, visit: Visit, work_off: Work, mailbox: Mailbox
) -> None:
    carl = visit(world.customer("carl@example.org", house.home), house.home)
    write(house.anna, "Between us")
    assert "Between us" not in write(carl, "I am Carl")
    assert "I am Carl" not in house.anna.get(house.anna.url("tickets:chat")).text

    say(house.olga, at_desk(thread_of(house.anna)), "For Anna alone")
    work_off()
    assert [letter.to for letter in mailbox.letters] == ["anna@example.org"], "an answer is told to who asked"
    assert "For Anna" not in carl.get(carl.url("notify:list")).text


@ON_SQLITE
@pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": ["tickets"]}, "tickets": {"chat": False}}])
def test_without_the_chat_nothing_leads_there(house: House) -> None:
    for page in ("accounts:home", "tickets:list", "tickets:choose"):
        assert "/chat" not in house.anna.get(house.anna.url(page)).text
    assert house.anna.get(house.anna.url("tickets:list") + "chat/").status_code == 404
    assert "tickets/chat" not in house.anna.get("/search?q=chat").text


@ON_SQLITE
def test_a_conversation_in_which_the_company_had_the_last_word_ends_by_itself(
    house: House, portal: Portal, clock: MovableClock
) -> None:
    def night() -> str:
        """Let a week and a night pass; return how the conversation stands."""
        clock.advance(timedelta(days=8))
        with open_unit(portal.database, portal.unit_context("test")) as db:
            enqueue(db, CLOSE, {})
        portal.worker().run_once()
        with portal.database.reading() as connection:
            return str(connection.execute(select(Ticket.state)).scalar_one())

    def answer(body: str) -> None:
        with open_unit(portal.database, portal.unit_context("test")) as db:
            service.answer(db, house.home, page.rstrip("/").rpartition("/")[2], None, service.Words(body))

    write(house.anna, "Thanks")
    page = thread_of(house.anna)
    assert night() == "new", "nobody has answered"
    answer("You are welcome")
    assert night() == "solved"
    with open_unit(portal.database, portal.unit_context("test")) as db:
        assert talking.talk(db, house.home, 1, service.Words("One more thing", "m" * 16))[0] in page
    assert night() == "open", "words go on with it, and wait for an answer"
    answer("Done")
    assert (night(), night()) == ("solved", "closed")
    with open_unit(portal.database, portal.unit_context("test")) as db:
        assert talking.talk(db, house.home, 1, service.Words("Hello again", "n" * 16))[0] not in page


def test_a_file_names_managers(house: House, vera: Visitor, portal: Portal, tmp_path: Path) -> None:
    give(vera, house)
    card = f"/staff/accounts/{house.home.public_id}"

    def taken(*lines: str) -> object:
        file = tmp_path / "managers.csv"
        file.write_text("\n".join(("account;manager", *lines)), "utf-8")
        kind = portal.registry.import_kinds["managers"]
        return run_import(portal.database, portal.unit_context("test"), kind, file).rejected

    assert taken("1001;", "1002;olga@example.org", "1003;olga@example.org", "1002;vera@example.org") == 2
    assert "Key accounts" not in vera.get(card).text
    assert "Key accounts" in house.boris.get(house.boris.url("tickets:chat")).text
    assert taken("1001;OLGA@example.org", "1001;olga@example.org") == 0
    assert "Key accounts" in vera.get(card).text


def test_hours_are_told_as_people_say_them() -> None:
    calendar = WorkCalendar("Europe/Moscow", WEEK)
    assert str(told(WEEK)) == "on working days from 09:00 to 18:00"
    assert str(told({day: (time(8), time(20)) for day in range(7)})) == "every day from 08:00 to 20:00"
    assert told({}) is None
    assert str(answering(calendar, SUNDAY).next) == "tomorrow from 09:00"
    assert answering(calendar, SUNDAY + timedelta(days=1)).open
    assert str(answering(calendar, SUNDAY - timedelta(days=1)).next) == "on Monday from 09:00"
    assert str(answering(calendar, SUNDAY + timedelta(hours=18)).next) == "today from 09:00"
    assert answering(WorkCalendar("Europe/Moscow", {}), SUNDAY) == answering(WorkCalendar("UTC", {}), SUNDAY)
