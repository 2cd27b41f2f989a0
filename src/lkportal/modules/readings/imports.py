"""Files that the company feeds readings with: meters, and readings taken by its own people or kept from years before."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from lkportal.accounts.contract import ACCOUNT_REJECTIONS, MARK_ACCOUNT
from lkportal.core.i18n import text
from lkportal.core.imports import (
    Applied,
    ImportKind,
    Rejection,
    Setwise,
    Staged,
    account_number,
    column,
    day,
    integer,
    one_of,
    staged_day,
    volume,
    words,
)
from lkportal.core.unit import context, now
from lkportal.modules.readings.views import NAMES

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
       {taken_on}, {period}, :now, 'import', :actor, false, false
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
FROM (SELECT e.register_id, CAST(sum(e.added_milli) / count(DISTINCT e.period) AS BIGINT) AS added FROM readings_readings e
      WHERE e.register_id IN (SELECT r.id {joined}) GROUP BY e.register_id) average
WHERE average.register_id = readings_registers.id
""",
)


def apply_meters(db: Session, staged: Staged) -> Applied:
    """Write a batch of meters: new ones with their registers, known ones brought up to date."""
    days = {name: staged_day(db, f"s.{name}") for name in ("installed", "verified")}
    run_all(db, staged, (MARK_ACCOUNT, *_METERS), **days)
    return Applied()


def apply_readings(db: Session, staged: Staged) -> Applied:
    """Write a batch of readings. Within a register they follow each other by date; one that goes back is refused."""
    taken_on = staged_day(db, "s.taken_on")
    sqlite = db.get_bind().dialect.name == "sqlite"
    run_all(
        db,
        staged,
        (*_MARK_READINGS, *_READINGS),
        joined=_STAGED_REGISTER.format(staging=staged.table.name),
        taken_on=taken_on,
        period=f"date({taken_on}, 'start of month')" if sqlite else f"CAST(date_trunc('month', {taken_on}) AS date)",
    )
    return Applied()


def run_all(db: Session, staged: Staged, statements: Sequence[str], **names: str) -> None:
    """Run the statements of a batch; they know `:now` and `:actor`."""
    work = Setwise(db, staged, {"now": now(db), "actor": context(db).actor.label}, **names)
    for statement in statements:
        work.run(statement)


ACCOUNT = column(
    "account", text("readings.import.account", "Account"), account_number(), "лицевой счёт", "лс", "account number"
)
_SERIAL = column(
    "serial", text("readings.import.serial", "Serial number"), words(40), "заводской номер", "номер счётчика"
)
_REGISTER = column(
    "register", text("readings.import.register", "Register"), words(4), "тарифная зона", "зона", required=False
)

METERS = ImportKind(
    name="meters",
    title=text("readings.import.meters", "Meters"),
    columns=(
        ACCOUNT,
        _SERIAL,
        column(
            "resource",
            text("readings.import.resource", "Resource"),
            one_of(
                NAMES,
                text("readings.import.not_resource", "Write cold_water, hot_water, electricity, gas or heat."),
            ),
            "ресурс",
            "услуга",
        ),
        column(
            "place",
            text("readings.import.place", "Place"),
            words(100),
            "место",
            "место установки",
            "установлен где",
            required=False,
        ),
        _REGISTER,
        column(
            "digits",
            text("readings.import.digits", "Digits"),
            integer(),
            "знаков",
            "цифр",
            "разрядность",
            required=False,
        ),
        column(
            "decimals", text("readings.import.decimals", "Decimals"), integer(), "знаков после запятой", required=False
        ),
        column(
            "initial", text("readings.import.initial", "Initial value"), volume(), "начальное показание", required=False
        ),
        column(
            "installed",
            text("readings.import.installed", "Installed on"),
            day(),
            "установлен",
            "дата установки",
            required=False,
        ),
        column(
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
    rejections=ACCOUNT_REJECTIONS,
)

READINGS = ImportKind(
    name="readings",
    title=text("readings.import.readings", "Meter readings"),
    columns=(
        ACCOUNT,
        _SERIAL,
        column("value", text("readings.import.value", "Reading"), volume(), "показание", "показания"),
        column("taken_on", text("readings.import.taken_on", "Date"), day(), "дата", "дата показания"),
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
