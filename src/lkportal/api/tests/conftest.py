"""Those who call: a billing that pushes rows, programs of customers and of the company that use the open API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from lkportal.api import tokens
from lkportal.app import Portal
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.models import Attempt, Bill, ChargeLine, Ledger, Payment
from lkportal.modules.readings.models import Meter, Register
from lkportal.testing import World

KINDS = ("accounts", "charges", "registry", "meters")
MONTHS = (date(2026, 9, 1), date(2026, 10, 1))


@dataclass
class System:
    """Calls the API of one portal with one token. `rows` may be bytes, sent as they are."""

    portal: Portal
    secret: str
    network: str = "203.0.113.50"
    language: str = "en"
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = TestClient(
            self.portal,
            base_url=self.portal.sites[0].public_url,
            client=(self.network, 50_000),
            headers={"accept-language": self.language, "authorization": f"Bearer {self.secret}"},
            follow_redirects=False,
        )

    def push(self, kind: str, rows: Sequence[Mapping[str, Any]] | bytes, key: str = "one", **more: Any) -> Response:
        """Send rows under a key; `headers` and `params` may be added."""
        body = rows if isinstance(rows, bytes) else ndjson(rows)
        headers = {"content-type": "application/x-ndjson", "idempotency-key": key, **more.pop("headers", {})}
        return self.client.post(f"/api/v1/feed/{kind}", content=body, headers=headers, **more)

    def get(self, path: str, **headers: str) -> Response:
        """Ask for something."""
        return self.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def ndjson(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as they travel."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


@pytest.fixture
def give(portal: Portal, world: World) -> Callable[..., System]:
    """Give a token and return the system that has it."""

    def made(*kinds: str, **options: Any) -> System:
        calling = {name: options.pop(name) for name in ("network", "language") if name in options}
        with world.unit() as db:
            secret, _ = tokens.add(db, "Billing", kinds or KINDS, **{"days": 30, **options})
        return System(portal, secret, **calling)

    return made


@pytest.fixture
def billing(give: Callable[..., System]) -> System:
    """The billing of the company."""
    return give()


def furnish(world: World, account: AccountRef) -> dict[str, str]:
    """Put two meters, two bills and a payment onto an account; returns ids by what they are."""
    with world.unit() as db:
        bill, payment = _billed(db, world, account)
        registers = _metered(db, account)
        return {
            "account": account.public_id,
            "bill": bill,
            "payment": payment,
            "register": registers[0],
            "other": registers[1],
        }


def _billed(db: Session, world: World, account: AccountRef) -> tuple[str, str]:
    money = {"account_id": account.id, "currency": "RUB"}
    bills = [
        Bill(**money, period=month, total=148_260, posted=148_260, issued_on=month, due_on=date(2026, 12, 15))
        for month in MONTHS
    ]
    moment = world.clock.now()
    payment = Payment(
        **money, actor="system", token=public_id(), amount=50_000, state="paid", created_at=moment, paid_at=moment
    )
    db.add_all([Ledger(**money, kind="customer", owner=str(account.id), balance=148_260), *bills, payment])
    db.flush()
    line = ChargeLine(bill_id=bills[1].id, position=1, kind="charge", service="Water", note="", amount=148_260)
    key = public_id()
    attempt = Attempt(payment_id=payment.id, gateway="desk", key=key, intent="", state="succeeded", created_at=moment)
    db.add_all([line, attempt])
    return bills[1].public_id, payment.public_id


def _metered(db: Session, account: AccountRef) -> list[str]:
    meters = [
        Meter(account_id=account.id, resource=resource, unit="m3", serial=resource, place="bath")
        for resource in ("cold_water", "hot_water")
    ]
    db.add_all(meters)
    db.flush()
    shown = {"last_milli": 412_000, "last_on": date(2026, 10, 18), "last_period": MONTHS[1]}
    registers = [Register(meter_id=meter.id, **shown) for meter in meters]
    db.add_all(registers)
    db.flush()
    return [register.public_id for register in registers]
