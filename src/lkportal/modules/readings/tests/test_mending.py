"""A customer puts their own slip right: the month is still open, nobody has to be called, and nothing that was sent is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from sqlalchemy import update

from lkportal.core.errors import PortalError
from lkportal.modules.readings.corrections import correct
from lkportal.modules.readings.desk.service import decide
from lkportal.modules.readings.models import Register
from lkportal.modules.readings.service import Refused, Submission, submit
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.tests.conftest import House, named
from lkportal.modules.readings.windows import window
from lkportal.testing import Mailbox, Visitor
from lkportal.testing.races import race
from lkportal.testing.world import rows

TODAY = date(2026, 11, 22)
SETTINGS = ReadingsSettings()
SAID = "SELECT value_milli, added_milli, taken_on, channel FROM readings_readings ORDER BY id"


def send(house: House, value: int, channel: str = "web", *, instead: str = "", day: date = TODAY) -> str:
    """Send a value of the bath whatever is doubted about it, in place of the reading `instead`."""
    register = house.registers["bath"]
    data = Submission({register: value}, frozenset([register]), {register: instead} if instead else {})
    with house.world.unit(house.owner) as db:
        return submit(db, house.account, data, window(day, SETTINGS), SETTINGS, channel).readings[0]


def test_a_slip_is_asked_about_and_put_right(house: House, anna: Visitor) -> None:
    register, page = house.registers["bath"], anna.url("readings:list")
    anna.post(page, named(house, bath="461,306") | {f"confirmed[{register}]": "1"})
    asked = anna.post(page, named(house, bath="416,306", bath_hot="241"))
    assert asked.status_code == 422
    assert "On 22\u00a0November 461,306 was sent. If that was a mistake, 416,306 takes its place." in asked.text
    assert 'value="416,306"' in asked.text
    named_there = re.search(rf'name="corrects\[{register}\]" value="(\w+)"', asked.text)
    assert named_there is not None
    sure = named(house, bath="416,306", bath_hot="241") | {f"corrects[{register}]": named_there[1]}
    assert anna.post(page, sure).status_code == 303
    assert "2 readings received." in anna.get(page).text
    assert [row[:2] for row in rows(house.world.database, SAID)] == [
        (461_306, 49_306),
        (416_306, -45_000),
        (241_000, 3_000),
    ]
    assert "<s>461,306" in anna.get(anna.url("readings:history")).text
    anna.post(page, sure)
    assert len(rows(house.world.database, SAID)) == 3, "the same form sent twice is one correction"


def test_the_company_looks_at_what_was_put_right_not_at_the_slip(house: House) -> None:
    mended = send(house, 416_306, instead=send(house, 446_306))
    seen = rows(
        house.world.database,
        "SELECT r.value_milli, v.why, v.state FROM readings_reviews v"
        " JOIN readings_readings r ON r.id = v.reading_id ORDER BY v.id",
    )
    assert seen == [(446_306, "doubt", "corrected"), (416_306, "slip", "waiting")]
    assert rows(house.world.database, f"SELECT action FROM audit_records WHERE target = '{mended}'") == [
        ("readings.corrected",)
    ]


def test_people_of_the_account_are_told_what_it_was_and_is(
    house: House, work_off: Callable[[], int], mailbox: Mailbox
) -> None:
    slip = send(house, 446_306)
    work_off()
    mailbox.clear()
    send(house, 416_306, instead=slip)
    work_off()
    assert mailbox.last.subject == "Показание исправлено: Холодная вода, bath"
    assert "Было: 446,306\u00a0м³\nСтало: 416,306\u00a0м³" in mailbox.last.text.replace("\r", "")


@pytest.mark.parametrize("value", [411_999, 300_000])
def test_nobody_goes_below_what_the_dial_showed_before(house: House, value: int) -> None:
    slip = send(house, 446_306)
    with pytest.raises(Refused) as refused:
        send(house, value, instead=slip)
    assert [words.key for words in refused.value.errors.values()] == ["readings.rule.below"]


def test_next_month_it_is_too_late(house: House) -> None:
    slip = send(house, 446_306)
    with pytest.raises(Refused):
        send(house, 416_306, instead=slip, day=date(2026, 12, 21))


@pytest.mark.parametrize("channel", ["staff", "import"])
def test_what_the_company_wrote_stays(house: House, channel: str) -> None:
    slip = send(house, 446_306, channel)
    with pytest.raises(Refused):
        send(house, 416_306, instead=slip)


@pytest.mark.parametrize("channel", ["link", "file"])
def test_what_nobody_is_asked_about_puts_nothing_right(house: House, channel: str) -> None:
    """A row of a table, a link that was used: a lower value there is late or wrong, not a slip."""
    slip = send(house, 446_306)
    with pytest.raises(Refused):
        send(house, 416_306, channel, instead=slip)


def test_a_form_that_waited_on_a_device_puts_right_what_it_names(house: House) -> None:
    slip = send(house, 446_306)
    with pytest.raises(Refused) as refused:
        send(house, 416_306, "offline")
    assert refused.value.doubts == {}, "an older form is late, nobody is there to be asked"
    send(house, 416_306, "offline", instead=slip)
    assert [row[0] for row in rows(house.world.database, SAID)] == [446_306, 416_306]


def test_a_zero_counted_by_mistake_is_taken_back(house: House) -> None:
    with house.world.unit() as db:
        db.execute(update(Register).values(last_milli=99_990_000))
    past = send(house, 15_000)
    send(house, 5_000, instead=past)
    with pytest.raises(Refused) as refused:
        send(house, 99_995_000)
    send(house, 99_995_000, instead=refused.value.slips[house.registers["bath"]].reading)
    send(house, 99_996_000)
    assert [row[:2] for row in rows(house.world.database, SAID)] == [
        (15_000, 25_000), (5_000, -10_000), (99_995_000, -10_000), (99_996_000, 1_000)
    ]  # fmt: skip


def test_what_was_named_and_is_no_slip_is_refused_in_words(house: House) -> None:
    with pytest.raises(Refused) as refused:
        send(house, 416_306, instead="Aa1Bb2Cc3Dd4Ee5F")
    assert [words.key for words in refused.value.errors.values()] == ["readings.rule.no_slip"]


def test_who_confirmed_a_high_value_meant_no_other(house: House) -> None:
    """Two people of one home send at once: the second one's tick under their own value is no word about the first one's."""
    first = send(house, 446_306)
    with pytest.raises(Refused) as refused:
        send(house, 436_306)
    assert refused.value.slips[house.registers["bath"]].reading == first
    send(house, 416_306, instead=first)
    with pytest.raises(Refused):
        send(house, 414_000, instead=first)


def test_a_slip_of_a_slip_counts_what_was_used(house: House) -> None:
    send(house, 415_000, instead=send(house, 416_306, instead=send(house, 446_306)))
    send(house, 417_000)
    assert sum(int(str(row[1])) for row in rows(house.world.database, SAID)) == 5_000


def test_of_those_who_put_the_same_slips_right_at_once_one_does(house: House) -> None:
    """Meters named in another order, as browsers may send them: nobody locks another out, and the others see what came in."""
    meters = [house.registers["bath"], house.registers["bath hot"]]
    with house.world.unit(house.owner) as db:
        high = Submission(dict.fromkeys(meters, 446_000), frozenset(meters))
        slips = submit(db, house.account, high, window(TODAY, SETTINGS), SETTINGS).by_register

    def give(turn: int) -> bool:
        values = dict.fromkeys(meters[:: 1 if turn % 2 else -1], 416000 + turn)
        with suppress(Refused), house.world.unit(house.owner) as db:
            submit(db, house.account, Submission(values, corrects=slips), window(TODAY, SETTINGS), SETTINGS)
            return True
        return False

    assert race(give, range(6)).count(True) == 1
    assert len(rows(house.world.database, SAID)) == 4


def test_the_same_form_pressed_twice_at_once_puts_right_once(house: House) -> None:
    register = house.registers["bath"]
    slip = send(house, 446_306)

    def press(_turn: int) -> int:
        data = Submission({register: 416_306}, corrects={register: slip})
        with house.world.unit(house.owner) as db:
            return len(submit(db, house.account, data, window(TODAY, SETTINGS), SETTINGS).readings)

    assert sorted(race(press, range(4))) == [0, 0, 0, 1]


def test_the_desk_and_the_customer_do_not_lock_each_other_out(house: House) -> None:
    slip = send(house, 446_306)
    (review,) = rows(house.world.database, "SELECT public_id FROM readings_reviews")[0]

    def desk() -> None:
        with house.world.unit() as db:
            decide(db, str(review), house.account.public_id, slip, "corrected", 415_000)

    def customer() -> None:
        send(house, 416_306, instead=slip)

    def act(one: Callable[[], None]) -> bool:
        with suppress(Refused, PortalError):
            one()
            return True
        return False

    assert race(act, [desk, customer]).count(True) == 1
    assert len(rows(house.world.database, SAID)) == 2


def test_the_history_says_that_the_company_corrected(house: House, anna: Visitor) -> None:
    slip = send(house, 446_306)
    with house.world.unit() as db:
        correct(db, house.account, slip, 416_306)
    newest, before = re.findall(r"sent by you|the company", anna.get(anna.url("readings:history")).text)
    assert (newest, before) == ("the company", "sent by you")
