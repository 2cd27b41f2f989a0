"""Reports at the desk tell what a slow and obvious count of the same rows tells, show it to those who may see it, and cost little."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from lkportal.app import Portal
from lkportal.auth.models import Session, Visit
from lkportal.core.clock import MovableClock
from lkportal.core.jobs import enqueue
from lkportal.core.reports import Measure
from lkportal.modules.payments.models import Bill, ChargeLine, Entry, Ledger
from lkportal.modules.readings.models import Meter, Reading, Register
from lkportal.staff.reports.counting import counted, month_after
from lkportal.staff.reports.models import Total
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import NOON, World

MOSCOW = ZoneInfo("Europe/Moscow")
NOVEMBER = date(2026, 11, 1)
MONTHS = [month_after(NOVEMBER, -back) for back in range(4)]
TODAY = date(2026, 11, 22)


def told(portal: Portal, name: str, month: date = NOVEMBER) -> Counter[Any]:
    """What a measure counts of a month: by part, and by day where it has days."""
    measure = measures(portal)[name]
    with portal.database.reading() as connection:
        rows = counted(connection, measure, month, NOON, MOSCOW)
    found: Counter[Any] = Counter()
    for row in rows:
        found[row["part"]] += row["amount"]
    return found


def measures(portal: Portal) -> Mapping[str, Measure]:
    return {each.name: each for report in portal.registry.reports for each in report.measures}


def add(world: World, table: Any, **values: Any) -> int:
    """Put a row into a table and return its key."""
    with world.unit() as db:
        row = table(**values)
        db.add(row)
        db.flush()
        return int(row.id)


def owing(world: World, number: int, opening: int, bills: Mapping[date, int], paid: int, provider: int) -> None:
    """An account that owed `opening` before its first bill, got `bills` and paid `paid` in all."""
    account = world.account(f"77{number:08}")
    balance = opening + sum(bills.values()) - paid
    owed = add(
        world, Ledger, kind="customer", owner=account.public_id, account_id=account.id, currency="RUB", balance=balance
    )
    for month, amount in bills.items():
        bill = add(
            world, Bill, account_id=account.id, period=month, currency="RUB", total=amount, posted=amount,
            issued_on=month, due_on=due_of(month),
        )  # fmt: skip
        for position, (service, part) in enumerate((("Cold water", amount // 3), ("Heat", amount - amount // 3))):
            add(world, ChargeLine, bill_id=bill, position=position, kind="charge", service=service, amount=part)
    if paid:
        add(
            world, Entry, origin=f"payment:{number}", kind="payment", debit_id=provider, credit_id=owed, amount=paid,
            currency="RUB", occurred_on=NOVEMBER + timedelta(days=number), booked_at=NOON,
        )  # fmt: skip


def due_of(month: date) -> date:
    return month_after(month, 1) + timedelta(days=9)


def age_of(due: date) -> str:
    overdue = (TODAY - due).days
    limits = ((0, "due"), (30, "month"), (90, "quarter"), (365, "year"))
    return next((name for most, name in limits if overdue <= most), "older")


def test_money_is_what_a_slow_count_of_every_row_tells(portal: Portal, world: World) -> None:
    chance = random.Random(5)
    names = ("bank", "cashdesk")
    provider = {name: add(world, Ledger, kind="provider", owner=f"{name}/RUB", currency="RUB") for name in names}
    debts, charged, paid_by = Counter[str](), Counter[str](), Counter[str]()
    for number in range(8):
        bills = {month: chance.randint(3, 900) for month in MONTHS if chance.random() < 0.8}
        opening, way = chance.choice((0, 250)), chance.choice(names)
        paid = chance.randint(0, opening + sum(bills.values()))
        owing(world, number, opening, bills, paid, provider[way])
        paid_by[way] += paid
        left = paid
        for due, amount in [(date.min, opening), *((due_of(month), bills[month]) for month in sorted(bills))]:
            debts[age_of(due)] += amount - min(left, amount)
            left -= min(left, amount)
        now = bills.get(NOVEMBER, 0)
        charged += Counter({"Cold water": now // 3, "Heat": now - now // 3})

    assert told(portal, "payments.debts") == +debts
    assert told(portal, "payments.charged") == charged
    assert told(portal, "payments.paid") == +paid_by
    assert told(portal, "payments.charged", date(2025, 1, 1)) == Counter()


def test_people_are_counted_once_a_month_and_accounts_at_its_end(portal: Portal, world: World) -> None:
    world.account("1")
    anna, boris = world.customer("anna@example.org", world.account("2")), world.customer("boris@example.org")
    at = {"expires_at": NOON, "ends_at": NOON, "created_at": NOON, "seen_at": NOON}
    came = [(anna, "Chrome, Android"), (anna, "Firefox, Windows"), (boris, "Safari, iPhone")]
    visit = {"at": NOON, "network": "", "known": True}
    for place, (person, device) in enumerate(came):
        add(world, Session, token_hash=f"{place}", identity_id=person.id, device=device, **at)
        add(world, Visit, identity_id=person.id, outcome="in", methods="password", device=device, **visit)
    add(world, Visit, identity_id=boris.id, outcome="refused", methods="code", device="", **visit)

    assert told(portal, "accounts.people") == {"": 2}
    assert told(portal, "accounts.devices") == {"phone": 2, "computer": 1}
    assert told(portal, "accounts.sign_ins") == {"password": 3}
    assert told(portal, "accounts.open") == {"": 2}
    assert told(portal, "accounts.claimed") == {"": 1}
    assert told(portal, "accounts.open", date(2026, 10, 1)) == Counter(), "not open yet"


def test_readings_are_counted_by_way_and_day(portal: Portal, world: World) -> None:
    account = world.account()
    meter = add(world, Meter, account_id=account.id, resource="cold_water", unit="m3", serial="1")
    register = add(world, Register, meter_id=meter)
    sent = [("web", 3, 11), ("web", 3, 11), ("offline", 20, 11), ("web", 28, 12)]
    for value, (channel, day, month) in enumerate(sent):
        add(
            world, Reading, account_id=account.id, register_id=register, value_milli=value, added_milli=1, channel=channel,
            taken_on=date(2026, 11, day), period=date(2026, month, 1), submitted_at=NOON,
        )  # fmt: skip

    assert told(portal, "readings.sent") == {"web": 3, "offline": 1}
    assert told(portal, "readings.late") == {"": 1}


Count = Callable[..., int]


@pytest.fixture
def recount(portal: Portal, world: World, work_off: Callable[[], int]) -> Count:
    """Count everything anew, as the job does."""

    def now(*, whole: bool = False) -> int:
        with world.unit() as db:
            enqueue(db, "staff.count", {"whole": whole})
        return work_off()

    return now


def totals(portal: Portal) -> list[tuple[Any, ...]]:
    columns = (Total.measure, Total.month, Total.day, Total.part, Total.amount)
    with portal.database.reading() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns))]


def test_counting_twice_is_counting_once_and_what_stood_stays(
    portal: Portal, world: World, clock: MovableClock, recount: Count
) -> None:
    account = world.account()
    owed = add(
        world, Ledger, kind="customer", owner=account.public_id, account_id=account.id, currency="RUB", balance=500
    )
    recount()
    once = totals(portal)
    recount(whole=True)
    assert totals(portal) == once
    assert ("payments.debts", NOVEMBER, NOVEMBER, "older", 500) in once

    clock.advance(timedelta(days=12))
    with world.unit() as db:
        db.get_one(Ledger, owed).balance = 70
    recount()
    assert [row[1:] for row in totals(portal) if row[0] == "payments.debts"] == [
        (NOVEMBER, NOVEMBER, "older", 500),
        (date(2026, 12, 1), date(2026, 12, 1), "older", 70),
    ]


def test_the_desk_sees_what_its_role_may_see_and_takes_it_along(
    portal: Portal, world: World, visit: Callable[..., Visitor], recount: Count, statements: Callable[[], Any]
) -> None:
    provider = add(world, Ledger, kind="provider", owner="bank/RUB", currency="RUB")
    owing(world, 1, 0, {NOVEMBER: 123456}, 23456, provider)
    recount()
    accountant = visit(world.staff("accountant@example.org", "accountant"))
    specialist = visit(world.staff("specialist@example.org", "specialist"))
    operator = visit(world.staff("operator@example.org", "operator"))
    path = accountant.url("staff:report", report="money")

    with statements() as seen:
        shown = accountant.get(path)
    assert shown.status_code == 200
    assert "Charged by service" in shown.text
    assert "Bank and post" in shown.text
    assert len(seen) <= 5, str(seen)
    assert accountant.get(accountant.url("staff:reports")).headers["location"].endswith("/reports/use")
    assert specialist.get(path).status_code == 404
    assert specialist.get(specialist.url("staff:report", report="readings")).status_code == 200
    assert "Accounts paid online" not in specialist.get(specialist.url("staff:report", report="use")).text
    assert operator.get(operator.url("staff:report", report="use")).status_code == 403

    taken = accountant.get(accountant.url("staff:report_csv", report="money") + "?since=2026-11&until=2026-11")
    assert "Charged by service;Heat;2026-11-01;823,04;RUB;" in taken.text
    book = accountant.get(accountant.url("staff:report_xlsx", report="money"))
    assert book.content[:2] == b"PK"


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_period_that_is_none_is_said_so(world: World, visit: Callable[..., Visitor]) -> None:
    auditor = visit(world.staff("auditor@example.org", "auditor"))

    for typed in ("since=2026-13", "since=2026-10&until=2026-09", "since=2020-01&until=2026-01"):
        answer = auditor.get(auditor.url("staff:report", report="use") + "?" + typed)
        assert answer.status_code == 422, typed
        assert "There is a problem" in answer.text or "2026" in answer.text
