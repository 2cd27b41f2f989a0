"""Readings as people meet them: the form, what it says when a value is wrong or doubtful, the letter, the history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import quote

from sqlalchemy import select, update

from lkportal.accounts.models import Account
from lkportal.modules.readings.models import Register
from lkportal.modules.readings.tests.conftest import House, Visit, named
from lkportal.testing import Mailbox, Visitor


def test_the_page_shows_every_meter_with_what_it_showed_last(house: House, anna: Visitor) -> None:
    page = anna.get(anna.url("readings:list"))
    assert page.status_code == 200
    assert "It was 412 on 18\u00a0October" in page.text
    assert "Readings for November" in page.text
    assert "until 25\u00a0November" in page.text


def test_a_form_is_accepted_confirmed_by_letter_and_seen_in_the_history(
    house: House, anna: Visitor, work_off: Callable[[], int], mailbox: Mailbox
) -> None:
    answer = anna.post(anna.url("readings:list"), named(house, bath="416,306", bath_hot="241"))
    assert answer.status_code == 303
    after = anna.get(answer.headers["location"]).text
    assert "2 readings received." in after
    assert "Sent on 22\u00a0November" in after
    work_off()
    assert len(mailbox) == 1
    letter = mailbox.last
    assert letter.subject == "Показания за ноябрь приняты", "a person who chose no language is written to in the first"
    assert "416,306\u00a0м³, +4,306\u00a0м³" in letter.text
    history = anna.get(anna.url("readings:history")).text
    assert "416,306\u00a0m³" in history


def test_a_wrong_value_is_named_above_its_field_and_nothing_typed_is_lost(house: House, anna: Visitor) -> None:
    answer = anna.post(anna.url("readings:list"), named(house, bath="416,306", bath_hot="2B7"))
    assert answer.status_code == 422
    assert 'value="416,306"' in answer.text
    assert 'value="2B7"' in answer.text
    field = f"readings[{house.registers['bath hot']}]"
    assert f'id="{field}"' in answer.text
    assert f'href="#{quote(field)}"' in answer.text
    assert "It was 412 on 18\u00a0October" in anna.get(anna.url("readings:list")).text


def test_each_doubtful_dial_of_a_meter_is_asked_about(house: House, anna: Visitor) -> None:
    with house.world.unit() as db:
        day = db.scalars(select(Register).where(Register.public_id == house.registers["bath hot"])).one()
        night = Register(meter_id=day.meter_id, code="T2", last_milli=238_000, usual_milli=4_000)
        db.add(night)
        db.flush()
        house.registers["night"] = night.public_id
    asked = anna.post(anna.url("readings:list"), named(house, bath_hot="421", night="421"))
    assert asked.status_code == 422
    for dial in ("bath hot", "night"):
        assert f'name="confirmed[{house.registers[dial]}]"' in asked.text


def test_a_jump_is_a_question_with_a_box_to_tick(house: House, anna: Visitor) -> None:
    fields = named(house, bath_hot="421")
    asked = anna.post(anna.url("readings:list"), fields)
    assert asked.status_code == 422
    assert "46 times the usual" in asked.text
    confirmed = {**fields, f"confirmed[{house.registers['bath hot']}]": "1"}
    assert anna.post(anna.url("readings:list"), confirmed).status_code == 303


def test_of_a_closed_account_nobody_awaits_readings(house: House, anna: Visitor) -> None:
    home = anna.url("accounts:home")
    assert "was 412" in anna.get(home).text
    with house.world.unit() as db:
        db.execute(
            update(Account).where(Account.id == house.account.id).values(closed_at=datetime(2026, 11, 3, tzinfo=UTC))
        )
    closed = anna.get(home).text
    assert "was closed on 3\u00a0November" in closed
    assert "was 412" not in closed


def test_an_empty_form_says_so(anna: Visitor) -> None:
    answer = anna.post(anna.url("readings:list"), {})
    assert answer.status_code == 422
    assert "Type at least one reading." in answer.text


def test_who_may_only_look_sees_no_button_and_is_refused(house: House, visit: Visit) -> None:
    payer = visit(house.world.customer("payer@example.org", house.account, role="payer"), house.account)
    page = payer.get(payer.url("readings:list"))
    assert page.status_code == 200
    assert "You can look, not send" in page.text
    assert 'name="readings[' not in page.text, "nothing to type where nothing can be sent"
    assert payer.post(payer.url("readings:list"), named(house, bath="416")).status_code == 403


def test_another_account_is_not_there(house: House, visit: Visit) -> None:
    stranger = house.world.account("999")
    boris = visit(house.world.customer("boris@example.org", stranger), house.account)
    assert boris.get(boris.url("readings:list")).status_code == 404
    assert boris.get(boris.url("readings:history")).status_code == 404


def test_an_account_without_meters_says_what_to_expect(house: House, visit: Visit) -> None:
    empty = house.world.account("555")
    clara = visit(house.world.customer("clara@example.org", empty), empty)
    assert "No meters on this account yet" in clara.get(clara.url("readings:list")).text


def test_everything_is_said_in_russian_too(house: House, visit: Visit) -> None:
    anna = visit(house.owner, house.account, language="ru")
    page = anna.get(anna.url("readings:list")).text
    assert "Показания за ноябрь" in page
    assert "18\u00a0октября было 412" in page
