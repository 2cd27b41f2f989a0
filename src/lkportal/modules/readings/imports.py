"""Files that the company feeds readings with: meters, and readings taken by its own people or kept from years before."""

from __future__ import annotations

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from lkportal.core.i18n import Text, text
from lkportal.core.ids import sql_public_id
from lkportal.core.imports import (
    Applied,
    Column,
    ImportKind,
    Parser,
    Rejection,
    Staged,
    account_number,
    day,
    integer,
    one_of,
    volume,
    words,
)
from lkportal.core.unit import context, now
from lkportal.modules.readings.views import NAMES

_UNKNOWN_ACCOUNT = Rejection(
    "account", text("readings.import.no_account", "There is no such account. Import the accounts first.")
)
_MARK_ACCOUNT = """
UPDATE {staging} SET reject = 'no_account' WHERE reject IS NULL
  AND NOT EXISTS (SELECT 1 FROM accounts_accounts a WHERE a.number = {staging}.account)
"""
_METERS = (
    """
INSERT INTO readings_meters (public_id, account_id, resource, unit, serial, place, installed_on, verified_until,
                             source, source_key, seen_at)
SELECT {public_id}, a.id, s.resource, CASE s.resource WHEN 'electricity' THEN 'kwh' WHEN 'heat' THEN 'gcal' ELSE 'm3' END,
       s.serial, COALESCE(s.place, ''), {installed}, {verified}, 'file', s.account || '/' || s.serial, :now
FROM {staging} s JOIN accounts_accounts a ON a.number = s.account
WHERE s.reject IS NULL AND s.line = (SELECT max(t.line) FROM {staging} t WHERE t.account = s.account AND t.serial = s.serial)
ON CONFLICT (source, source_key) DO UPDATE
SET place = excluded.place, verified_until = excluded.verified_until, seen_at = excluded.seen_at
""",
    """
INSERT INTO readings_registers (public_id, meter_id, code, digits, decimals, last_milli)
SELECT {public_id}, m.id, COALESCE(s.register, 'T1'), COALESCE(s.digits, 5), COALESCE(s.decimals, 3), COALESCE(s.initial, 0)
FROM {staging} s JOIN readings_meters m ON m.source = 'file' AND m.source_key = s.account || '/' || s.serial
WHERE s.reject IS NULL
ON CONFLICT (meter_id, code) DO NOTHING
""",
)
_STAGED_REGISTER = """
FROM {staging} s
JOIN readings_meters m ON m.source = 'file' AND m.source_key = s.account || '/' || s.serial
JOIN readings_registers r ON r.meter_id = m.id AND r.code = COALESCE(s.register, 'T1')
"""
_MARK_READINGS = (
    """
UPDATE {staging} SET reject = 'no_meter' WHERE reject IS NULL AND line NOT IN (SELECT s.line {joined})
""",
    """
UPDATE {staging} SET reject = 'not_newer' WHERE reject IS NULL AND line IN (
  SELECT s.line {joined} WHERE r.last_on IS NOT NULL AND {taken_on} <= r.last_on)
""",
    """
UPDATE {staging} SET reject = 'below' WHERE reject IS NULL AND line IN (
  SELECT line FROM (
    SELECT s.line, s.value, lag(s.value, 1, r.last_milli) OVER (PARTITION BY r.id ORDER BY s.taken_on, s.line) AS before
    {joined} WHERE s.reject IS NULL) checked
  WHERE value < before)
""",
)
_READINGS = (
    """
INSERT INTO readings_readings (public_id, account_id, register_id, value_milli, added_milli, taken_on, period, submitted_at,
                               channel, actor, rolled_over, confirmed)
SELECT {public_id}, m.account_id, r.id, s.value,
       s.value - lag(s.value, 1, r.last_milli) OVER (PARTITION BY r.id ORDER BY s.taken_on, s.line),
       {taken_on}, {period}, :now, 'import', :actor, {false}, {false}
{joined} WHERE s.reject IS NULL
""",
    """
UPDATE readings_registers SET last_milli = newest.value, last_on = newest.taken_on, last_period = newest.period
FROM (SELECT r.id, max(s.value) AS value, max({taken_on}) AS taken_on, max({period}) AS period
      {joined} WHERE s.reject IS NULL GROUP BY r.id) newest
WHERE newest.id = readings_registers.id AND readings_registers.last_milli <= newest.value
""",
    """
UPDATE readings_registers SET usual_milli = average.added
FROM (SELECT e.register_id, CAST(avg(e.added_milli) AS BIGINT) AS added FROM readings_readings e
      WHERE e.register_id IN (SELECT r.id {joined}) GROUP BY e.register_id) average
WHERE average.register_id = readings_registers.id
""",
)


