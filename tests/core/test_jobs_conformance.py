"""One set of laws for every engine: what is queued is done, once, in its time, whoever dies meanwhile."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.core.contributions import JobSpec, Listener, Schedule
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.events import Envelope, emit
from lkportal.core.jobs import (
    GiveUp,
    JobContext,
    LeaseLost,
    RetryLater,
    dead_letters,
    discard,
    enqueue,
    retry,
)
from lkportal.core.tables import jobs
from tests.core.jobs_kit import LISTENERS, Happened, Site, every_engine, write

__all__ = ["every_engine"]

NOTE = LISTENERS[Happened.name]
MINUTE = timedelta(minutes=1)


class Fail:
    """A job that fails a number of times and then leaves its effect."""

    def __init__(self, times: int, error: Exception) -> None:
        self.left, self.error = times, error
        self.seen: list[int] = []

    def __call__(self, ctx: JobContext, *, key: str) -> None:
        self.seen.append(ctx.attempt)
        if self.left:
            self.left -= 1
            raise self.error
        with ctx.unit() as db:
            write(db, key)


def test_a_job_is_queued_with_the_transaction_or_not_at_all(site: Site) -> None:
    with pytest.raises(RuntimeError, match="changed my mind"), site.unit() as db:
        enqueue(db, "record", {"key": "dropped"})
        raise RuntimeError("changed my mind")
    site.enqueue("record", key="kept")
    assert site.worker().run_once() == 1
    assert site.effects() == ["kept"]
    assert site.worker().run_once() == 0


def test_future_work_waits_for_the_clock_of_the_portal(site: Site) -> None:
    with site.unit() as db:
        enqueue(db, "record", {"key": "tomorrow"}, run_at=site.clock.now() + timedelta(days=1))
    worker = site.worker()
    site.clock.advance(timedelta(hours=23, minutes=59))
    assert worker.run_once() == 0
    site.clock.advance(MINUTE)
    assert worker.run_once() == 1
    assert site.effects() == ["tomorrow"]


def test_a_key_is_queued_once_while_its_job_waits_or_runs(site: Site) -> None:
    queued: list[bool] = []

    def ask() -> bool:
        with site.unit() as db:
            return enqueue(db, "once", {}, dedup="rebuild")

    def once(ctx: JobContext) -> None:
        queued.append(ask())

    worker = site.worker({"once": once})
    assert [ask(), ask()] == [True, False]
    assert worker.run_once() == 1
    assert queued == [False], "the running job keeps its key"
    assert ask(), "the finished one does not"


def test_a_failed_job_comes_back_with_growing_pauses_and_then_succeeds(site: Site) -> None:
    job = Fail(2, OSError("no route"))
    worker = site.worker({"fail": job})
    site.enqueue("fail", key="at last")
    worker.run_once()
    assert worker.run_once() == 0, "not before its pause is over"
    site.clock.advance(timedelta(seconds=12))
    worker.run_once()
    site.clock.advance(timedelta(seconds=23))
    assert worker.run_once() == 0, "the second pause is three times the first"
    site.clock.advance(timedelta(seconds=13))
    worker.run_once()
    assert job.seen == [1, 2, 3]
    assert site.effects() == ["at last"]


def test_what_fails_every_time_becomes_a_dead_letter_without_personal_data(site: Site) -> None:
    job = Fail(99, ValueError("anna@example.org has 4012 8888 8888 1881"))
    worker = site.worker({"fail": job})
    site.enqueue("fail", key="never")
    for _ in range(5):
        worker.run_once()
        site.clock.advance(timedelta(hours=8))
    with site.database.reading() as connection:
        (letter,) = dead_letters(connection)
    assert job.seen == [1, 2, 3]
    assert (letter.name, letter.attempt, letter.error_class) == ("fail", 3, "ValueError")
    assert "in __call__ line" in letter.error
    assert "anna" not in letter.error
    assert "4012" not in letter.error


def test_a_dead_letter_is_tried_again_or_discarded_by_hand(site: Site) -> None:
    job = Fail(1, GiveUp("http_410"))
    worker = site.worker({"fail": job})
    site.enqueue("fail", key="second life")
    worker.run_once()
    with site.database.reading() as connection:
        (letter,) = dead_letters(connection)
    assert letter.error.startswith("http_410 in ")
    with site.unit() as db:
        retry(db, letter.id)
    worker.run_once()
    assert job.seen == [1, 1], "it has all its attempts again"
    assert site.effects() == ["second life"]
    with pytest.raises(NotFound), site.unit() as db:
        discard(db, letter.id)


def test_a_discarded_letter_is_gone(site: Site) -> None:
    worker = site.worker({"fail": Fail(9, GiveUp("http_410"))})
    with site.unit() as db:
        enqueue(db, "fail", {"key": "x"}, dedup="x")
    worker.run_once()
    with site.database.reading() as connection:
        (letter,) = dead_letters(connection)
    with site.unit() as db:
        assert enqueue(db, "fail", {"key": "x"}, dedup="x"), "a dead letter is no hindrance"
    with pytest.raises(PortalError, match="already_queued"), site.unit() as db:
        retry(db, letter.id)
    with site.unit() as db:
        discard(db, letter.id)
    with pytest.raises(NotFound), site.unit() as db:
        retry(db, letter.id)


def test_a_job_may_name_its_own_pause(site: Site) -> None:
    worker = site.worker({"fail": Fail(1, RetryLater("http_503", timedelta(minutes=5)))})
    site.enqueue("fail", key="after five minutes")
    worker.run_once()
    site.clock.advance(timedelta(minutes=4, seconds=59))
    assert worker.run_once() == 0
    site.clock.advance(timedelta(seconds=1))
    worker.run_once()
    assert site.effects() == ["after five minutes"]


def test_a_job_of_a_module_that_is_off_waits_and_is_not_lost(site: Site) -> None:
    site.enqueue("elsewhere", key="found")
    site.worker().run_once()
    site.clock.advance(MINUTE)
    site.worker({"elsewhere": Fail(0, OSError())}).run_once()
    assert site.effects() == ["found"]


def test_a_worker_that_lost_its_lease_changes_nothing(site: Site) -> None:
    late: list[str] = []

    def slow(ctx: JobContext) -> None:
        if ctx.attempt == 1:
            site.clock.advance(2 * MINUTE)
            site.worker({"slow": slow}).run_once()
            for touch in (ctx.heartbeat, lambda: _enter(ctx)):
                with pytest.raises(LeaseLost):
                    touch()
            late.append("still here")
        else:
            with ctx.unit() as db:
                write(db, f"attempt {ctx.attempt}")

    site.enqueue("slow")
    site.worker({"slow": slow}).run_once()
    assert late == ["still here"]
    assert site.effects() == ["attempt 2"]
    assert (site.count("done"), site.count("dead"), site.count("waiting")) == (1, 0, 0)


def _enter(ctx: JobContext) -> None:
    with ctx.unit() as db:
        write(db, "too late")


def test_a_late_result_is_not_recorded(site: Site) -> None:
    """The first attempt fails behind its lease while the second runs: the failure must not put the job back."""
    order: list[str] = []

    def slow(ctx: JobContext) -> None:
        order.append(f"start {ctx.attempt}")
        if ctx.attempt == 1:
            site.clock.advance(2 * MINUTE)
            site.worker({"slow": slow}).run_once()
            raise OSError("late")
        with ctx.unit(finish=True) as db:
            write(db, "second")

    site.enqueue("slow")
    worker = site.worker({"slow": slow})
    worker.run_once()
    site.clock.advance(timedelta(days=1))
    worker.run_once()
    assert order == ["start 1", "start 2"]
    assert site.effects() == ["second"]


def test_a_heartbeat_keeps_a_long_job_with_its_worker(site: Site) -> None:
    other: list[int] = []

    def long(ctx: JobContext) -> None:
        for _ in range(5):
            site.clock.advance(timedelta(seconds=50))
            other.append(site.worker({"long": long}).run_once())
            ctx.heartbeat()
        with ctx.unit() as db:
            write(db, f"attempt {ctx.attempt}")

    site.enqueue("long")
    site.worker({"long": long}).run_once()
    assert other == [0] * 5
    assert site.effects() == ["attempt 1"]


def test_a_job_that_kills_every_worker_becomes_a_dead_letter(site: Site) -> None:
    site.enqueue("record", key="poison")
    with site.database.reading() as connection:
        job_id = connection.execute(select(jobs.c.id)).scalar_one()
    worker = site.worker()
    with site.unit() as db:
        gone = {"state": "running", "attempt": 8, "fence": 8, "lease_until": site.clock.now()}
        db.execute(jobs.update().where(jobs.c.id == job_id).values(**gone))
    site.clock.advance(MINUTE)
    assert worker.run_once() == 0
    with site.database.reading() as connection:
        (letter,) = dead_letters(connection)
    assert letter.error_class == "WorkerLost"


def test_an_event_reaches_each_listener_once_with_its_circumstances(site: Site) -> None:
    told: list[tuple[str, Envelope]] = []

    def hear(name: str) -> Listener:
        return Listener(Happened.name, name, lambda _db, envelope: told.append((name, envelope)))

    with site.unit() as db:
        identifier = emit(db, Happened(5))
    worker = site.worker(listeners=(hear("mail"), hear("webhooks")))
    assert worker.run_once() == 2
    assert worker.run_once() == 0
    assert [name for name, _ in told] == ["mail", "webhooks"]
    envelope = told[0][1]
    assert (envelope.id, envelope.name, envelope.version, envelope.body) == (identifier, "test.happened", 1, {"n": 5})
    assert (envelope.actor, envelope.brand, envelope.request_id) == ("customer:Anna000000000000", "north", "req-1")
    assert envelope.number == 1


def test_the_same_event_and_listener_take_effect_once_even_while_the_first_still_runs(site: Site) -> None:
    begun, calls = threading.Event(), []

    def slowly(db: Session, envelope: Envelope) -> None:
        calls.append(envelope.id)
        write(db, "told")
        begun.set()
        time.sleep(0.7)

    listener = Listener(Happened.name, "slowly", slowly)
    with site.unit() as db:
        identifier = emit(db, Happened(1))
    first, second = site.worker(listeners=(listener,)), site.worker(listeners=(listener,))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first.run_once)
        assert begun.wait(20)
        double_the_delivery(site, identifier)
        second.run_once()
        running.result()
    assert site.count("done") == 2
    assert calls == [identifier]
    assert site.effects() == ["told"]


def double_the_delivery(site: Site, identifier: str) -> None:
    """Queue the delivery a second time behind the back of the relay."""
    with site.unit() as db:
        enqueue(db, "core.deliver", {"event": identifier, "handler": "slowly"})


def test_a_listener_that_fails_leaves_neither_effect_nor_mark_and_is_told_again(site: Site) -> None:
    failures = [OSError("first time")]

    def shaky(db: Session, envelope: Envelope) -> None:
        write(db, "told")
        if failures:
            raise failures.pop()

    with site.unit() as db:
        emit(db, Happened(1))
    worker = site.worker(listeners=(Listener(Happened.name, "shaky", shaky), *NOTE))
    worker.run_once()
    assert site.effects() == ["test.happened 1"], "one listener's failure is not another's"
    site.clock.advance(timedelta(seconds=13))
    worker.run_once()
    assert site.effects() == ["test.happened 1", "told"]


def test_a_listener_may_tell_further_events_and_queue_jobs(site: Site) -> None:
    def pass_on(db: Session, envelope: Envelope) -> None:
        if envelope.body["n"] < 3:
            emit(db, Happened(envelope.body["n"] + 1))
        enqueue(db, "record", {"key": f"after {envelope.body['n']}"})

    with site.unit() as db:
        emit(db, Happened(1))
    assert site.worker(listeners=(Listener(Happened.name, "pass_on", pass_on),)).run_once() == 6
    assert site.effects() == ["after 1", "after 2", "after 3"]


def test_a_tick_is_one_job_whoever_looks_and_missed_ticks_are_made_up_by_one(site: Site) -> None:
    hourly = (Schedule("record", "0 * * * *", {"key": "tick"}),)
    workers = [site.worker(schedules=hourly) for _ in range(3)]
    for worker in workers:
        worker.run_once()
    assert site.effects() == [], "a new schedule starts with its next tick"
    site.clock.advance(timedelta(hours=1))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda worker: worker.run_once(), workers))
    assert site.effects() == ["tick"]
    site.clock.advance(timedelta(hours=40))
    for worker in workers:
        worker.run_once()
    assert site.effects() == ["tick", "tick"]


def test_a_job_spec_says_how_long_and_how_often(site: Site) -> None:
    job = Fail(5, OSError("down"))
    worker = site.worker({"fail": JobSpec("fail", job, attempts=1)})
    site.enqueue("fail", key="x")
    worker.run_once()
    site.clock.advance(timedelta(days=1))
    worker.run_once()
    assert job.seen == [1]
    assert site.count("dead") == 1
