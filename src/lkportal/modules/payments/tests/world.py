"""A small world for the tests of payments: two accounts of a brand, a desk with a gateway, units, jobs and laws.
`world(database, gateway)` makes it; `Fake` is a provider in memory that a test moves as it likes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, text

import lkportal.auth.models  # noqa: F401 - accounts point at its tables
from lkportal.accounts.contract import Accounts, Member
from lkportal.accounts.models import Account, Brand
from lkportal.app import ROOMS
from lkportal.core.clock import MovableClock
from lkportal.core.contributions import NoticeSender
from lkportal.core.db import Database
from lkportal.core.ids import public_id
from lkportal.core.policy import SYSTEM, AccountRef, Actor, AuditLog
from lkportal.core.ports import Ports
from lkportal.core.tables import outbox
from lkportal.core.unit import UnitContext, open_unit
from lkportal.core.work.worker import Worker, choose_engine
from lkportal.modules.payments import handlers, module
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.contract import (
    Ability,
    CallbackAnswer,
    Created,
    Forged,
    GatewayPayment,
    GatewayRefund,
    GatewayUnavailable,
    Hint,
    NextStep,
    PaymentGateway,
    PaymentIntent,
    RefundIntent,
    RefundStatus,
    Rejected,
    Way,
)
from lkportal.modules.payments.desk import Desk
from lkportal.modules.payments.fiscal import jobs as receipt_jobs
from lkportal.modules.payments.fiscal.registers import FiscalRegister
from lkportal.modules.payments.models import Attempt, Entry, Ledger, Payment
from lkportal.modules.payments.paying import asking, cases
from lkportal.modules.payments.paying import deciding as pay
from lkportal.modules.payments.reconciling import jobs as reconciling_jobs
from lkportal.modules.payments.refunds import jobs as refund_jobs
from lkportal.modules.payments.settings import PaymentsSettings
from lkportal.testing.schemas import bring_up

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ANNA = Actor("customer", 1, "Anna000000000000", "Анна", "anna@example.org")
BORIS = Actor("customer", 2, "Boris00000000000", "Борис", "boris@example.org")
GUEST = Actor("guest", None, "Guest00000000001")


@dataclass
class Audit:
    """Keeps what acts wrote."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def record(self, _db: Any, action: str, *, target: str = "", outcome: str = "done", **_rest: Any) -> None:
        self.rows.append((action, target, outcome))

    def record_each(
        self, _db: Any, action: str, targets: Sequence[str], *, outcome: str = "done", **_rest: Any
    ) -> None:
        self.rows += [(action, target, outcome) for target in targets]


@dataclass
class World:
    """One portal's payments without its pages."""

    database: Database
    clock: MovableClock
    desk: Desk
    ports: Ports
    audit: Audit
    accounts: list[AccountRef]

    def unit(self, actor: Actor = ANNA) -> AbstractContextManager[Any]:
        """Open a unit of work."""
        return open_unit(self.database, UnitContext(self.clock, actor, "test", self.ports))

    @property
    def ways(self) -> asking.Ways:
        """How to read and write."""
        return asking.Ways(self.database.reading, lambda: self.unit(SYSTEM))

    @property
    def gateway(self) -> Any:
        """The gateway of the desk."""
        return self.desk.open_gateway

    def begin(self, amount: int = 148_260, *, account: int = 0, token: str = "") -> str:
        """Decide to pay; nobody is called yet."""
        order = pay.Order(
            amount, token or public_id(), "Вода", lambda p: f"http://127.0.0.1/{p}", contact="anna@example.org"
        )
        with self.unit() as db:
            return pay.start(db, self.accounts[account], order)

    def case(self, payment: str, account: int = 0) -> cases.Case:
        """Return the newest case of a payment."""
        with self.database.reading() as connection:
            found = cases.last_of(connection, payment, self.accounts[account].id)
        assert found is not None
        return found

    def ask(self, payment: str, *, at_once: bool = False, account: int = 0) -> cases.Case:
        """Ask the provider as a page would; return the case afterwards."""
        asking.ask(self.desk, self.ways, self.case(payment, account).id, self.clock.now(), at_once=at_once)
        return self.case(payment, account)

    def started(self, amount: int = 148_260, *, account: int = 0) -> str:
        """Decide to pay and call the provider."""
        payment = self.begin(amount, account=account)
        self.ask(payment, at_once=True, account=account)
        return payment

    def state(self, payment: str) -> str:
        """Return the state of a payment."""
        with self.database.reading() as connection:
            return str(connection.scalar(select(Payment.state).where(Payment.public_id == payment)))

    def balance(self, account: int = 0) -> int:
        """Return the kept balance of an account; no ledger is nothing owed."""
        with self.database.reading() as connection:
            kept = connection.scalar(select(Ledger.balance).where(Ledger.account_id == self.accounts[account].id))
        return int(kept or 0)

    def count(self, kind: str) -> int:
        """Count entries of a kind."""
        with self.database.reading() as connection:
            return len(connection.execute(select(Entry.id).where(Entry.kind == kind)).all())

    def events(self) -> list[str]:
        """Return the names of the events told so far."""
        with self.database.reading() as connection:
            return list(connection.scalars(select(outbox.c.name).order_by(outbox.c.id)))

    def attempts(self) -> list[Any]:
        """Return all attempts, oldest first."""
        with self.database.reading() as connection:
            return list(
                connection.execute(select(Attempt.state, Attempt.reason, Attempt.next_ask_at).order_by(Attempt.id))
            )

    def worker(self) -> Worker:
        """Return a worker that knows the jobs of payments."""
        return Worker(
            self.database,
            self.clock,
            {},
            {
                spec.name: spec
                for spec in (*handlers.JOBS, *refund_jobs.JOBS, *receipt_jobs.JOBS, *reconciling_jobs.JOBS)
            },
            [*handlers.SCHEDULES, *refund_jobs.SCHEDULES, *receipt_jobs.SCHEDULES, *reconciling_jobs.SCHEDULES],
            self.ports,
            choose_engine("table", self.database),
            ZoneInfo("Europe/Moscow"),
        )

    def work(self, minutes: int = 0) -> None:
        """Let the worker do what is due, minute after minute."""
        worker = self.worker()
        worker.run_once()
        for _ in range(minutes):
            self.clock.advance(timedelta(minutes=1))
            worker.run_once()

    def broken_laws(self) -> list[str]:
        """Return the names of the laws that do not hold."""
        with self.database.reading() as connection:
            return [law.name for law in module.invariants if connection.execute(text(law.statement)).all()]


