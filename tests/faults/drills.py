"""Small forms of the laws: each drill plays one short story on a portal and returns what is broken afterwards, nothing when the
portal is sound. Stories that need no planted fault to be told at length stand in the tests beside this file."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from lkportal.accounts.models import Organisation
from lkportal.app import Portal
from lkportal.auth import sessions
from lkportal.core.clock import MovableClock
from lkportal.core.contributions import Listener
from lkportal.core.db import Database
from lkportal.core.events import emit
from lkportal.core.foreign import ForeignCallInUnit
from lkportal.core.jobs import enqueue
from lkportal.core.money import Money
from lkportal.core.unit import open_unit
from lkportal.core.work.outbox import DELIVER
from lkportal.core.work.table_engine import TableEngine
from lkportal.core.work.worker import Worker
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.contract import PaymentStarted
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.paying import asking
from lkportal.testing import SandboxDriver, Visitor
from tests.faults import laws, meters


@dataclass(frozen=True)
class Stage:
    """What drills are played on: a portal whose customer may pay at the sandbox, and an empty database beside it."""

    portal: Portal
    clock: MovableClock
    gateway: SandboxDriver
    customer: Visitor
    empty: Database

    @property
    def ways(self) -> asking.Ways:
        """How to read and write."""
        return asking.Ways(self.portal.database.reading, lambda: open_unit(self.portal.database, self.context))

    @property
    def context(self) -> Any:
        """The circumstances of a unit."""
        return self.portal.unit_context("drill")

    def started(self, amount: str = "1482,60") -> str:
        """Let the customer start a payment; return its public id."""
        answer = self.customer.post(self.customer.url("payments:pay"), {"amount": amount})
        assert answer.status_code == 303, answer.text
        return str(self.rows("SELECT public_id FROM payments_payments ORDER BY id DESC")[0][0])

    def at_provider(self) -> list[dict[str, Any]]:
        """Return what the provider holds of this portal's payments."""
        ours = {row[0] for row in self.rows("SELECT public_id FROM payments_payments")}
        return [each for each in laws.taken(self.gateway) if each["metadata"]["payment_id"] in ours]

    def use_card(self) -> str:
        """Let the payer pay; return the provider's id of the payment."""
        (known,) = self.at_provider()
        self.gateway.pay(known["id"])
        return str(known["id"])

    def work(self, *minutes: int) -> None:
        """Let time pass in steps and do what waits."""
        for step in (0, *minutes):
            self.clock.advance(timedelta(minutes=step))
            self.portal.worker().run_once()

    def rows(self, statement: str) -> list[Any]:
        """Return what a plain statement finds."""
        with self.portal.database.reading() as connection:
            return list(connection.execute(text(statement)))


def a_fact_is_booked_once(stage: Stage) -> list[str]:
    """The same fact comes twice to the books."""
    for _ in range(2):
        with open_unit(stage.portal.database, stage.context) as db:
            account = stage.customer.account
            assert account is not None
            mine = ledger.customer(db, account.id, "RUB")
            other = ledger.shared(db, "provider", "drill", "RUB")
            ledger.book(db, "payment:drill", "payment", other, mine, 100, "RUB", date(2026, 11, 22))
    count = len(stage.rows("SELECT 1 FROM payments_entries"))
    return [] if count == 1 else [f"one fact is {count} entries"]


def notices_that_race_credit_once(stage: Stage) -> list[str]:
    """Eight notices of one payment are followed at once."""
    stage.started()
    provider_id, gateway = stage.use_card(), stage.portal.ports.get(Desk).open_gateway
    with ThreadPoolExecutor(8) as followers:
        list(followers.map(lambda _: asking.look(gateway, stage.ways, provider_id), range(8)))
    return laws.credits_broken(stage.portal, stage.at_provider())


def another_amount_is_not_credited(stage: Stage) -> list[str]:
    """The provider tells of the payment with one rouble."""
    stage.started()
    provider_id, gateway = stage.use_card(), stage.portal.ports.get(Desk).open_gateway
    asking.note(gateway.name, stage.ways, replace(gateway.fetch(provider_id), amount=100))
    return [f"{row.amount} credited of 100" for row in stage.rows("SELECT amount FROM payments_entries")]


