"""A survey from the contact to the person who reads the answer: asked once, seldom, of who may be asked; one tap; a low score is closed
by telling what was done."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from lkportal.accounts.contract import Accounts
from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.events import emit
from lkportal.core.migrating.make import drift
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.ports import port
from lkportal.core.unit import open_unit
from lkportal.modules.surveys import module, service, views
from lkportal.modules.surveys.models import Answer
from lkportal.modules.surveys.settings import SurveysSettings
from lkportal.modules.tariffs.contract import OrderProcessed
from lkportal.modules.tickets import service as tickets
from lkportal.modules.tickets.models import Ticket
from lkportal.testing import Mailbox, personal_gaps
from lkportal.testing.leaks import Prover
from lkportal.testing.town import Town, build, depart
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import NOON, World

Visit = Callable[..., Visitor]
Work = Callable[[], int]
ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


def plant(town: Town, account: AccountRef) -> None:
    """Ask the people of an account something."""
    with town.world.unit() as db:
        for person in port(db, Accounts).members(db, account.id, "surveys.answer")[:2]:  # type: ignore[type-abstract]
            db.add(
                Answer(
                    account_id=account.id, identity_id=person.identity_id, occasion="payments.failed",
                    contact=f"{account.id}.{person.identity_id}", scale=5, low=2, asked_at=town.world.clock.now(),
                    until=date(2027, 1, 1),
                )
            )  # fmt: skip


@ON_SQLITE
@pytest.mark.parametrize("brief", [True, pytest.param(False, marks=pytest.mark.proof)])
def test_nobody_sees_or_changes_what_is_others(portal: Portal, clock: MovableClock, brief: bool) -> None:
    town = build(portal, clock, {"surveys": plant})
    depart(town)
    routes = [name for name, bound in portal.edge.routes.by_name.items() if bound.module == "surveys"]
    report = Prover(town, brief=brief).walk(only=routes)
    assert not report.problems, str(report)


def test_nothing_personal_is_undeclared_and_the_migrations_make_the_tables(portal: Portal) -> None:
    assert personal_gaps([module]) == []
    assert drift(portal.database, module) == []


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["tickets", "surveys"]}}


class House:
    """Anna's flat, which Carl reaches too; Olga answers for the company."""

    def __init__(self, portal: Portal, world: World, visit: Visit, clock: MovableClock) -> None:
        self.portal, self.clock = portal, clock
        self.home = world.account("1001")
        self.anna, self.carl = (world.customer(f"{name}@example.org", self.home) for name in ("anna", "carl"))
        self.olga = world.staff("olga@example.org", "specialist")
        self.visit = visit
        self.numbers = iter(range(1000))

    @property
    def at_home(self) -> Visitor:
        """Anna's browser, signed in now."""
        return self.visit(self.anna, self.home)

    @property
    def at_desk(self) -> Visitor:
        """Olga's browser, signed in now."""
        return self.visit(self.olga)

    def solved(self, person: Actor | None = None) -> str:
        """Let somebody ask for something and the company solve it; return the ticket."""
        who = (person or self.anna).id or 0
        with open_unit(self.portal.database, self.portal.unit_context("test")) as db:
            draft = tickets.Draft("tickets.other", "Water", "Brown", f"{next(self.numbers):016}")
            ticket, _ = tickets.ask(db, self.home, who, draft)
            tickets.answer(db, self.home, ticket.public_id, self.olga.id, tickets.Words("Washed", state="solved"))
            return ticket.public_id

    def later(self, work_off: Work, **passed: int) -> None:
        """Do what waits, let time pass (three hours), do what is due then."""
        work_off()
        self.clock.advance(timedelta(**passed) if passed else timedelta(hours=3))
        work_off()
        work_off()

    def rows(self) -> list[Any]:
        with self.portal.database.reading() as connection:
            return list(connection.execute(select(Answer.__table__).order_by(Answer.id)).all())


@pytest.fixture
def house(portal: Portal, world: World, visit: Visit, clock: MovableClock) -> House:
    return House(portal, world, visit, clock)


def asked(mailbox: Mailbox) -> list[Any]:
    return [letter for letter in mailbox.letters if "Как всё прошло?" in letter.subject]


