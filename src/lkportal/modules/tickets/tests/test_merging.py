"""Two requests about one thing: one takes the other in, nothing of what was written is lost or told to others."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlalchemy import select, update

from lkportal.app import Portal
from lkportal.core.ports import port
from lkportal.core.unit import open_unit
from lkportal.modules.tickets import merging, service
from lkportal.modules.tickets.contract import TicketsOutside
from lkportal.modules.tickets.models import Message, Ticket
from lkportal.modules.tickets.tests.conftest import House, asked, at_desk, say
from lkportal.testing import Mailbox
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

Work = Callable[[], int]


ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


def key_of(page: str) -> str:
    return page.rstrip("/").rpartition("/")[2]


def join(olga: Visitor, into: str, taken: str) -> str:
    """Let the desk join two requests; return what its page says then."""
    desk = at_desk(into)
    answer = olga.post(f"{desk}merge", {"other": key_of(taken)}, page=desk)
    assert answer.status_code == 303, answer.text
    return str(olga.get(str(answer.headers["location"])).text)


@ON_SQLITE
def test_the_words_stand_in_order_and_the_customer_is_told_once(house: House, work_off: Work, mailbox: Mailbox) -> None:
    first = asked(house.anna, body="Brown water")
    second = asked(house.anna, body="Still brown water")
    say(house.anna, first, "In the kitchen")
    say(house.olga, at_desk(second), "A note", inner="1")
    assert "cannot be undone" in house.olga.get(at_desk(first)).text

    assert "The customer was told" in join(house.olga, first, second)
    work_off()
    shown = house.anna.get(first).text
    assert shown.index("Brown water</p>") < shown.index("Still brown water</p>") < shown.index("In the kitchen</p>")
    assert "A note" not in shown
    assert "A note" in house.olga.get(at_desk(first)).text
    gone = house.anna.get(second).text
    assert "Joined to request No. 1" in gone
    assert 'name="body"' not in gone
    assert [letter.subject for letter in mailbox.letters] == ["Ваше обращение № 2 продолжается как № 1"]
    assert "changed meanwhile" in join(house.olga, first, second)
    work_off()
    assert len(mailbox.letters) == 1
    assert "Joined to another one" in house.anna.get(house.anna.url("tickets:list")).text


@ON_SQLITE
def test_what_another_system_says_of_the_one_that_is_gone_reaches_the_customer(house: House, portal: Portal) -> None:
    first, second = asked(house.anna), asked(house.anna)
    join(house.olga, first, second)
    with open_unit(portal.database, portal.unit_context("test")) as db:
        outside = port(db, TicketsOutside)  # type: ignore[type-abstract]
        assert outside.answer(db, key_of(second), "17", "From the CRM")
        assert outside.states(db.connection(), [key_of(second)]) == {key_of(second): "open"}
        assert not outside.move(db, key_of(second), "merged")
    assert "From the CRM" in house.anna.get(first).text


@ON_SQLITE
def test_requests_of_two_accounts_are_not_joined(house: House) -> None:
    first, other = asked(house.anna), asked(house.boris)
    assert key_of(other) not in house.olga.get(at_desk(first)).text
    assert "changed meanwhile" in join(house.olga, first, other)
    assert "brown" in house.boris.get(other).text
    assert house.olga.post(f"{at_desk(first)}merge", {"other": "nothing"}, page=at_desk(first)).status_code == 422
    assert house.olga.post(f"{at_desk(first)}merge", {"other": "A" * 16}, page=at_desk(first)).status_code == 404
    assert house.anna.post(f"{at_desk(first)}merge", {"other": key_of(other)}, page=first).status_code == 404


@ON_SQLITE
@pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": ["tickets"]}, "tickets": {"shared": False}}])
def test_nor_those_of_two_people_who_see_each_their_own(
    house: House, world: World, visit: Callable[..., Visitor]
) -> None:
    carl = visit(world.customer("carl@example.org", house.home), house.home)
    first, other = asked(house.anna), asked(carl, body="Mine")
    assert "changed meanwhile" in join(house.olga, first, other)
    assert "Mine" not in house.anna.get(first).text


@ON_SQLITE
def test_a_token_typed_into_both_does_not_stand_in_the_way(house: House, portal: Portal) -> None:
    first, second = asked(house.anna), asked(house.anna)
    for page in (first, second):
        sent = house.anna.post(f"{page}say", {"body": f"In {page}", "token": "s" * 16}, page=page)
        assert sent.status_code == 303
    join(house.olga, first, second)
    assert f"In {second}" in house.anna.get(first).text


@ON_SQLITE
def test_the_earlier_promise_holds_and_what_was_joined_before_follows(house: House, portal: Portal) -> None:
    slow, quick, third = asked(house.anna), asked(house.anna, "tickets.repair", place="Kitchen"), asked(house.anna)
    with portal.database.reading() as connection:
        due = connection.execute(select(Ticket.solve_due).where(Ticket.public_id == key_of(quick))).scalar()
    join(house.olga, slow, quick)
    join(house.olga, third, slow)
    with portal.database.reading() as connection:
        rows = {row.public_id: row for row in connection.execute(select(Ticket.__table__)).all()}
    kept = rows[key_of(third)]
    assert kept.solve_due == due
    assert kept.urgent
    assert {rows[key_of(each)].merged_id for each in (slow, quick)} == {kept.id}


def test_two_who_join_the_other_way_round_leave_one(house: House, portal: Portal) -> None:
    pages = asked(house.anna), asked(house.anna)
    both, done = Barrier(2), list[str]()

    def at_once(into: str, taken: str) -> None:
        both.wait()
        try:
            with open_unit(portal.database, portal.unit_context("test")) as db:
                merging.merge(db, house.home, key_of(into), key_of(taken), 1)
            done.append(into)
        except service.MovedOn:
            pass

    threads = [Thread(target=at_once, args=order) for order in (pages, pages[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(done) == 1
    with portal.database.reading() as connection:
        assert sorted(connection.execute(select(Ticket.state)).scalars()) == ["merged", "new"]
        said = connection.execute(select(Message.ticket_id).where(Message.body != "")).scalars().all()
    assert len(said) == 2
    assert len(set(said)) == 1


@ON_SQLITE
def test_words_written_at_that_moment_are_refused_not_lost(house: House, portal: Portal) -> None:
    first, second = asked(house.anna), asked(house.anna)
    with open_unit(portal.database, portal.unit_context("test")) as db:
        row = service.known(db, key_of(second))
        db.execute(
            update(Ticket).where(Ticket.id == row.id).values(state="open"),
            execution_options={"synchronize_session": False},
        )
        with pytest.raises(service.MovedOn):
            service.step(db, row, "merged", {"merged_id": 1})
    join(house.olga, first, second)
    sent = house.anna.post(f"{second}say", {"body": "Late", "token": "l" * 16}, page=first)
    assert "changed meanwhile" in house.anna.get(str(sent.headers["location"])).text