def a_forged_notice_credits_nothing(stage: Stage) -> list[str]:
    """A notice says that the money is there; the provider says that it is not."""
    stage.started()
    (known,) = stage.at_provider()
    notice = {"type": "notification", "event": "payment.succeeded", "object": {**known, "status": "succeeded"}}
    answer = stage.portal.ports.get(Desk).open_gateway.parse_callback(json.dumps(notice).encode(), {}, "127.0.0.1")
    with open_unit(stage.portal.database, stage.context) as db:
        for hint in answer:
            enqueue(db, "payments.look", {"provider_id": hint.provider_id})
    stage.work()
    return laws.credits_broken(stage.portal, stage.at_provider())


def a_lost_answer_makes_no_second_payment(stage: Stage) -> list[str]:
    """The provider makes the payment, and its answer is lost; the portal asks again."""
    stage.gateway.fail_after("create")
    payment = stage.started()
    stage.work(2, 2)
    count = stage.gateway.count(payment)
    return [] if count == 1 else [f"the provider holds {count} payments"]


def a_lost_notice_is_made_up_for(stage: Stage) -> list[str]:
    """The money is taken, nobody says so, and the payer does not come back."""
    stage.work()
    stage.started()
    stage.use_card()
    stage.work(1, 2, 5, 7)
    return laws.broken(stage.portal, stage.at_provider())


def what_is_not_kept_is_not_told(stage: Stage) -> list[str]:
    """The unit that credits a payment fails at its last moment."""
    stage.started()
    provider_id, gateway = stage.use_card(), stage.portal.ports.get(Desk).open_gateway

    def fail(moment: str, _sql: str) -> None:
        if moment == "before_commit":
            raise RuntimeError("the last moment")

    with stage.portal.database.observe(fail):
        try:
            asking.look(gateway, stage.ways, provider_id)
        except RuntimeError:
            pass
    return [each for each in laws.events_broken(stage.portal) if "told" in each]


def a_delivery_that_comes_twice_has_one_effect(stage: Stage) -> list[str]:
    """One event is brought to one listener twice."""
    database, circumstances = stage.portal.database, stage.context

    def count(db: Any, _envelope: Any) -> None:
        db.add(Organisation(name="counted"))

    listeners = {PaymentStarted.name: (Listener(PaymentStarted.name, "count", count),)}
    worker = Worker(
        database, stage.clock, listeners, {}, (), stage.portal.ports, TableEngine(), ZoneInfo("Europe/Moscow")
    )
    with open_unit(database, circumstances) as db:
        event = emit(db, PaymentStarted("p", Money(100, "RUB"), "yookassa"))
    worker.run_once()
    with open_unit(database, circumstances) as db:
        enqueue(db, DELIVER, {"event": event, "handler": "count"})
    worker.run_once()
    effects = len(stage.rows("SELECT 1 FROM accounts_organisations"))
    return [] if effects == 1 else [f"one event had {effects} effects"]


def values_that_race_never_go_back(stage: Stage) -> list[str]:
    """Sixteen people send values for two meters."""
    place = meters.street(stage.empty, 2)
    told = meters.race(place, threads=16, submissions=200, seed=3)
    return meters.readings_broken(stage.empty, told)


def a_form_without_our_token_is_refused(stage: Stage) -> list[str]:
    """Another site sends the form of a payment in the customer's name."""
    address = stage.customer.url("payments:start")
    answer = stage.customer.client.post(address, data={"amount": "100,00"}, headers={"sec-fetch-site": "cross-site"})
    started = stage.rows("SELECT 1 FROM payments_payments")
    return [f"answered {answer.status_code}, {len(started)} payments started"] if started else []


def a_revoked_session_is_refused(stage: Stage) -> list[str]:
    """The customer's sessions are ended elsewhere."""
    person = stage.customer.actor
    assert person is not None
    page = stage.customer.url("auth:sessions")
    assert stage.customer.get(page).status_code == 200
    with open_unit(stage.portal.database, stage.context) as db:
        sessions.revoke_all(db, person.id or 0, person.public_id or "")
    return ["a revoked session opens pages"] if stage.customer.get(page).status_code == 200 else []


def nobody_outside_is_asked_inside_a_unit(stage: Stage) -> list[str]:
    """A rule asks the provider while its unit is open."""
    gateway = stage.portal.ports.get(Desk).open_gateway
    try:
        with open_unit(stage.portal.database, stage.context):
            list(gateway.created_between(stage.clock.now(), stage.clock.now() + timedelta(minutes=1)))
    except ForeignCallInUnit:
        return []
    return ["the provider was asked inside a unit of work"]


Drill = Callable[[Stage], list[str]]
