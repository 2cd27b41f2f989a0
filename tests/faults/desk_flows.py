"""What the company's people do with money, written so that it can be begun again after a crash: giving a payment back, and giving
back money taken at the cash desk. Receipts go to a register of our own. How payers pay is in crash_flows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import text

from lkportal.app import Portal
from lkportal.core.clock import MovableClock
from lkportal.core.errors import PortalError
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.unit import UnitContext, open_unit
from lkportal.modules.payments.cashdesk import service as desk
from lkportal.modules.payments.cashdesk.service import Taking
from lkportal.modules.payments.refunds import service as refunds
from lkportal.modules.payments.refunds.service import Wish
from lkportal.testing.world import NOON
from tests.faults import crash_flows

BACK = 48_260
FORM = "theSameDeskForm0"
NINA = Actor("staff", 8, "Nina000000000000", "Нина", "cashier@example.org")
VERA = Actor("staff", 9, "Vera000000000000", "Вера", "accountant@example.org")
_ACCOUNT = text("SELECT id, public_id, number, title, currency FROM accounts_accounts")


def pay_first(portal: Portal) -> None:
    """Live where a payment was taken and credited, told of and its receipt registered."""
    crash_flows.move_in(portal)
    crash_flows.by_return(portal)
    pass_time(portal)


def open_desk(portal: Portal) -> None:
    """Live where an hour has passed: work by the clock that is no part of the story is done."""
    crash_flows.move_in(portal)
    _clock(portal).advance(timedelta(hours=1))
    pass_time(portal)


def give_back(portal: Portal) -> None:
    """An accountant gives a part of the payment back; the provider and the register are asked."""
    _not_before(portal, 2)
    with portal.database.reading() as connection:
        payment = connection.execute(text("SELECT public_id FROM payments_payments")).scalar_one()
    with open_unit(portal.database, _as(portal, VERA)) as db:
        refunds.start(db, str(payment), Wish(BACK, "paid too much", FORM))
    pass_time(portal)


def take_cash(portal: Portal) -> None:
    """A cashier takes money by hand; the register is told."""
    _not_before(portal, 2)
    with open_unit(portal.database, _as(portal, NINA)) as db:
        desk.take(db, Taking("cash", ((_account(portal), crash_flows.AMOUNT),), 150_000, FORM, "Вода"))
    pass_time(portal)


def reverse_cash(portal: Portal) -> None:
    """Another person gives the money of the slip back; who does so again is told that it is done."""
    take_cash(portal)
    with portal.database.reading() as connection:
        slip = connection.execute(text("SELECT public_id FROM payments_slips")).scalar_one()
    try:
        with open_unit(portal.database, _as(portal, VERA)) as db:
            desk.reverse(db, str(slip), "wrong account")
    except PortalError as error:
        if error.code != "payments.slip_reversed":
            raise
    pass_time(portal)


def restart(portal: Portal) -> None:
    """Recover after a crash, some hours later."""
    _not_before(portal, 4)
    pass_time(portal)


def pass_time(portal: Portal) -> None:
    """Let ten minutes pass and do what waits."""
    for minutes in (0, 1, 2, 3, 4):
        _clock(portal).advance(timedelta(minutes=minutes))
        portal.worker().run_once()


def _not_before(portal: Portal, hours: int) -> None:
    """A new process begins at noon; let it be later than all that was done before it."""
    clock = _clock(portal)
    clock.set(max(clock.now(), NOON + timedelta(hours=hours)))


def _as(portal: Portal, actor: Actor) -> UnitContext:
    return replace(portal.unit_context("test"), actor=actor)


def _account(portal: Portal) -> AccountRef:
    with portal.database.reading() as connection:
        row = connection.execute(_ACCOUNT).one()
    return AccountRef(row.id, row.public_id, row.number, row.title, "Europe/Moscow", row.currency, "default")


def _clock(portal: Portal) -> MovableClock:
    assert isinstance(portal.clock, MovableClock)
    return portal.clock
