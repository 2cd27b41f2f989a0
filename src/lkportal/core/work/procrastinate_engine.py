"""The engine that hands due jobs to procrastinate on PostgreSQL. The future, leases, attempts and outcomes stay in
core_jobs; procrastinate carries the ids of due rows to its workers, woken by NOTIFY. Its tables may be lost at any time."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.schema import SchemaManager
from procrastinate.types import JSONValue
from psycopg import AsyncConnection, sql
from sqlalchemy import text

from lkportal.core.errors import StartupError
from lkportal.core.jobs import Work
from lkportal.core.work import states
from lkportal.core.work.running import perform
from lkportal.core.work.table_engine import Crew

TASK = "lkportal.job"
QUEUE = "lkportal"
HAND_AT_ONCE = 500
_IN_SCHEMA = text("SELECT set_config('search_path', 'lkportal_jobs,' || current_setting('search_path'), true)")
# Workers are known to procrastinate by its own heartbeats, on the server's clock: every 5 s, gone after 15 s.
_DROP_STALLED = text(
    """
    DELETE FROM lkportal_jobs.procrastinate_jobs AS job
    WHERE job.status = 'doing' AND NOT EXISTS (
        SELECT FROM lkportal_jobs.procrastinate_workers AS worker
        WHERE worker.id = job.worker_id AND worker.last_heartbeat > now() - interval '15 seconds'
    )
    RETURNING (job.args ->> 'job_id')::bigint
    """
)
_log = logging.getLogger(__name__)


class ProcrastinateEngine:
    """Due rows go to procrastinate in batches; each job it brings is claimed in core_jobs before it runs."""

    name = "procrastinate"

    def __init__(self) -> None:
        self._deferring = App(connector=SyncPsycopgConnector())

    def prepare(self, work: Work) -> None:
        """Create procrastinate's schema, or make it anew when its version changed: it holds nothing that is not ours."""
        source = SchemaManager.get_schema()
        digest = hashlib.sha256(source.encode()).hexdigest()
        with psycopg.connect(_conninfo(work)) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(hashtext('lkportal_jobs'))")
            known = connection.execute("SELECT obj_description(to_regnamespace('lkportal_jobs'), 'pg_namespace')")
            if known.fetchone() != (digest,):
                _make_schema(connection, source, digest)

    def drain(self, work: Work) -> int:
        """Hand over what is due and let a procrastinate worker of this process run dry, until nothing is due."""
        count = 0
        while handed := self.hand(work, HAND_AT_ONCE):
            count += handed
            with ThreadPoolExecutor(2, thread_name_prefix="lkportal-job") as pool:
                pool.submit(asyncio.run, _procrastinate(lambda: work, pool, 1, wait=False)).result()
        return count

    @contextmanager
    def crew(self, work: Callable[[], Work], threads: int, wake: Callable[[], None]) -> Iterator[Crew]:
        """Start a procrastinate worker on a thread with its own loop; jobs run on `threads` more."""
        with ThreadPoolExecutor(threads, thread_name_prefix="lkportal-job") as pool:
            hands = _Hands(self, work, pool, threads)
            try:
                yield hands
            finally:
                hands.stop()

    def hand(self, work: Work, most: int) -> int:
        """Hand due jobs to procrastinate, so that about `most` are in its hands, in one transaction; return how many."""
        with work.database.unit() as db:
            job_ids = states.hand(db, work.clock.now(), most - states.in_hand(db))
            if job_ids:
                db.execute(_IN_SCHEMA)
                raw = db.connection().connection.driver_connection
                deferrer = self._deferring.configure_task(TASK, queue=QUEUE, connection=raw)
                ids: list[dict[str, JSONValue]] = [{"job_id": job_id} for job_id in job_ids]
                deferrer.batch_defer(*ids)
        return len(job_ids)

    def regain(self, work: Work) -> None:
        """Take back jobs that a dead process had fetched and not begun: their rows wait again."""
        with work.database.unit() as db:
            db.execute(_IN_SCHEMA)
            states.unhand(db, db.execute(_DROP_STALLED).scalars())


class _Hands:
    """A procrastinate worker on its own thread and loop, started again when it falls."""

    def __init__(
        self, engine: ProcrastinateEngine, work: Callable[[], Work], pool: ThreadPoolExecutor, threads: int
    ) -> None:
        self._engine, self._work, self._pool, self._threads = engine, work, pool, threads
        self._stop = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, name="lkportal-procrastinate")
        self._thread.start()

    def feed(self) -> None:
        """Hand over due jobs."""
        self._engine.hand(self._work(), HAND_AT_ONCE)

    def tend(self) -> None:
        """Take back what dead processes had fetched."""
        self._engine.regain(self._work())

    def stop(self) -> None:
        """Fetch nothing more and wait for the jobs begun."""
        self._stop.set()
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join()

    def _end(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            if task.get_name() == TASK:
                task.cancel()

    def _live(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._keep_going())

    async def _keep_going(self) -> None:
        while not self._stop.is_set():
            task = asyncio.create_task(_procrastinate(self._work, self._pool, self._threads, wait=True), name=TASK)
            try:
                await task
            except asyncio.CancelledError:
                return
            except Exception as error:  # noqa: BLE001 - whatever fells it, most often a database that is away
                _log.warning("The procrastinate worker fell (%s) and is started again", type(error).__qualname__)
                await asyncio.sleep(1.0)


async def _procrastinate(work: Callable[[], Work], pool: ThreadPoolExecutor, threads: int, *, wait: bool) -> None:
    """Run a procrastinate worker: until cancelled, or with `wait=False` until its queue is empty."""
    connector = PsycopgConnector(
        conninfo=_conninfo(work()), configure=_enter_schema, min_size=1, max_size=threads + 2, timeout=10.0
    )
    app = App(connector=connector)

    @app.task(name=TASK, queue=QUEUE)
    async def carry(job_id: int) -> None:
        await asyncio.get_running_loop().run_in_executor(pool, _carry, work(), job_id)

    async with app.open_async():
        await app.run_worker_async(
            queues=[QUEUE],
            concurrency=threads,
            wait=wait,
            listen_notify=wait,
            fetch_job_polling_interval=1.0,
            delete_jobs="always",
            update_heartbeat_interval=5.0,
            stalled_worker_timeout=15.0,
            install_signal_handlers=False,
        )


def _carry(work: Work, job_id: int) -> None:
    with work.database.unit() as db:
        job = states.take(db, job_id, work.clock.now(), work.jobs, work.worker)
    if job is not None:
        perform(work, job)


async def _enter_schema(connection: AsyncConnection[Any]) -> None:
    await connection.execute("SET search_path TO lkportal_jobs")
    await connection.commit()


def _make_schema(connection: psycopg.Connection[Any], source: LiteralString, digest: str) -> None:
    try:
        connection.execute("UPDATE core_jobs SET state = 'waiting', lease_until = NULL WHERE state = 'handed'")
        connection.execute("DROP SCHEMA IF EXISTS lkportal_jobs CASCADE")
        connection.execute("CREATE SCHEMA lkportal_jobs")
        connection.execute("SET LOCAL search_path TO lkportal_jobs")
        connection.execute(source)
        connection.execute(sql.SQL("COMMENT ON SCHEMA lkportal_jobs IS {}").format(sql.Literal(digest)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise StartupError(
            "jobs_schema",
            "The database user may not create the schema lkportal_jobs that procrastinate needs: grant CREATE on the"
            ' database to it, or set jobs.engine = "table".',
        ) from error


def _conninfo(work: Work) -> str:
    return work.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
