"""Calls of the API about meters: what they are, what they showed, and sending what they show now."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from lkportal.core.errors import Problem
from lkportal.core.i18n import Text, text
from lkportal.core.money import MILLI
from lkportal.core.rest import PUBLIC_ID, ApiModel, ApiRoute, ApiScope, ListPage
from lkportal.modules.readings import queries, service
from lkportal.modules.readings.dated import Rules
from lkportal.modules.readings.sending import settings_of, today_of
from lkportal.modules.readings.windows import window
from lkportal.web import Request

_SEE = ApiScope("readings.read", text("readings.scope.read", "See meters and readings"), "readings.view")
_SEND = ApiScope("readings.send", text("readings.scope.send", "Send readings"), "readings.submit")
_VALUE = r"^[0-9]{1,12}([.,][0-9]{1,3})?$"


class RegisterOut(ApiModel):
    """A dial of a meter: what it showed last (in `unit` of its meter) and when; `digits` before the point, `decimals` behind it."""

    id: str = Field(pattern=PUBLIC_ID)
    code: str
    digits: int
    decimals: int
    value: str
    taken_on: date | None


class MeterOut(ApiModel):
    """A meter in use with its dials."""

    id: str = Field(pattern=PUBLIC_ID)
    resource: str
    unit: str
    serial: str
    place: str
    verified_until: date | None
    registers: list[RegisterOut]


class ReadingOut(ApiModel):
    """A reading. `added` is the consumption it counts, in `unit`; `corrected_by` the reading that took its place."""

    id: str = Field(pattern=PUBLIC_ID)
    register_id: str = Field(pattern=PUBLIC_ID)
    value: str
    added: str
    unit: str
    taken_on: date
    period: date
    submitted_at: datetime
    channel: str
    corrected_by: str | None


class ReadingIn(ApiModel):
    """What a dial shows now. `confirmed`: it is right although it looks doubtful. `corrects`: the reading of this month that was sent
    by mistake and whose place it takes."""

    register_id: str = Field(pattern=PUBLIC_ID)
    value: str = Field(pattern=_VALUE)
    confirmed: bool = False
    corrects: str = Field(default="", pattern=f"^$|{PUBLIC_ID}")


class ReadingsIn(ApiModel):
    """Readings of one account, taken all together or not at all."""

    readings: list[ReadingIn] = Field(min_length=1, max_length=100)


class SentOut(ApiModel):
    """A reading that was taken."""

    id: str = Field(pattern=PUBLIC_ID)
    register_id: str = Field(pattern=PUBLIC_ID)


class TakenOut(ApiModel):
    """What was taken; a value that was known since today already is left out. `period` is the month they count for."""

    period: date
    readings: list[SentOut]


def meters(request: Request, _asked: None, page: ListPage) -> list[MeterOut]:
    """Return the meters in use."""
    rows = queries.registers(request.db, request.own_account.id)
    found = [list(group) for _, group in groupby(rows, key=lambda row: row.meter)]
    return [_meter(each) for each in page.cut(found, lambda each: str(each[0].meter))]


def readings(request: Request, _asked: None, page: ListPage) -> list[ReadingOut]:
    """Return the readings, newest first."""
    rows = queries.behind(request.db, request.own_account.id, page.wanted, page.after)
    return [
        ReadingOut(
            id=row.public_id,
            register_id=row.register,
            value=_volume(row.value_milli),
            added=_volume(row.added_milli),
            unit=row.unit,
            taken_on=row.taken_on,
            period=row.period,
            submitted_at=row.submitted_at,
            channel=row.channel,
            corrected_by=row.corrected_by,
        )
        for row in rows
    ]


def send(request: Request, db: Session, data: ReadingsIn) -> TakenOut:
    """Take readings by the rules of the pages. Raises Problem 422 that says which are wrong, which doubtful."""
    values = {each.register_id: _milli(each.value) for each in data.readings}
    if len(values) < len(data.readings):
        raise Problem("readings.twice", text("readings.api.twice", "Send each register once."), 422)
    confirmed = frozenset(each.register_id for each in data.readings if each.confirmed)
    corrects = {each.register_id: each.corrects for each in data.readings if each.corrects}
    account, settings, today = request.own_account, settings_of(request), today_of(request)
    rules = Rules(settings, queries.rules(db.connection(), account.id, today))
    days = window(today, rules.general)
    try:
        sent_in = service.Submission(values, confirmed, corrects)
        taken = service.submit(db, account, sent_in, days, settings, "api", rules=rules)
    except service.Refused as refused:
        raise _refused(data, refused) from None
    sent = [SentOut(id=reading, register_id=register) for register, reading in taken.by_register.items()]
    return TakenOut(period=days.period, readings=sent)


def _refused(data: ReadingsIn, refused: service.Refused) -> Problem:
    """Tell which values are wrong; when none is, which ones must be confirmed."""
    found: dict[str, Text] = {**(refused.errors or refused.doubts)}
    slips = {register: {"corrects": slip.reading} for register, slip in refused.slips.items()}
    errors = [
        {"pointer": f"#/readings/{place}/value", "detail": found[each.register_id]} | slips.get(each.register_id, {})
        for place, each in enumerate(data.readings)
        if each.register_id in found
    ]
    if refused.errors:
        words = text("readings.api.refused", "Nothing was taken: `errors` says which readings are wrong.")
        return Problem("readings.refused", words, 422, members={"errors": errors})
    words = text(
        "readings.api.doubt",
        "Nothing was taken: `errors` says which readings are doubtful. If they are right, send them with confirmed: true, "
        "or with the corrects that is named there.",
    )
    return Problem("readings.doubt", words, 422, members={"errors": errors})


def _meter(rows: list[Any]) -> MeterOut:
    first = rows[0]
    registers = [
        RegisterOut(
            id=row.register,
            code=row.code,
            digits=row.digits,
            decimals=row.decimals,
            value=_volume(row.last_milli),
            taken_on=row.last_on,
        )
        for row in rows
    ]
    return MeterOut(
        id=first.meter,
        resource=first.resource,
        unit=first.unit,
        serial=first.serial,
        place=first.place,
        verified_until=first.verified_until,
        registers=registers,
    )


def _volume(milli: int) -> str:
    """Return thousandths as a decimal number: 12345 is "12.345", 12000 is "12"."""
    whole, part = divmod(abs(milli), MILLI)
    digits = f"{part:03}".rstrip("0")
    return ("-" if milli < 0 else "") + str(whole) + (f".{digits}" if digits else "")


def _milli(value: str) -> int:
    whole, _, part = value.replace(",", ".").partition(".")
    return int(whole) * MILLI + int(part.ljust(3, "0") or 0)


_METER = {
    "id": "Mt5xW2aB7cDe9FgH",
    "resource": "cold_water",
    "unit": "m3",
    "serial": "17-204518",
    "place": "кухня",
    "verified_until": "2029-05-14",
    "registers": [
        {
            "id": "Rg6yX3bC8dEf1GhJ",
            "code": "",
            "digits": 5,
            "decimals": 3,
            "value": "128.4",
            "taken_on": "2026-10-21",
        }
    ],
}
_READING = {
    "id": "Rd7zY4cD9eFg2HjK",
    "register_id": "Rg6yX3bC8dEf1GhJ",
    "value": "128.4",
    "added": "4.15",
    "unit": "m3",
    "taken_on": "2026-10-21",
    "period": "2026-10-01",
    "submitted_at": "2026-10-21T16:40:00Z",
    "channel": "web",
    "corrected_by": None,
}
_TAKEN = {
    "period": "2026-11-01",
    "readings": [{"id": "Rd8aZ5dE1fGh3JkL", "register_id": "Rg6yX3bC8dEf1GhJ"}],
}
_SENT = {"readings": [{"register_id": "Rg6yX3bC8dEf1GhJ", "value": "132.05", "confirmed": False}]}
_ACCOUNT = "/accounts/{account}"
CALLS = [
    ApiRoute(
        "GET",
        f"{_ACCOUNT}/meters",
        "meters",
        text("readings.call.meters", "Meters in use and what they showed last"),
        _SEE,
        meters,
        MeterOut,
        _METER,
        listed=True,
    ),
    ApiRoute(
        "GET",
        f"{_ACCOUNT}/readings",
        "readings",
        text("readings.call.readings", "Readings, newest first"),
        _SEE,
        readings,
        ReadingOut,
        _READING,
        listed=True,
    ),
    ApiRoute(
        "POST",
        f"{_ACCOUNT}/readings",
        "send",
        text("readings.call.send", "Send readings"),
        _SEND,
        send,
        TakenOut,
        _TAKEN,
        ReadingsIn,
        _SENT,
        status=201,
    ),
]
