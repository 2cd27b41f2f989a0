"""The exchange with 1C: rows of its sets come by the import kinds of files, payments go there as documents, once."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lkportal.connectors.onec.odata import OData, Row, key_of, moment, quoted
from lkportal.connectors.onec.settings import OneCSettings, PullTable
from lkportal.core.connecting.exchange import Dispatch, Refused, Told, Ways
from lkportal.core.imports import ImportKind, Reading, run_import
from lkportal.core.money import decimal_string
from lkportal.core.policy import SYSTEM
from lkportal.core.unit import UnitContext
from lkportal.modules.payments.contract import PaymentsOutside

PAYMENT = "payment"
_NO_DAY = "0001-01-01T00:00:00"


class OneCExchange:
    """How a portal speaks with one infobase of 1C."""

    def __init__(self, settings: OneCSettings, portal: Any) -> None:
        self._settings, self._portal = settings, portal
        password = settings.password.get_secret_value()
        self._odata = OData(settings.address, settings.login, password, settings.timeout)

    def send(self, ways: Ways, dispatch: Dispatch) -> Told:
        """Write a payment as a document and post it; one that is there already is only posted."""
        table = self._settings.payments
        with ways.reading() as connection:
            payment = ways.ports.get(PaymentsOutside).read(connection, dispatch.subject)  # type: ignore[type-abstract]
        if payment is None:
            raise Refused("no_such_payment")
        known = self._odata.first(table.entity, "Ref_Key", f"{table.key} eq {quoted(dispatch.key)}")
        fields = {
            table.key: dispatch.key,
            table.account: payment.account,
            table.amount: float(decimal_string(payment.amount)),
            table.day: moment(payment.day),
            **table.values,
        }
        key = key_of(known) if known is not None else self._odata.add(table.entity, fields)
        if table.post:
            self._odata.post(table.entity, key)

        def write(db: Session) -> None:
            ways.ports.get(PaymentsOutside).acknowledge(db, payment.payment)  # type: ignore[type-abstract]

        return Told(key, write)

    def pull(self, ways: Ways) -> None:
        """Ask for the rows of every set whose time has come, and import them as a file would be."""
        for number, table in enumerate(self._settings.pulls):
            name, now = f"{number} {table.entity}", ways.clock.now()
            last = ways.cursor.get(name)
            if last and now - datetime.fromisoformat(last) < timedelta(minutes=table.minutes):
                continue
            kind = self._portal.registry.import_kinds.get(table.kind)
            if kind is not None:
                self._bring(ways, table, kind, now)
            with ways.unit() as db:
                ways.keep(db, {**ways.cursor, name: now.astimezone(UTC).isoformat()})

    def _bring(self, ways: Ways, table: PullTable, kind: ImportKind, now: datetime) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.ndjson"
            with path.open("w", encoding="utf-8") as file:
                for line in self._lines(ways, table):
                    file.write(line)
            if not path.stat().st_size:
                return
            circumstances = UnitContext(ways.clock, SYSTEM, "onec", ways.ports)
            run_import(
                self._portal.database,
                circumstances,
                kind,
                path,
                reading=Reading(form="rows"),
                progress=lambda _progress: ways.beat(),
                render=self._portal.locales.get(self._portal.settings.portal.languages[0]).render,
                push=f"onec/{table.kind}/{now:%Y%m%dT%H%M%S}",
            )

    def _lines(self, ways: Ways, table: PullTable) -> Iterator[str]:
        wanted = sorted({*table.fields.values(), *([] if "," in table.order else [table.order.split()[0]])})
        for rows in self._odata.rows(table.entity, wanted, table.filter, table.order, self._settings.page):
            for row in rows:
                yield json.dumps(row_of(row, table.fields), ensure_ascii=False) + "\n"
            ways.beat()


def row_of(row: Row, fields: Mapping[str, str]) -> dict[str, str | None]:
    """Return a row of an import kind: dates as days, an empty date as nothing, numbers and truths as they are written."""
    return {column: _cell(row.get(name)) for column, name in fields.items()}


def _cell(value: Any) -> str | None:
    if value is None or value in ("", _NO_DAY):
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    written = str(value)
    is_day = len(written) == len(_NO_DAY) and written[10] == "T" and written[4] == "-"
    return written[:10] if is_day else written


def exchange_of(portal: Any) -> OneCExchange | None:
    """Return the exchange of a portal; None while no address is set."""
    settings: OneCSettings = portal.settings_of("onec")
    return OneCExchange(settings, portal) if settings.address else None