def apply_meters(db: Session, staged: Staged) -> Applied:
    """Write a batch of meters: new ones with their registers, known ones brought up to date."""
    _run(db, staged, (_MARK_ACCOUNT, *_METERS))
    return Applied()


def apply_readings(db: Session, staged: Staged) -> Applied:
    """Write a batch of readings. Within a register they follow each other by date; one that goes back is refused."""
    _run(db, staged, (*_MARK_READINGS, *_READINGS))
    return Applied()


def _run(db: Session, staged: Staged, statements: tuple[str, ...]) -> None:
    sqlite = db.get_bind().dialect.name == "sqlite"
    staging = staged.table.name
    parts = {
        "staging": staging,
        "joined": _STAGED_REGISTER.format(staging=staging),
        "public_id": sql_public_id(db.get_bind().dialect.name),
        "taken_on": "s.taken_on" if sqlite else "CAST(s.taken_on AS date)",
        "installed": "s.installed" if sqlite else "CAST(s.installed AS date)",
        "verified": "s.verified" if sqlite else "CAST(s.verified AS date)",
        "period": "date(s.taken_on, 'start of month')"
        if sqlite
        else "CAST(date_trunc('month', CAST(s.taken_on AS date)) AS date)",
        "false": "0" if sqlite else "false",
    }
    moment = now(db)
    values = {"now": moment.replace(tzinfo=None).isoformat(" ") if sqlite else moment, "actor": context(db).actor.label}
    for statement in statements:
        filled = statement.format(**parts)
        db.execute(sql(filled), {name: value for name, value in values.items() if f":{name}" in filled})


def _column(name: str, title: Text, parse: Parser, *aliases: str, required: bool = True) -> Column:
    return Column(name, title, parse, aliases, required)


_ACCOUNT = _column(
    "account", text("readings.import.account", "Account"), account_number(), "лицевой счёт", "лс", "account number"
)
_SERIAL = _column(
    "serial", text("readings.import.serial", "Serial number"), words(40), "заводской номер", "номер счётчика"
)
_REGISTER = _column(
    "register", text("readings.import.register", "Register"), words(4), "тарифная зона", "зона", required=False
)

METERS = ImportKind(
    name="meters",
    title=text("readings.import.meters", "Meters"),
    columns=(
        _ACCOUNT,
        _SERIAL,
        _column(
            "resource",
            text("readings.import.resource", "Resource"),
            one_of(
                NAMES,
                text("readings.import.not_resource", "Write cold_water, hot_water, electricity, gas or heat."),
            ),
            "ресурс",
            "услуга",
        ),
        _column(
            "place",
            text("readings.import.place", "Place"),
            words(100),
            "место",
            "место установки",
            "установлен где",
            required=False,
        ),
        _REGISTER,
        _column(
            "digits",
            text("readings.import.digits", "Digits"),
            integer(),
            "знаков",
            "цифр",
            "разрядность",
            required=False,
        ),
        _column(
            "decimals", text("readings.import.decimals", "Decimals"), integer(), "знаков после запятой", required=False
        ),
        _column(
            "initial", text("readings.import.initial", "Initial value"), volume(), "начальное показание", required=False
        ),
        _column(
            "installed",
            text("readings.import.installed", "Installed on"),
            day(),
            "установлен",
            "дата установки",
            required=False,
        ),
        _column(
            "verified",
            text("readings.import.verified", "Verified until"),
            day(),
            "поверка до",
            "поверен до",
            "дата следующей поверки",
            required=False,
        ),
    ),
    apply=apply_meters,
    rejections={"no_account": _UNKNOWN_ACCOUNT},
)

READINGS = ImportKind(
    name="readings",
    title=text("readings.import.readings", "Meter readings"),
    columns=(
        _ACCOUNT,
        _SERIAL,
        _column("value", text("readings.import.value", "Reading"), volume(), "показание", "показания"),
        _column("taken_on", text("readings.import.taken_on", "Date"), day(), "дата", "дата показания"),
        _REGISTER,
    ),
    apply=apply_readings,
    rejections={
        "no_meter": Rejection(
            "serial",
            text("readings.import.no_meter", "There is no such meter on the account. Import the meters first."),
        ),
        "not_newer": Rejection(
            "taken_on", text("readings.import.not_newer", "A reading of this day or a later one is already there.")
        ),
        "below": Rejection("value", text("readings.import.below", "The value is below the one before it.")),
    },
)
