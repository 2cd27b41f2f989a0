"""The floor: bare ASGI, the driver's own cursors, one thread hop, the portal's statements as plain SQL, its templates. No SQLAlchemy
at run time, no routing, no policies, no headers, no log: what is left when everything a framework does is taken away."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import threading
from collections import namedtuple
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from sqlalchemy import BigInteger, Column, Date, DateTime, Dialect, bindparam, make_url, select

from benchmarks.drawing import Drawing, Facts
from lkportal.accounts import grants, queries
from lkportal.accounts.contract import UnreadCount
from lkportal.accounts.home.panels import year_before
from lkportal.accounts.home.places import Here, Place
from lkportal.app import Portal
from lkportal.core.i18n import text
from lkportal.core.money import Money
from lkportal.core.policy import AccountRef
from lkportal.modules.payments.models import Ledger

THREADS = 24
_OWED = select(Ledger.account_id, Ledger.balance, Ledger.currency).where(Ledger.account_id == bindparam("other"))
_PRAGMAS = (
    "query_only=ON",
    "busy_timeout=5000",
    "foreign_keys=ON",
    "cache_size=-4000",
    "mmap_size=2147418112",
    "temp_store=MEMORY",
)


class Statement:
    """One statement as the driver takes it: SQL, parameters in order, rows as named tuples."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        # A list of values ("state IN ...") is written out once; what a call gives stands empty until then.
        state = compiled.construct_expanded_state(compiled.params)
        self._sql = str(state.statement)
        self._order: Sequence[str] | None = state.positiontup
        self._values = dict(state.parameters)
        columns = list(statement.selected_columns)
        names = [str(column.key) for column in columns]
        self._row: Callable[[Any], Any] = namedtuple("Row", names)._make  # type: ignore[attr-defined]
        parsers = {place: _parser(column, dialect.name == "sqlite") for place, column in enumerate(columns)}
        self._parsers = [(place, parse) for place, parse in parsers.items() if parse]

    def rows(self, connection: Any, **values: Any) -> list[Any]:
        """Return the rows."""
        given = {**self._values, **values}
        found = connection.execute(
            self._sql, given if self._order is None else [given[name] for name in self._order]
        ).fetchall()
        if not self._parsers:
            return [self._row(row) for row in found]
        return [self._row(self._parsed(row)) for row in found]

    def _parsed(self, row: Sequence[Any]) -> list[Any]:
        parsed = list(row)
        for place, parse in self._parsers:
            if parsed[place] is not None:
                parsed[place] = parse(parsed[place])
        return parsed


def _parser(column: Any, sqlite: bool) -> Callable[[Any], Any] | None:
    """Return what makes of a driver's value what templates take: SQLite gives dates as text, PostgreSQL sums as Decimal."""
    kind = getattr(column.type, "impl_instance", column.type)
    if not sqlite:
        return int if isinstance(kind, BigInteger) and not isinstance(column, Column) else None
    if isinstance(kind, DateTime):
        return lambda value: datetime.fromisoformat(value).replace(tzinfo=UTC)
    return date.fromisoformat if isinstance(kind, Date) else None


class Floor:
    """The ASGI application."""

    def __init__(self, portal: Portal, url: str) -> None:
        dialect = portal.database.engine.dialect
        unread = portal.ports.get(UnreadCount)  # type: ignore[type-abstract]
        self._guard = Statement(grants.Statements(unread)._by_path.statement, dialect)
        self._mine = Statement(queries.SOME, dialect)
        self._owed = Statement(_OWED, dialect)
        self._cards = {
            name: Statement(query, dialect) for card in portal.registry.cards for name, query in card.queries.items()
        }
        self._drawing = Drawing(portal)
        self._rights = frozenset(portal.registry.permissions)
        self._url = make_url(url)
        self._threads = ThreadPoolExecutor(THREADS)
        self._local = threading.local()
        self._sqlite = dialect.name == "sqlite"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer the dashboard, whatever is asked."""
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        token = next(value for name, value in scope["headers"] if name == b"cookie").partition(b"lk_session=")[2]
        account = scope["path"].split("/")[2]
        body = await asyncio.get_running_loop().run_in_executor(self._threads, self._page, token, account)
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _page(self, token: bytes, asked: str) -> bytes:
        connection = self._connection()
        now: Any = datetime.now(UTC)
        today: Any = now.date()
        since: Any = year_before(today)
        if self._sqlite:
            now, today, since = f"{now:%Y-%m-%d %H:%M:%S.%f}", str(today), str(since)
        hashed = hashlib.sha256(token).hexdigest()
        row = self._guard.rows(connection, token_hash=hashed, now=now, account=asked)[0]
        account = AccountRef(
            row.account_id,
            row.account_public,
            row.number,
            row.title,
            row.time_zone,
            row.currency,
            row.brand,
            None,
            row.role,
            self._rights,
        )
        values = {"account_id": row.account_id, "person_id": row.id, "today": today, "since": since}
        rows = {name: statement.rows(connection, **values) for name, statement in self._cards.items()}
        here = self._here(connection, row.id, account)
        return self._drawing.page(Facts(row.name, row.unread, account, rows, here)).encode()

    def _here(self, connection: Any, person: int, account: AccountRef) -> Here:
        mine = sorted(self._mine.rows(connection, identity_id=person, limit=25), key=lambda row: row.id)
        others = [(place, row) for place, row in enumerate(mine) if row.id != account.id]
        family = next(place for place, row in enumerate(mine) if row.id == account.id)
        if not others:
            return Here(account.title, account.number, family)
        return Here(
            account.title,
            account.number,
            family,
            tuple(other_places(others, self._owed.rows(connection, other=others[0][1].id))),
        )

    def _connection(self) -> Any:
        found = getattr(self._local, "connection", None)
        if found is None:
            found = self._local.connection = self._connect()
        return found

    def _connect(self) -> Any:
        if not self._sqlite:
            address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
            return psycopg.connect(address, autocommit=True, options="-c timezone=UTC")
        connection = sqlite3.connect(
            self._url.database or "", check_same_thread=False, isolation_level=None, cached_statements=512
        )
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
        return connection


def other_places(others: Sequence[tuple[int, Any]], owed: Sequence[Any]) -> list[Place]:
    """Return a person's other accounts as the switcher shows them: (seal's family, row) each, and rows of what is owed."""
    by_account = {row.account_id: Money(row.balance, row.currency) for row in owed}
    return [
        Place(row.title, row.number, f"/home/{row.public_id}/", family, _words(by_account.get(row.id)))
        for family, row in others
    ]


def _words(owed: Money | None) -> Any:
    if owed is None:
        return ""
    if owed.minor > 0:
        return text("accounts.place.owes", "%(amount)s to pay", amount=owed)
    return text("accounts.place.paid", "All paid")