class Everywhere:
    """Payments are open on every account, and `payers` may pay for each."""

    def __init__(self) -> None:
        self.payers = [Member(1, ANNA.public_id, ANNA.login, ANNA.name, "")]

    def members(self, _db: Any, _account: int, _right: str = "") -> list[Member]:
        """Name those who may pay."""
        return self.payers

    def has(self, _module: str, _account: str) -> bool:
        """Say yes."""
        return True


class Silence:
    """Tells nobody."""

    def tell(self, *_args: Any) -> None:
        """Do nothing."""


def world(
    database: Database, gateway: PaymentGateway | None, register: FiscalRegister | None = None, **settings: Any
) -> World:
    """Make the tables and two accounts, and return the world around them."""
    bring_up(database, [*ROOMS, module])
    made = around(database, gateway, register, **settings)
    with made.unit() as db:
        brand = db.execute(insert(Brand).values(key="default", name="Северводоканал").returning(Brand.id)).scalar_one()
    made.accounts = add_accounts(made, brand, ["0412778215", "0530118846"])
    return made


def around(
    database: Database, gateway: PaymentGateway | None, register: FiscalRegister | None = None, **settings: Any
) -> World:
    """Return a world around tables that stand already: what another process sees of one."""
    clock, audit, ports = MovableClock(START), Audit(), Ports()
    desk = Desk(PaymentsSettings(**settings), (gateway,) if gateway else (), ZoneInfo("Europe/Moscow"), clock, register)
    ports.provide(Desk, desk)
    ports.provide(AuditLog, audit)
    ports.provide(Accounts, Everywhere())
    ports.provide(NoticeSender, Silence())
    return World(database, clock, desk, ports, audit, [])


def add_accounts(made: World, brand: int, numbers: Sequence[str]) -> list[AccountRef]:
    """Add accounts of a brand."""
    rows = [
        {
            "public_id": public_id(),
            "brand_id": brand,
            "number": number,
            "title": f"Ломоносова, {place}",
            "time_zone": "Europe/Moscow",
            "currency": "RUB",
            "opened_at": START,
        }
        for place, number in enumerate(numbers, 1)
    ]
    with made.unit() as db:
        ids = db.scalars(insert(Account).returning(Account.id, sort_by_parameter_order=True), rows).all()
    return [
        AccountRef(key, str(row["public_id"]), str(row["number"]), str(row["title"]), "Europe/Moscow", "RUB", "default")
        for key, row in zip(ids, rows, strict=True)
    ]


def owe(made: World, amount: int, account: int = 0) -> None:
    """Let an account owe `amount` from the beginning."""
    with made.unit() as db:
        mine = ledger.customer(db, made.accounts[account].id, "RUB")
        other = ledger.shared(db, "opening", "test", "RUB")
        ledger.book(db, f"opening:{public_id()}", "opening", mine, other, amount, "RUB", made.desk.today())


