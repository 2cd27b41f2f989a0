"""The data of the benchmarks: 100,000 accounts written by plain INSERT ... SELECT into the portal's own tables, on either database,
and 4,000 people signed in. Built once for a month and kept in build/bench (SQLite) and in the test server (PostgreSQL)."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import make_url

from benchmarks.places import BUILD, ROOT, overrides
from benchmarks.subjects import LOAD_CORE, environment
from benchmarks.visitors import ACCOUNTS, PASSWORD, THIN, signed_in, visitors
from lkportal.app import Portal, create_app
from lkportal.audit.sealer import BATCH, seal
from lkportal.auth.passwords import Passwords
from lkportal.auth.settings import AuthSettings
from lkportal.core.db import Database
from lkportal.core.migrating import migrate
from lkportal.core.unit import open_unit
from lkportal.testing.databases import start_postgres

STREETS = ("Ломоносова", "Советская", "Озёрная", "Речная", "Северная", "Полярная", "Заводская", "Набережная")
NAMES = ("Анна В.", "Вера П.", "Игорь О.", "Мария Л.", "Пётр К.", "Ольга С.", "Иван Т.", "Нина Ж.")


def prepared(kind: str) -> str:
    """Return the URL of the filled database of `kind` (sqlite or postgresql), building it when there is none for this month."""
    today = datetime.now(UTC).date()
    name = f"lkbench_{ACCOUNTS}{'t' if THIN else ''}_{today:%Y%m}_{_digest()}"
    url = _sqlite(name) if kind == "sqlite" else _postgres(name)
    portal = create_app(ROOT / "examples/utility/portal.toml", overrides=overrides(url))
    try:
        if migrate.pending(portal.database, portal.known):
            migrate.upgrade(portal.database, portal.known)
            portal.remember_brands()
        with portal.database.unit() as db:
            connection = db.connection()
            if not connection.exec_driver_sql("SELECT count(*) FROM auth_sessions").scalar():
                print(f"{kind}: writing {ACCOUNTS:,} accounts, a few minutes", flush=True)
                if kind == "postgresql":
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                    connection.exec_driver_sql(
                        "SET LOCAL session_replication_role = replica"
                    )  # no checks of foreign keys
                for statement in (*_scaffold(today), *_statements(kind, datetime.now(UTC))):
                    connection.exec_driver_sql(statement.replace("%", "%%") if kind == "postgresql" else statement)
                if kind == "postgresql":
                    for table in _COUNTED:
                        connection.exec_driver_sql(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
                _sign_in(connection)
            _refresh(connection)
        if not THIN:
            _seal(portal)
        _analyse(portal.database)
    finally:
        portal.database.close()
    _sign_in_at_django(url)
    return url


def spread_postgres(url: str) -> None:
    """Keep PostgreSQL's processes of this database on the core of the load, so that the server has its own for itself."""
    with psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    ) as connection:
        for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"):
            os.sched_setaffinity(pid, {LOAD_CORE})


def _sqlite(name: str) -> str:
    BUILD.mkdir(parents=True, exist_ok=True)
    for old in BUILD.glob(f"{_size(name)}*"):
        if not old.name.startswith(name):
            old.unlink()
    return f"sqlite:///{BUILD / name}.db"


def _postgres(name: str) -> str:
    server = make_url(start_postgres())
    with psycopg.connect(
        server.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    ) as c:
        known = {row[0] for row in c.execute("SELECT datname FROM pg_database WHERE datname LIKE 'lkbench\\_%'")}
        known = {each for each in known if each.startswith(_size(name))}
        for old in known - {name}:
            c.execute(f'DROP DATABASE "{old}" WITH (FORCE)'.encode())
        if name not in known:
            c.execute(f'CREATE DATABASE "{name}"'.encode())
    return server.set(database=name).render_as_string(hide_password=False)


def _size(name: str) -> str:
    """Return how the names of all databases of this size begin: those of other sizes are kept."""
    return name[: name.index("_", len("lkbench_")) + 1]