def link_of(letter: Any) -> str:
    return next(str(link)[str(link).index("/surveys/guest/") :] for link in letter.links if "/surveys/guest/" in link)


def test_a_request_is_asked_about_once_and_the_score_is_its_rating(
    house: House, anonymous: Visitor, work_off: Work, mailbox: Mailbox
) -> None:
    ticket = house.solved()
    house.later(work_off)
    letters = asked(mailbox)
    assert [letter.to for letter in letters] == ["anna@example.org"], "who asked is asked, nobody else of the account"

    link = link_of(letters[0])
    shown = anonymous.get(link).text
    assert "How well were you helped?" in shown
    assert "1001" not in shown, "whose account it is stands nowhere"
    assert anonymous.post(link, {"score": "9"}).status_code == 303
    assert "How well were you helped?" in anonymous.get(link).text
    assert anonymous.post(link, {"score": "no"}).status_code == 422
    anonymous.post(link, {"score": "1"})
    anonymous.post(link, {"score": "5"})
    assert "You gave 1." in anonymous.get(link).text
    anonymous.post(f"{link}/remark", {"remark": "Nobody came"})
    anonymous.post(f"{link}/remark", {"remark": "Second thoughts"})
    assert "nothing more to do" in anonymous.get(link).text
    with house.portal.database.reading() as connection:
        assert connection.execute(select(Ticket.rating).where(Ticket.public_id == ticket)).scalar() == 1

    queue = house.at_desk.get("/staff/").text
    assert "Low scores that wait for a person" in queue
    low = house.at_desk.get("/staff/surveys/low").text
    assert "Nobody came" in low
    one = re.findall(r"/staff/surveys/\w{16}/", low)[0]
    assert f"/staff/tickets/{ticket}/" in house.at_desk.get(one).text
    assert house.at_desk.post(f"{one}done", {"done": ""}, page=one).status_code == 422
    house.at_desk.post(f"{one}done", {"done": "Sent a master"}, page=one)
    again = house.at_desk.post(f"{one}done", {"done": "Me too"}, page="/staff/surveys/low")
    assert again.headers["location"].endswith(one)
    assert "Nobody came" not in house.at_desk.get("/staff/surveys/low").text
    assert "Sent a master" in house.at_desk.get("/staff/surveys/low?care=done").text
    assert house.at_home.get("/staff/surveys/").status_code == 404


@ON_SQLITE
def test_who_rated_on_the_page_of_the_request_is_not_asked_again(
    house: House, work_off: Work, mailbox: Mailbox
) -> None:
    ticket = house.solved()
    with open_unit(house.portal.database, house.portal.unit_context("test")) as db:
        tickets.rate(db, house.home, ticket, 2, "Slow")
    house.later(work_off)
    assert not asked(mailbox)
    assert [(row.score, row.care) for row in house.rows()] == [(2, "open")], "it counts, and reaches a person"


@ON_SQLITE
def test_nobody_is_asked_again_within_the_pause_nor_about_what_is_open_again(
    house: House, work_off: Work, mailbox: Mailbox
) -> None:
    house.solved()
    house.solved(house.carl)
    house.later(work_off)
    house.solved()
    reopened = house.solved(house.carl)
    with open_unit(house.portal.database, house.portal.unit_context("test")) as db:
        tickets.say(db, house.home, reopened, house.carl.id or 0, tickets.Words("Still brown", "again"))
    house.later(work_off)
    assert sorted(letter.to for letter in asked(mailbox)) == ["anna@example.org", "carl@example.org"]
    house.later(work_off, days=31)
    house.solved()
    house.later(work_off)
    assert len(asked(mailbox)) == 3, "a month later they may be asked again"


