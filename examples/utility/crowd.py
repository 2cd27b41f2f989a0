"""The customers who are only counted: by them reports of the demo have a year behind them. None of them can sign in."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account, Membership
from lkportal.auth.models import Identity, Visit
from lkportal.auth.models import Session as SignIn
from lkportal.auth.sessions import Origin
from lkportal.core.ids import public_id
from lkportal.core.jobs import enqueue
from lkportal.core.policy import Actor
from lkportal.core.tasks import Task
from lkportal.core.unit import as_actor
from lkportal.privacy.consents import decide
from lkportal.privacy.texts import Documents
from lkportal.staff.behaviour.models import StepTotal
from lkportal.staff.reports.counting import month_after
from lkportal.staff.reports.models import Total
from utility.households import SEED

YEAR = 12
_DEVICES = (
    ("Chrome, Android", 9),
    ("Safari, iPhone", 4),
    ("Chrome, Windows", 4),
    ("Yandex Browser, Windows", 2),
    ("Safari, iPad", 1),
)
_WAYS = (("password", 11), ("code", 6), ("passkey", 2), ("password totp", 1))
_FINISH = {"phone": 0.86, "tablet": 0.88, "computer": 0.93}
_ERRORS = ("422", "422", "429")


def settle_crowd(db: Session, moment: datetime, day: date, spared: int) -> None:
    """Give most accounts but the first `spared` a holder who came within the last year, with their sign-ins; then count."""
    chance = random.Random(SEED)
    db.execute(update(Account).values(opened_at=moment - timedelta(days=800)))
    accounts = list(db.scalars(select(Account.id).where(Account.organisation_id.is_(None)).order_by(Account.id)))[
        spared:
    ]
    chosen = [account for account in accounts if chance.random() < 0.62]
    since = [moment - timedelta(days=int(340 * chance.random() ** 0.7) + 1) for _ in chosen]
    people = _people(db, since)
    held = zip(people, chosen, since, strict=True)
    _put(db, Membership, [_membership(*each) for each in held])
    _put(
        db,
        Visit,
        [row for person, came in zip(people, since, strict=True) for row in _visits(chance, person, came, moment)],
    )
    _put(
        db,
        SignIn,
        [_session(chance, nth, person, moment) for nth, person in enumerate(people) if chance.random() < 0.7],
    )
    _put(db, Total, list(_standings(chance, day, len(people))))
    enqueue(db, "staff.count", {"whole": True})


def settle_steps(db: Session, day: date, tasks: Sequence[Task], size: int) -> None:
    """Write a month and a half of steps: how far people got in each task, on which devices."""
    chance = random.Random(SEED)
    _put(
        db, StepTotal, [row for back in range(1, 46) for row in _steps(chance, day - timedelta(days=back), tasks, size)]
    )


def agree(db: Session, documents: Documents, logins: Iterable[str]) -> None:
    """Let people of the demo answer what the portal asks of their data, so that their home pages begin with their own things."""
    for person in db.scalars(select(Identity).where(Identity.login.in_(list(logins)))):
        actor = Actor("customer", person.id, person.public_id, person.name, person.login)
        with as_actor(db, actor):
            for document in documents.all:
                decide(db, actor, document, document.in_language("ru"), "agreed", "card", Origin("", ""))


def _put(db: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.connection().execute(insert(table), rows)


def _people(db: Session, since: Sequence[datetime]) -> list[int]:
    names = (f"home-{number:04}" for number in count(1))
    rows = [
        {"kind": "customer", "login": name, "public_id": public_id(), "locale": "en" if nth % 19 == 0 else "ru", "created_at": came}
        for nth, (name, came) in enumerate(zip(names, since, strict=False))
    ]  # fmt: skip
    _put(db, Identity, rows)
    return list(db.scalars(select(Identity.id).where(Identity.login.startswith("home-")).order_by(Identity.id)))


def _membership(person: int, account: int, since: datetime) -> dict[str, Any]:
    return {"identity_id": person, "account_id": account, "role": "owner", "created_at": since, "level": 1}


def _visits(chance: random.Random, person: int, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    device, way = _one(chance, _DEVICES), _one(chance, _WAYS)
    at = since
    while at < until:
        yield {
            "identity_id": person, "at": at, "outcome": "in", "methods": way, "device": device, "network": "", "known": True,
        }  # fmt: skip
        at += timedelta(days=chance.randint(18, 60), hours=chance.randint(0, 9))


def _session(chance: random.Random, nth: int, person: int, moment: datetime) -> dict[str, Any]:
    came = moment - timedelta(days=chance.randint(0, 20), hours=chance.randint(0, 12))
    return {
        "public_id": public_id(), "token_hash": f"nobody {nth}", "identity_id": person, "created_at": came, "seen_at": came,
        "expires_at": came + timedelta(days=1), "ends_at": came + timedelta(days=1), "device": _one(chance, _DEVICES),
    }  # fmt: skip


def _standings(chance: random.Random, day: date, people: int) -> Iterator[dict[str, Any]]:
    """What months that are over told of themselves: nobody can count it any more."""
    this = day.replace(day=1)
    for back in range(1, YEAR):
        grown = (YEAR - back) / YEAR
        month, came = month_after(this, -back), int(people * grown * chance.uniform(0.6, 0.75))
        parts = {"phone": 65, "computer": 29, "tablet": 6}
        owed = {"due": 240_000, "month": 42_000, "quarter": 60_000, "year": 33_000}
        yield _standing("accounts.people", month, "", came)
        yield from (_standing("accounts.devices", month, part, came * share // 100) for part, share in parts.items())
        yield from (
            _standing("payments.debts", month, part, int(people * size * chance.uniform(0.85, 1.15)), "RUB")
            for part, size in owed.items()
        )


def _standing(measure: str, month: date, part: str, amount: int, currency: str = "") -> dict[str, Any]:
    return {"measure": measure, "month": month, "day": month, "part": part, "currency": currency, "amount": amount}


def _steps(chance: random.Random, day: date, tasks: Sequence[Task], size: int) -> Iterator[dict[str, Any]]:
    for device, share in (("phone", 0.6), ("tablet", 0.06), ("computer", 0.34)):
        for nth, task in enumerate(tasks):
            visits = int(size * share * chance.uniform(0.7, 1.2) / (nth + 1))
            for step in task.steps:
                row = {"day": day, "task": task.name, "step": step.name, "device": device}
                yield row | {"code": "", "visits": visits}
                left = round(visits * (1 - _FINISH[device] * chance.uniform(0.9, 1.05)))
                if left > 1 and step is not task.steps[0]:
                    yield row | {"code": chance.choice(_ERRORS), "visits": left // 2}
                visits -= max(left, 0)


def _one(chance: random.Random, weighted: Sequence[tuple[str, int]]) -> str:
    return chance.choices([name for name, _ in weighted], [weight for _, weight in weighted])[0]