def _digest() -> str:
    """Return what changes when the tables or the rows would be others."""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    rows = "".join([*_scaffold(day.date()), *_statements("sqlite", day), *_statements("postgresql", day)])
    steps = b"".join(step.read_bytes() for step in sorted((ROOT / "src/lkportal").rglob("migrations/*.py")))
    return hashlib.sha256(rows.encode() + steps).hexdigest()[:12]


def _scaffold(today: date) -> list[str]:
    """Return what the rows are multiplied from: numbers, the last thirteen months (0 the oldest), streets, names."""
    first = today.year * 12 + today.month - 13
    months = [date((first + back) // 12, (first + back) % 12 + 1, 1) for back in range(13)]
    rows = ", ".join(
        f"({k}, DATE '{m}', DATE '{m + timedelta(days=31)}', DATE '{(m + timedelta(days=31)).replace(day=25)}', DATE '{m.replace(day=18)}')"
        for k, m in enumerate(months)
    )
    return [
        "CREATE TEMP TABLE months (k INTEGER, period DATE, issued DATE, due DATE, taken DATE)",
        f"INSERT INTO months VALUES {rows}".replace("DATE '", "'"),
        "CREATE TEMP TABLE numbers (n INTEGER)",
        f"INSERT INTO numbers WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {ACCOUNTS}) SELECT n FROM c",
        _list("streets", STREETS),
        _list("names", NAMES),
        _list("places", ("ванная", "ванная", "кухня")),
    ]


def _list(name: str, words: Sequence[str]) -> str:
    rows = " UNION ALL ".join(f"SELECT {place} AS i, '{word}' AS word" for place, word in enumerate(words))
    return f"CREATE TEMP TABLE {name} AS {rows}"


def _statements(dialect: str, now: datetime) -> list[str]:
    """Return the inserts. Ids and public ids are counted, so pages are the same on both databases."""
    hexed = "printf('%015x', {})" if dialect == "sqlite" else "lpad(to_hex({}), 15, '0')"
    spread = "printf('%08d', {})" if dialect == "sqlite" else "lpad(({})::text, 8, '0')"
    moment = f"'{now:%Y-%m-%d} 00:00:00.000000'" if dialect == "sqlite" else f"timestamptz '{now:%Y-%m-%d}'"
    taken = "taken || ' 09:00:00.000000'" if dialect == "sqlite" else "taken + interval '9 hours'"
    false = "0" if dialect == "sqlite" else "false"

    def public(letter: str, number: str) -> str:
        return f"'{letter}' || " + hexed.format(number)

    amount = "180000 + (n * 37 + k * 911) % 90000"
    used = "(n * k) % 900"
    sent = "(k < 12 OR (i = 0 AND n % 2 = 0))"
    return [
        "INSERT INTO auth_identities (id, public_id, kind, login, email, password_hash, name, locale, created_at) "
        f"SELECT n, {public('p', 'n')}, 'customer', 'p' || n || '@example.org', 'p' || n || '@example.org', 'x', word, '', {moment} "
        f"FROM numbers JOIN names ON i = n % {len(NAMES)}",
        "INSERT INTO accounts_accounts (id, public_id, brand_id, number, title, holder, time_zone, currency, opened_at) "
        f"SELECT n, {public('a', 'n')}, (SELECT min(id) FROM accounts_brands), '04' || {spread.format('n')}, "
        f"word || ', ' || (n % 97 + 1) || ', кв. ' || (n % 61 + 1), 'Жилец', 'Europe/Moscow', 'RUB', {moment} "
        f"FROM numbers JOIN streets ON i = n % {len(STREETS)}",
        "INSERT INTO accounts_memberships (id, public_id, identity_id, account_id, role, created_at) "
        f"SELECT n, {public('m', 'n')}, n, n, 'owner', {moment} FROM numbers",
        "INSERT INTO accounts_memberships (id, public_id, identity_id, account_id, role, created_at) "
        f"SELECT {ACCOUNTS} + n, {public('n', 'n')}, n, n - 1, 'payer', {moment} FROM numbers WHERE n % 4 = 0",
        "INSERT INTO payments_bills (id, public_id, account_id, period, number, currency, total, posted, issued_on, due_on) "
        f"SELECT (n - 1) * 6 + k - 5, {public('b', '(n - 1) * 6 + k')}, n, period, '', 'RUB', {amount}, {amount}, issued, due "
        f"FROM numbers CROSS JOIN months WHERE k BETWEEN {7 if THIN else 6} AND 11",
        *(
            "INSERT INTO payments_charge_lines (id, bill_id, position, kind, service, note, volume_milli, unit, rate_millionths, amount) "
            f"SELECT (id - 1) * 4 + {place + 1}, id, {place}, 'charge', '{service}', '', 7000, 'm3', 4892000000, {part} FROM payments_bills "
            f"WHERE (id - 1) % 6 >= {4 if THIN else 0}"
            for place, (service, part) in enumerate(
                (("Холодная вода", "total / 2"), ("Горячая вода", "total / 4"), ("Водоотведение", "total / 8"))
            )
        ),
        "INSERT INTO payments_ledgers (kind, owner, account_id, currency, balance) "
        f"SELECT 'customer', CAST(n AS VARCHAR(12)), n, 'RUB', CASE WHEN n % 3 = 0 THEN 0 WHEN n % 11 = 0 THEN -5000 "
        f"WHEN n % 7 = 0 THEN 250000 ELSE {amount} END FROM numbers JOIN months ON k = 11",
        "INSERT INTO payments_payments (id, public_id, account_id, actor, token, amount, currency, state, created_at, paid_at, acknowledged_at) "
        f"SELECT n, {public('y', 'n')}, n, 'bench', {hexed.format('n')}, 120000, 'RUB', 'paid', {moment}, {moment}, "
        f"CASE WHEN n % 75 = 0 THEN NULL ELSE {moment} END FROM numbers",
        "INSERT INTO readings_meters (id, public_id, account_id, resource, unit, serial, place, verified_until) "
        f"SELECT (n - 1) * 3 + i + 1, {public('t', '(n - 1) * 3 + i + 1')}, n, CASE WHEN i = 1 THEN 'hot_water' ELSE 'cold_water' END, "
        f"'m3', 'S' || ((n - 1) * 3 + i), word, '2031-01-01' FROM numbers CROSS JOIN places",
        "INSERT INTO readings_registers (id, public_id, meter_id, code, digits, decimals, last_milli, last_on, last_period, usual_milli) "
        f"SELECT (n - 1) * 3 + i + 1, {public('g', '(n - 1) * 3 + i + 1')}, (n - 1) * 3 + i + 1, 'T1', 5, 3, "
        f"100000 + n % 1000 * 1000 + 4000 * k + {used}, taken, period, 4000 FROM numbers CROSS JOIN places JOIN months "
        "ON k = CASE WHEN i = 0 AND n % 2 = 0 THEN 12 ELSE 11 END",
        "INSERT INTO readings_readings (id, public_id, account_id, register_id, value_milli, added_milli, taken_on, period, "
        "submitted_at, channel, actor, rolled_over, confirmed) "
        f"SELECT ((n - 1) * 3 + i) * 13 + k + 1, {public('r', '((n - 1) * 3 + i) * 13 + k + 1')}, n, (n - 1) * 3 + i + 1, "
        f"100000 + n % 1000 * 1000 + 4000 * k + {used}, 4000 + {used} - (n * (k - 1)) % 900, taken, period, {moment}, 'web', '', {false}, {false} "
        f"FROM numbers CROSS JOIN places CROSS JOIN months WHERE k > {9 if THIN else 0} AND {sent}",
        # What the history of an account tells: its newest readings, as they were sent.
        "INSERT INTO audit_records (id, public_id, at, actor, action, outcome, target, account, request_id, detail) "
        f"SELECT ((k - 10) * {ACCOUNTS} + n - 1) * 3 + i + 1, {public('d', f'((k - 10) * {ACCOUNTS} + n - 1) * 3 + i + 1')}, {taken}, "
        f"'customer:' || {public('p', 'n')}, 'readings.submitted', 'done', {public('r', '((n - 1) * 3 + i) * 13 + k + 1')}, {public('a', 'n')}, "
        f"'', '{{}}' FROM numbers CROSS JOIN places CROSS JOIN months WHERE k > 9 AND {sent}",
        "INSERT INTO notify_messages (id, public_id, identity_id, account_id, event_id, notice, topic, template, route, facts, created_at, read_at) "
        f"SELECT (n - 1) * 4 + k, {public('e', '(n - 1) * 4 + k')}, n, n, 'e' || ((n - 1) * 4 + k), 'bench', 'bench', '', '', '{{}}', {moment}, "
        f"CASE WHEN k <= n % 4 THEN NULL ELSE {moment} END FROM numbers JOIN months ON k BETWEEN 1 AND 4",
        "CREATE TABLE django_session (session_key VARCHAR(40) NOT NULL PRIMARY KEY, session_data TEXT NOT NULL, expire_date TIMESTAMP NOT NULL)",
        "CREATE INDEX django_session_expire_date ON django_session (expire_date)",
    ]


_COUNTED = ("auth_identities", "accounts_memberships", "accounts_accounts", "payments_bills", "payments_charge_lines", "payments_payments",
            "readings_meters", "readings_registers", "readings_readings", "audit_records", "notify_messages")  # fmt: skip


def _sign_in(connection: Any) -> None:
    """Give everybody of `visitors` a session of the portal's. Django's are written by Django, see django_site.sessions."""
    for number, visitor in zip(signed_in(), visitors(), strict=True):
        hashed = hashlib.sha256(visitor.token.encode()).hexdigest()
        connection.exec_driver_sql(
            "INSERT INTO auth_sessions (public_id, token_hash, identity_id, created_at, seen_at, expires_at, ends_at, device, network, account_id) "
            f"VALUES ('s{number:015x}', '{hashed}', {number}, '2026-01-01', '2026-01-01', '2026-01-01', '2026-01-01', '', '', {number})"
        )


def _sign_in_at_django(url: str) -> None:
    command = [sys.executable, "-m", "benchmarks.django_site.sign_in"]
    subprocess.run(command, cwd=ROOT, check=True, env=environment(BENCH_DATABASE=url))


def _refresh(connection: Any) -> None:
    """Let every session have been seen just now: nobody is signed out, and no page has a last-seen mark to write."""
    now, later = datetime.now(UTC), datetime.now(UTC) + timedelta(days=7)
    connection.exec_driver_sql(
        f"UPDATE auth_sessions SET seen_at = '{now + timedelta(minutes=55):{_STAMP}}', "
        f"expires_at = '{later:{_STAMP}}', ends_at = '{later:{_STAMP}}', stepped_up_at = '{now:{_STAMP}}'"
    )
    connection.exec_driver_sql(
        f"UPDATE auth_identities SET password_hash = '{Passwords(AuthSettings.model_validate({})).make(PASSWORD)}' WHERE password_hash = 'x' "
        "AND id IN (SELECT identity_id FROM auth_sessions)"
    )
    connection.exec_driver_sql("DELETE FROM core_rate_limits")
    connection.exec_driver_sql(
        f"UPDATE payments_payments SET paid_at = '{now:{_STAMP}}' WHERE acknowledged_at IS NULL AND actor = 'bench'"
    )


_STAMP = "%Y-%m-%d %H:%M:%S.%f"


def _seal(portal: Portal) -> None:
    """Seal the acts of the past, as they are on every portal that has lived for a while."""
    sealed = BATCH
    while sealed == BATCH:
        with open_unit(portal.database, portal.unit_context("bench")) as db:
            sealed = seal(db)


def _analyse(database: Database) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("ANALYZE")
