"""Another system where the company works on tickets: what it is told, and what it brings."""

from __future__ import annotations

import pytest

from lkportal.app import Portal
from lkportal.modules.tickets.contract import TicketsOutside
from lkportal.modules.tickets.tests.conftest import House, asked, at_desk, say
from lkportal.testing.world import World

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


def test_it_is_told_the_request_and_no_note(house: House, portal: Portal) -> None:
    page = asked(house.anna)
    ticket = page.rstrip("/").rpartition("/")[2]
    outside = portal.ports.get(TicketsOutside)  # type: ignore[type-abstract]
    assert say(house.olga, at_desk(page), "He always complains.", inner="1", after="open").status_code == 303

    with portal.database.reading() as connection:
        told = outside.read(connection, ticket)
        ids = connection.exec_driver_sql("SELECT public_id FROM tickets_messages").scalars().all()
        read = [outside.message(connection, each) for each in ids]
        assert outside.states(connection, [ticket, "nobody"]) == {ticket: "new"}
        assert outside.read(connection, "nobody") is None

    assert told is not None
    assert (told.words, told.account, told.email) == ("Why is the water brown?", "1001", "anna@example.org")
    assert len(ids) == 2
    assert [each.words for each in read if each] == ["Why is the water brown?"]


def test_it_answers_once_and_takes_only_steps_of_the_company(house: House, portal: Portal, world: World) -> None:
    page = asked(house.anna)
    ticket = page.rstrip("/").rpartition("/")[2]
    outside = portal.ports.get(TicketsOutside)  # type: ignore[type-abstract]

    with world.unit() as db:
        assert outside.answer(db, ticket, "comment 7", "We flush the pipes today.")
        assert not outside.answer(db, ticket, "comment 7", "We flush the pipes today.")
        assert not outside.move(db, ticket, "open"), "an answer has brought it into work"
        assert outside.move(db, ticket, "solved")
        assert not outside.move(db, ticket, "closed"), "only the customer and time close a request"
        assert not outside.move(db, ticket, "anything")
        assert not outside.answer(db, "nobody", "comment 8", "Hello")

    shown = house.anna.get(page).text
    assert shown.count("We flush the pipes today.") == 1
    assert "Solved" in shown
