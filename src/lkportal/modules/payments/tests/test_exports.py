"""Exports for bookkeeping: what a file says is what the books say, to the kopeck, and nothing in it is a formula."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from lkportal.app import Portal
from lkportal.core.duties import Separation
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.cashdesk import service
from lkportal.modules.payments.exports.rows import Written, rows
from lkportal.modules.payments.exports.vat import by_rate, tax_in
from lkportal.modules.payments.models import Entry
from lkportal.modules.payments.settings import PaymentsSettings
from lkportal.modules.payments.tests.test_cash_desk import Nobody, send, take
from lkportal.modules.payments.tests.world import World
from lkportal.testing import Visitor
from lkportal.testing.world import World as People

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
RATES = PaymentsSettings.model_validate({"vat": {"default": "22", "services": {"Отходы": "none"}}})


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [
        (12_200, "22", 2_200),
        (1, "22", 0),
        (3, "22", 1),
        (-12_200, "22/122", -2_200),
        (11_000, "10", 1_000),
        (5, "0", 0),
    ],
)
def test_the_tax_within_a_sum_is_rounded_once(amount: int, rate: str, tax: int) -> None:
    assert tax_in(amount, rate) == tax


def test_rates_are_summed_apart() -> None:
    assert by_rate([("22", 122), ("none", 10), ("22", 122)]) == {"22": (244, 44), "none": (10, 0)}


def test_totals_are_those_of_the_books_for_any_days(place: World) -> None:
    dice = random.Random(7)
    place.ports.provide(Separation, Nobody())  # type: ignore[type-abstract]
    for _ in range(25):
        slip = take(place, *(dice.randint(1, 9_999_999) for _ in range(dice.randint(1, 2))))
        if dice.random() < 0.3:
            place.clock.advance(timedelta(days=dice.randint(0, 2)))
            with place.unit() as db:
                service.reverse(db, slip, "by mistake")
        place.clock.advance(timedelta(hours=dice.randint(1, 40)))
    for _ in range(12):
        since = date(2026, 11, 22) + timedelta(days=dice.randint(0, 30))
        until = since + timedelta(days=dice.randint(0, 15))
        for kind, entries in (("payments", "payment"), ("refunds", "refund")):
            with place.database.reading() as connection:
                written = Written()
                made: list[Any] = list(rows(connection, kind, since, until, RATES, written))
                booked = connection.execute(
                    select(func.count(), func.coalesce(func.sum(Entry.amount), 0)).where(
                        Entry.kind == entries, Entry.occurred_on.between(since, until)
                    )
                ).one()
            assert (written.lines, written.total) == tuple(booked)
            amount, rate = made[0].index("amount"), made[0].index("sum 22")
            assert sum(row[amount] for row in made[1:]) == sum(row[rate] for row in made[1:]) == written.total


@ON_SQLITE
def test_an_accountant_asks_for_a_file_and_gets_it(
    portal: Portal, account: AccountRef, world: People, visit: Callable[..., Visitor], work_off: Callable[[], int]
) -> None:
    cashier = visit(world.staff("nina@example.org", "cashier"))
    send(cashier, [account], **{f"amounts[{account.public_id}]": "500"})
    olga = visit(world.staff("olga@example.org", "accountant"))
    page = olga.url("payments:exports")
    wish: dict[str, Any] = {"kind": "payments", "form": "csv", "since": "2026-11-01", "until": "2026-11-30"}
    wrong = olga.post(page, {**wish, "once": "A" * 16, "until": "2026-10-01"}, page=page)
    assert (wrong.status_code, "cannot be before" in wrong.text) == (422, True)
    for _ in range(2):
        assert olga.post(page, {**wish, "once": "A" * 16}, page=page).status_code == 303
    assert olga.post(page, {**wish, "once": "B" * 16, "form": "xlsx"}, page=page).status_code == 303
    work_off()
    links = sorted(set(re.findall(r'href="([^"]+/file)"', olga.get(page).text)))
    files = [olga.get(link) for link in links]
    assert len(files) == 2
    text = next(each for each in files if each.content.startswith(b"\xef\xbb\xbf")).content.decode("utf-8-sig")
    assert account.number in text
    assert "500,00" in text
    assert any(each.content.startswith(b"PK") for each in files)
    assert cashier.get(page).status_code == 403