@ON_SQLITE
@pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": ["payments", "tariffs", "tickets", "surveys"]}}])
def test_an_order_is_asked_about_on_a_scale_of_ten_in_the_companys_words(
    house: House, work_off: Work, mailbox: Mailbox
) -> None:
    page = "/staff/surveys/questions"
    typed = {
        "occasion": "tariffs.processed",
        "on": "on",
        "scale": "10",
        "low": "3",
        "texts[ru]": "",
        "texts[en]": "So?",
    }
    assert "Choose less than" in house.at_desk.post(page, {**typed, "low": "10"}, page=page).text
    assert house.at_desk.post(page, {**typed, "occasion": "nothing"}, page=page).status_code == 404
    house.at_desk.post(page, typed, page=page)
    with open_unit(house.portal.database, house.portal.unit_context("test")) as db:
        emit(db, OrderProcessed("o" * 16, "connect", "s" * 16), account=house.home)
        emit(db, OrderProcessed("o" * 16, "connect", "s" * 16), account=house.home)
    house.later(work_off)
    assert len(asked(mailbox)) == 1

    home = house.at_home.get(house.at_home.url("accounts:home")).text
    mine = re.findall(r"/surveys/\w{16}/\w{16}/", home)[0]
    assert "So?" in house.at_home.get(mine).text
    house.at_home.post(mine, {"score": "0"}, page=mine)
    house.at_home.post(f"{mine}remark", {"remark": "Too slow"}, page=mine)
    assert "nothing more to do" in house.at_home.get(mine).text
    assert [(row.score, row.care, row.remark) for row in house.rows()] == [(0, "open", "Too slow")]
    results = house.at_desk.get("/staff/surveys/").text
    assert "-100" in results
    assert "1 low score waits" in results

    house.at_desk.post(page, {**typed, "on": ""}, page=page)
    house.clock.advance(timedelta(days=40))
    with open_unit(house.portal.database, house.portal.unit_context("test")) as db:
        emit(db, OrderProcessed("p" * 16, "connect", "s" * 16), account=house.home)
    house.later(work_off)
    assert len(asked(mailbox)) == 1, "the company does not ask after orders any more"


@ON_SQLITE
@pytest.mark.parametrize(
    "portal_overrides", [{"modules": {"enabled": ["tickets", "surveys"]}, "surveys": {"consent": "marketing"}}]
)
def test_without_the_consent_nobody_is_asked(house: House, work_off: Work, mailbox: Mailbox) -> None:
    house.solved()
    house.later(work_off)
    assert not asked(mailbox)
    assert not house.rows()


@ON_SQLITE
def test_a_letter_that_waited_too_long_does_not_leave_and_its_link_says_so(
    house: House, anonymous: Visitor, work_off: Work, mailbox: Mailbox
) -> None:
    house.solved()
    house.later(work_off)
    link = link_of(asked(mailbox)[0])
    house.clock.advance(timedelta(days=13, hours=20))
    assert "How well" in anonymous.get(link).text
    house.clock.advance(timedelta(days=1))
    gone = anonymous.get(link)
    assert "How well" not in gone.text or "Nothing is asked" in gone.text
    anonymous.post(link, {"score": "5"})
    assert [row.score for row in house.rows()] == [None]


def test_of_two_contacts_at_once_one_is_asked_about(house: House, portal: Portal) -> None:
    both, told = Barrier(2), list[str]()
    member = SimpleNamespace(identity_id=house.anna.id, public_id=house.anna.public_id)

    def at_once(contact: str) -> None:
        both.wait()
        try:
            with open_unit(portal.database, portal.unit_context("test")) as db:
                service.ask(db, house.home, member, ("payments.failed", contact), (5, 2), SurveysSettings())  # type: ignore[arg-type]
            told.append(contact)
        except service.NotNow:
            pass

    threads = [Thread(target=at_once, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(told) == len(house.rows()) == 1


def test_months_tell_satisfaction_and_nps() -> None:
    def row(nth: int, scale: int, score: int, amount: int) -> Any:
        return SimpleNamespace(nth=nth, scale=scale, score=score, amount=amount)

    begins = views.beginnings(NOON, "Europe/Moscow")
    rows = [row(0, 5, 5, 2), row(0, 5, 1, 1), row(1, 10, 10, 1), row(1, 10, 0, 3), row(1, 10, 8, 2)]
    months = views.months(rows, begins)
    assert [(each.answers, each.satisfied, each.nps) for each in months] == [(3, 67, None), (6, None, -33)]
    assert len(begins) == len({each.date() for each in begins}) == 12