class Fake:
    """A provider in memory. `mood` is what the next calls meet: "" works, "silent_after" works and does not answer,
    "silent" does nothing and does not answer, "refuse" refuses."""

    name = "fake"
    title = "Fake"
    origins = ("https://pay.example",)
    ways: frozenset[Way] = frozenset({"card"})
    currencies = frozenset({"RUB"})
    abilities: frozenset[Ability] = frozenset({"list", "refund", "refund_part"})

    def __init__(self) -> None:
        self.payments: dict[str, GatewayPayment] = {}
        self.by_key: dict[str, str] = {}
        self.mood = ""
        self.calls: list[str] = []
        self.refunds: dict[str, GatewayRefund] = {}
        self.refund_status: RefundStatus = "succeeded"
        self.made_at: dict[str, datetime] = {}
        self.now: Any = lambda: START

    def create(self, intent: PaymentIntent) -> Created:
        """Make a payment, once for a key."""
        self._meet("create", before=True)
        if intent.idempotency_key not in self.by_key:
            identifier = f"p{len(self.payments) + 1}"
            metadata = {**intent.metadata, "payment_id": intent.public_id}
            self.by_key[intent.idempotency_key] = identifier
            self.made_at[identifier] = self.now()
            self.payments[identifier] = GatewayPayment(
                identifier, "pending", intent.amount, intent.currency, metadata=metadata
            )
        self._meet("create", before=False)
        payment = self.payments[self.by_key[intent.idempotency_key]]
        return Created(payment, NextStep("redirect", f"https://pay.example/{payment.provider_id}"))

    def fetch(self, provider_id: str) -> GatewayPayment:
        """Show a payment."""
        self._meet("fetch", before=True)
        if provider_id not in self.payments:
            raise Rejected("not_found", status=404)
        return self.payments[provider_id]

    def created_between(self, since: datetime, until: datetime) -> Iterator[GatewayPayment]:
        """Show the payments made in a time."""
        self._meet("list", before=True)
        yield from [self.payments[one] for one, moment in self.made_at.items() if since <= moment < until]

    def find(self, key: str, since: datetime, until: datetime) -> GatewayPayment | None:
        """Show the payment made with a key."""
        return next((each for each in self.created_between(since, until) if each.metadata["attempt"] == key), None)

    def charge_saved(self, _intent: PaymentIntent) -> Created:
        """Nothing is saved here."""
        raise Rejected("not_able")

    def forget(self, _token: str) -> None:
        """Nothing is saved here."""
        raise Rejected("not_able")

    def change(self, provider_id: str, **changes: Any) -> None:
        """Change a payment at the provider."""
        self.payments[provider_id] = replace(self.payments[provider_id], **changes)

    def take(self, provider_id: str) -> None:
        """The payer pays."""
        self.change(provider_id, status="succeeded", paid=True)

    def parse_callback(self, body: bytes, _headers: Any, peer_ip: str) -> list[Hint]:
        """Believe the loopback."""
        if peer_ip != "127.0.0.1":
            raise Forged(f"a notification from {peer_ip}")
        return [Hint(body.decode(), "payment.changed")]

    def callback_answer(self, _hints: Any) -> CallbackAnswer:
        """Say thanks."""
        return CallbackAnswer(200, b"ok")

    def capture(self, *_args: Any) -> GatewayPayment:
        """Nothing is held here."""
        raise Rejected("not_held")

    def cancel(self, *_args: Any) -> GatewayPayment:
        """Nothing is held here."""
        raise Rejected("not_held")

    def refund(self, intent: RefundIntent) -> GatewayRefund:
        """Give back, once for a key, never more than is left; `refund_status` is what becomes of it."""
        self._meet("refund", before=True)
        paid = self.payments[intent.provider_payment_id]
        if intent.idempotency_key not in self.by_key:
            if intent.amount > paid.amount - paid.refunded:
                raise Rejected("invalid_request", "amount")
            identifier = f"r{len(self.refunds) + 1}"
            self.by_key[intent.idempotency_key] = identifier
            self.refunds[identifier] = GatewayRefund(
                identifier, paid.provider_id, "pending", intent.amount, intent.currency
            )
            self.settle(identifier, self.refund_status)
        self._meet("refund", before=False)
        return self.refunds[self.by_key[intent.idempotency_key]]

    def fetch_refund(self, provider_id: str) -> GatewayRefund:
        """Show a refund."""
        self._meet("fetch_refund", before=True)
        return self.refunds[provider_id]

    def settle(self, identifier: str, status: RefundStatus) -> None:
        """Let a refund end at the provider."""
        given = self.refunds[identifier] = replace(self.refunds[identifier], status=status)
        if status == "succeeded":
            paid = self.payments[given.provider_payment_id]
            self.change(paid.provider_id, refunded=paid.refunded + given.amount)

    def _meet(self, call: str, *, before: bool) -> None:
        if before:
            self.calls.append(call)
        if self.mood == "refuse" and before:
            raise Rejected("invalid_request")
        if (self.mood == "silent" and before) or (self.mood == "silent_after" and not before):
            raise GatewayUnavailable("no answer")
