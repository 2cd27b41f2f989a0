"""Events: what happened, told once, in the same transaction. How they reach their listeners lives in outbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, ClassVar

from sqlalchemy import Row, insert
from sqlalchemy.orm import Session

from lkportal.core.databases.prepared import Prepared
from lkportal.core.i18n import Text
from lkportal.core.ids import event_id
from lkportal.core.money import Money, Volume
from lkportal.core.policy import AccountRef
from lkportal.core.tables import outbox
from lkportal.core.unit import context
from lkportal.core.work.wake import wake_after_commit

MAX_TEXT = 200
_INSERT = Prepared(insert(outbox))


@dataclass(frozen=True)
class Event:
    """Something that happened, in the past tense. Subclasses are frozen dataclasses of ids, amounts, codes and states:

        @dataclass(frozen=True)
        class ReadingSubmitted(Event):
            name: ClassVar[str] = "readings.submitted"
            reading: str
            value_milli: int

    `title` is what the desk calls it; without one it shows `name`. No free text, contacts or secrets: events go to webhooks and stay
    for weeks. A changed meaning is a new `version`.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    title: ClassVar[Text | str] = ""

    def body(self) -> dict[str, Any]:
        """Return the fields as plain JSON. Raises TypeError for a float, Decimal or object, ValueError for long text."""
        return {each.name: _plain(getattr(self, each.name), f"{self.name}.{each.name}") for each in fields(self)}


def titles(modules: Iterable[str]) -> dict[str, Text | str]:
    """Return what the events of these modules are called, by name; those without a title are left out."""
    wanted = frozenset(modules)
    found: dict[str, Text | str] = {}
    kinds = [Event]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.title and kind.name.partition(".")[0] in wanted:
            found[kind.name] = kind.title
    return found


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event on its way. `actor` is a kind and public id ("customer:Xk3..."), `account` and `organisation` are public ids.

    `number` is the public order, given by the relay: greater means relayed later; 0 before that.
    """

    id: str
    name: str
    version: int
    occurred_at: datetime
    actor: str
    on_behalf_of: str | None
    account: str | None
    organisation: str | None
    brand: str | None
    request_id: str
    body: dict[str, Any]
    number: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the envelope as plain JSON, the form that feeds and webhooks show."""
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**plain, "occurred_at": _moment(self.occurred_at)}


def emit(db: Session, event: Event, *, account: AccountRef | None = None) -> str:
    """Write `event` to the outbox in the transaction of `db` and return its id.

    Actor, request and brand come from the unit of work; `account` names the account when the unit has none or another.
    """
    unit = context(db)
    now = unit.clock.now()
    identifier = event_id(now)
    row = {
        "event_id": identifier,
        "name": event.name,
        "version": event.version,
        "occurred_at": now,
        "actor": unit.actor.label,
        "on_behalf_of": unit.on_behalf_of or unit.actor.on_behalf_of,
        "account": account.public_id if account else unit.account_public,
        "organisation": unit.organisation_public,
        "brand": account.brand if account else unit.brand,
        "request_id": unit.request_id,
        "body": event.body(),
    }
    _INSERT.add(db.connection(), [row])
    wake_after_commit(db)
    return identifier


def envelope_of(row: Row[*tuple[Any, ...]]) -> Envelope:
    """Return the envelope in a row of the outbox."""
    values = row._asdict()
    plain = {each.name: values[each.name] for each in fields(Envelope) if each.name not in ("id", "number")}
    return Envelope(id=values["event_id"], number=values["number"] or 0, **plain)


def _plain(value: Any, where: str) -> Any:
    """Return `value` as JSON knows it. Order matters: an Enum may be a str, a datetime is a date, a bool is an int."""
    match value:
        case Enum():
            return _plain(value.value, where)
        case None | bool() | int():
            return value
        case str():
            if len(value) > MAX_TEXT:
                raise ValueError(f"{where} holds {len(value)} characters: an event carries ids and codes, not text")
            return value
        case datetime():
            return _moment(value)
        case date():
            return value.isoformat()
        case Money():
            return {"minor": value.minor, "currency": value.currency}
        case Volume():
            return {"milli": value.milli, "unit": value.unit}
        case dict():
            return {str(key): _plain(item, where) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item, where) for item in value]
    raise TypeError(f"{where} is a {type(value).__name__}: an event carries ids, whole numbers, codes and dates")


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
