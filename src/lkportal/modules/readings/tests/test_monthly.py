"""What happens to readings by itself: reminders to those alone who have not sent, averages told plainly, no neighbour shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy import select

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.jobs import enqueue
from lkportal.core.unit import now, open_unit
from lkportal.modules.readings.models import Home, Meter, Reading, Register, Rule
from lkportal.modules.readings.tests.conftest import House, Visit, named
from lkportal.testing import Mailbox, Visitor
from lkportal.testing.world import rows

Work = Callable[[], int]


def run(portal: Portal, work_off: Work, job: str) -> None:
    with open_unit(portal.database, portal.unit_context("test")) as db:
        enqueue(db, job, {})
    work_off()


def read(house: House, place: str, months: dict[date, int]) -> None:
    with house.world.unit() as db:
        register = db.scalars(select(Register).where(Register.public_id == house.registers[place])).one()
        for month, added in months.items():
            db.add(
                Reading(
                    account_id=house.account.id, register_id=register.id, value_milli=1, added_milli=added,
                    taken_on=month.replace(day=20), period=month, submitted_at=now(db),
                )
            )  # fmt: skip


def test_a_reminder_leads_to_sending_without_signing_in_and_not_to_those_who_sent(
    house: House,
    portal: Portal,
    clock: MovableClock,
    work_off: Work,
    mailbox: Mailbox,
    anonymous: Visitor,
    anna: Visitor,
) -> None:
    clock.advance(datetime(2026, 11, 23, 9, tzinfo=UTC) - clock.now())
    run(portal, work_off, "readings.remind")
    run(portal, work_off, "readings.remind")
    assert [letter.subject for letter in mailbox.letters] == ["Ждём показания за ноябрь"]
    link = re.search(r"https?://[^/]+(/readings/guest/\S+)", mailbox.last.text)
    assert link is not None
    assert anonymous.get(link[1]).status_code == 200
    anna.post(anna.url("readings:list"), named(house, bath="414", bath_hot="240"))
    clock.advance(datetime(2026, 11, 24, 9, tzinfo=UTC) - clock.now())
    run(portal, work_off, "readings.remind")
    assert [letter.subject for letter in mailbox.letters if "Ждём" in letter.subject] == ["Ждём показания за ноябрь"]


def test_a_month_without_a_reading_is_charged_by_average_then_by_the_norm(
    house: House, portal: Portal, clock: MovableClock, work_off: Work, visit: Visit
) -> None:
    read(house, "bath", {date(2026, 8, 1): 3_000, date(2026, 9, 1): 4_000, date(2026, 10, 1): 5_000})
    with house.world.unit() as db:
        db.add(Home(account_id=house.account.id, residents=2, seen_at=now(db)))
        db.add(Rule(category="", resource="cold_water", valid_from=date(2026, 1, 1), norm_milli=7_000, made_at=now(db)))
    told = []
    for month in (11, 12, 13, 14):
        day = datetime(2026 + month // 13, (month - 1) % 12 + 1, 27, 9, tzinfo=UTC)
        clock.advance(day - clock.now())
        run(portal, work_off, "readings.estimate")
        run(portal, work_off, "readings.estimate")
        told.append(
            rows(house.world.database, "SELECT basis, added_milli, nth FROM readings_estimates ORDER BY id DESC")[0]
        )
    assert told == [("average", 4_000, 1), ("average", 4_000, 2), ("average", 4_000, 3), ("norm", 14_000, 4)]
    assert rows(house.world.database, "SELECT count(*) FROM readings_estimates") == [(4,)]
    anna = visit(house.owner, house.account)
    assert "charged by the norm" in anna.get(anna.url("readings:list")).text


def test_similar_homes_are_told_of_only_when_there_are_enough_to_hide_each(
    house: House, portal: Portal, clock: MovableClock, work_off: Work
) -> None:
    clock.advance(datetime(2026, 12, 2, 9, tzinfo=UTC) - clock.now())
    for number in range(20):
        home = house.world.account(f"05{number:08}")
        with house.world.unit() as db:
            db.add(Home(account_id=home.id, residents=2 if number < 19 else 3, seen_at=now(db)))
            meter = Meter(account_id=home.id, resource="cold_water", unit="m3", serial=str(number))
            db.add(meter)
            db.flush()
            register = Register(meter_id=meter.id)
            db.add(register)
            db.flush()
            db.add(
                Reading(
                    account_id=home.id, register_id=register.id, value_milli=1, added_milli=1_000 + number,
                    taken_on=date(2026, 11, 20), period=date(2026, 11, 1), submitted_at=now(db),
                )
            )  # fmt: skip
    run(portal, work_off, "readings.compare")
    assert rows(house.world.database, "SELECT count(*) FROM readings_cohorts") == [(0,)]
    with house.world.unit() as db:
        for kept in db.scalars(select(Home)):
            kept.residents = 2
    run(portal, work_off, "readings.compare")
    assert rows(house.world.database, "SELECT homes, middle_milli FROM readings_cohorts") == [(20, 1_009)]


def test_unusual_growth_is_told_once(
    house: House, portal: Portal, clock: MovableClock, work_off: Work, mailbox: Mailbox
) -> None:
    read(house, "bath", {date(2026, month, 1): 4_000 for month in (7, 8, 9)} | {date(2026, 10, 1): 30_000})
    run(portal, work_off, "readings.growth")
    run(portal, work_off, "readings.growth")
    assert [letter.subject for letter in mailbox.letters] == ["Холодная вода: расход намного больше обычного"]
