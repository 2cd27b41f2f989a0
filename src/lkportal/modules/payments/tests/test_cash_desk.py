"""The cash desk as stories: money by hand for several accounts, another person gives it back, a closed day takes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.core.duties import Separation
from lkportal.core.errors import PortalError
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, Actor
from lkportal.modules.payments.cashdesk import service
from lkportal.modules.payments.cashdesk.service import Taking
from lkportal.modules.payments.tests.test_pages import laws
from lkportal.modules.payments.tests.world import World, owe
from lkportal.testing import Mailbox, Visitor
from lkportal.testing.world import World as People
from lkportal.testing.world import rows

NINA = Actor("staff", 8, "Nina000000000000", "Нина", "cashier@example.org")
ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Nobody:
    """Finds everybody free of conflicts; who recorded a slip is told from the pages below."""

    def demand_other(self, *_args: Any) -> None:
        """Do nothing."""


def take(place: World, *amounts: int, given: int = 0, token: str = "", kind: Any = "cash") -> str:
    parts = list(zip(place.accounts, amounts, strict=False))
    taking = Taking(kind, parts, given or sum(amounts), token or public_id(), "Вода")
    with place.unit(NINA) as db:
        return service.take(db, taking)


@one_database
def test_one_slip_pays_for_two_accounts_and_is_given_back_whole(place: World) -> None:
    owe(place, 148_260)
    owe(place, 50_000, account=1)
    slip = take(place, 148_260, 50_000, given=200_000)
    assert (place.balance(), place.balance(1), place.events()) == (0, 0, ["payments.payment_succeeded"] * 2)
    assert place.broken_laws() == []

    place.ports.provide(Separation, Nobody())  # type: ignore[type-abstract]
    with place.unit() as db:
        service.reverse(db, slip, "wrong account")

    assert (place.balance(), place.balance(1), place.count("refund")) == (148_260, 50_000, 2)
    assert place.broken_laws() == []
    with pytest.raises(PortalError, match="slip_reversed"), place.unit() as db:
        service.reverse(db, slip, "wrong account")
    assert place.balance() == 148_260


def test_a_double_click_is_one_slip(place: World) -> None:
    token = public_id()
    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(lambda _: take(place, 10_000, token=token), range(6)))
    assert len(made) == 1
    assert place.balance() == -10_000
    assert place.broken_laws() == []


def test_a_day_that_closes_meanwhile_takes_all_of_a_slip_or_nothing(place: World) -> None:
    take(place, 1_000)
    day = str(rows(place.database, "SELECT public_id FROM payments_cash_days")[0][0])

    def act(number: int) -> int:
        try:
            if number == 4:
                with place.unit(NINA) as db:
                    service.close(db, day, 1_000)
                return 0
            take(place, 500, 500)
        except PortalError:
            return 0
        return 1_000

    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(act, range(8)))
    assert rows(place.database, "SELECT cash, state FROM payments_cash_days") == [(1_000 + taken, "closed")]
    assert place.broken_laws() == []
    with pytest.raises(PortalError, match="day_closed"):
        take(place, 1_000)
    with place.unit() as db:
        service.reopen(db, day, "one slip was forgotten")
    take(place, 1_000)


@one_database
def test_each_currency_has_a_day_and_a_drawer_of_its_own(place: World) -> None:
    take(place, 1_000)
    abroad = replace(place.accounts[1], currency="USD")
    with place.unit(NINA) as db:
        slip = service.take(db, Taking("cash", [(abroad, 700)], 700, public_id(), "Вода"))
    place.ports.provide(Separation, Nobody())  # type: ignore[type-abstract]
    with place.unit() as db:
        service.reverse(db, slip, "wrong account")
    days = rows(place.database, "SELECT currency, cash, returned_cash FROM payments_cash_days ORDER BY currency")
    assert days == [("RUB", 1_000, 0), ("USD", 700, 700)]
    assert place.broken_laws() == []


@one_database
def test_too_little_money_is_no_payment(place: World) -> None:
    with pytest.raises(PortalError, match="given_short"):
        take(place, 1_000, given=999)
    assert place.events() == []


@pytest.fixture
def nina(world: People, visit: Callable[..., Visitor]) -> Visitor:
    return visit(world.staff("nina@example.org", "cashier"))


def send(visitor: Visitor, accounts: list[AccountRef], **fields: str) -> Any:
    page = f"{visitor.url('payments:cash')}?" + "&".join(f"number={each.number}" for each in accounts[:1])
    page += "".join(f"&account={each.public_id}" for each in accounts)
    once = re.search(r'name="once" value="([^"]+)"', visitor.get(page).text)
    assert once is not None
    return visitor.post(visitor.url("payments:take"), {"once": once[1], "kind": "cash", **fields}, page=page)


@ON_SQLITE
def test_the_cashier_takes_prints_and_closes_and_another_gives_back(
    portal: Portal,
    account: AccountRef,
    customer: Visitor,
    nina: Visitor,
    world: People,
    visit: Callable[..., Visitor],
    mailbox: Mailbox,
    work_off: Callable[[], int],
) -> None:
    assert "There is no account 999" in nina.get(nina.url("payments:cash") + "?number=999").text
    amount = f"amounts[{account.public_id}]"
    short = send(nina, [account], **{amount: "500", "given": "499,99"})
    assert (short.status_code, "Less was handed over" in short.text) == (422, True)
    slip = send(nina, [account], **{amount: "500", "given": "1000"}).headers["location"]
    assert "Change: 500,00" in nina.get(slip).text.replace("\u00a0", " ").replace(" ₽", "")
    assert nina.get(f"{slip}/receipt.pdf").content.startswith(b"%PDF")
    assert nina.post(f"{slip}/reverse", {"reason": "wrong account"}, page=slip).status_code == 403
    work_off()
    assert mailbox.to("anna@example.org") != []
    assert "cash at the desk" in customer.get(customer.url("payments:payment", payment=_payment(portal))).text

    olga = visit(world.staff("olga@example.org", "accountant"))
    assert olga.post(f"{slip}/reverse", {"reason": "no"}, page=slip).status_code == 422
    assert olga.post(f"{slip}/reverse", {"reason": "wrong account"}, page=slip).status_code == 303
    assert "Given back by olga" in olga.get(slip).text

    day = re.search(r'href="([^"]+/cash/days/[^"]+)"', nina.get(nina.url("payments:cash_days")).text)
    assert day is not None
    assert nina.post(f"{day[1]}/close", {"counted": "0,50"}, page=day[1]).status_code == 303
    assert "0,50" in nina.get(day[1]).text
    closed = send(nina, [account], **{amount: "500"})
    assert (closed.status_code, "This day is closed" in closed.text) == (409, True)
    assert nina.post(f"{day[1]}/reopen", {"reason": "forgotten"}, page=nina.url("payments:cash")).status_code == 403
    assert olga.post(f"{day[1]}/reopen", {"reason": "forgotten"}, page=day[1]).status_code == 303
    assert send(nina, [account], **{amount: "500"}).status_code == 303
    assert laws(portal) == []


@ON_SQLITE
def test_who_recorded_a_slip_asks_a_second_person_to_give_it_back(
    account: AccountRef, world: People, visit: Callable[..., Visitor]
) -> None:
    both = world.staff("kim@example.org", "cashier", "accountant")
    kim, olga = visit(both), visit(world.staff("olga@example.org", "accountant"))
    slip = send(kim, [account], **{f"amounts[{account.public_id}]": "500"}).headers["location"]
    reason = {"reason": "wrong account", "approval_reason": "typed a wrong number"}
    waits = kim.post(f"{slip}/reverse", reason, page=slip).headers["location"]
    assert "Given back by" not in kim.get(slip).text
    seen = re.search(r'name="seen" value="([^"]+)"', olga.get(waits).text)
    assert seen is not None
    assert olga.post(f"{waits}/approve", {"seen": seen[1]}, page=waits).status_code == 303
    assert "Given back by kim" in kim.get(slip).text


def _payment(portal: Portal) -> str:
    return str(rows(portal.database, "SELECT public_id FROM payments_payments")[0][0])
