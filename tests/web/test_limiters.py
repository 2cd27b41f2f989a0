"""Slots: a kind of work that is full makes its own visitors wait, and nobody else's."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import httpx2
import pytest
from starlette.responses import PlainTextResponse, Response

from lkportal.core.db import Database
from lkportal.core.policy import anyone
from lkportal.web import Request, page, route
from lkportal.web.asgi.limiters import Full, Limiter
from lkportal.web.asgi.lines import Lines, Turn
from tests.web.house import build, demo
from tests.web.served import served

LOCAL = "http://127.0.0.1"


def test_a_full_limiter_says_503_while_pages_of_others_answer(database: Database) -> None:
    leave = threading.Event()

    def slow(_request: Request) -> Response:
        leave.wait(20)
        return PlainTextResponse("done")

    def quick(request: Request) -> Response:
        return page(request, "demo/page.html", said="quick")

    edge = build(
        database,
        demo(
            route("/slow", slow, name="slow", policy=anyone(), limiter="slow"),
            route("/quick", quick, name="quick", policy=anyone()),
        ),
        public_url=LOCAL,
        slow_slots=2,
        queue_seconds=0.3,
    )
    with served(edge) as (host, port), ThreadPoolExecutor(6) as pool, httpx2.Client(timeout=20) as visitor:
        at = f"http://{host}:{port}/demo"
        waiting = [pool.submit(httpx2.get, f"{at}/slow", timeout=20) for _ in range(2)]
        while edge.limiters["slow"].busy < 2:
            time.sleep(0.01)
        turned_away = visitor.get(f"{at}/slow")
        began = time.perf_counter()
        others = [visitor.get(f"{at}/quick").status_code for _ in range(5)]
        took = time.perf_counter() - began
        leave.set()
        served_ones = [each.result().status_code for each in waiting]

    assert turned_away.status_code == 503
    assert int(turned_away.headers["retry-after"]) > 0
    assert "content-security-policy" in turned_away.headers
    assert others == [200] * 5
    assert took < 5
    assert served_ones == [200, 200]


def test_a_slot_is_kept_until_the_thread_is_done_even_if_the_visitor_left() -> None:
    async def story() -> tuple[int, int]:
        limiter = Limiter("test", 1, 5)
        release = threading.Event()
        task = asyncio.create_task(limiter.run(release.wait))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        while_it_runs = limiter.busy
        release.set()
        await asyncio.sleep(0.1)
        return while_it_runs, limiter.busy

    assert asyncio.run(story()) == (1, 0)


def test_those_who_wait_get_their_turn_in_order() -> None:
    order: list[int] = []

    async def story() -> None:
        limiter = Limiter("test", 1, 5)
        await asyncio.gather(*(limiter.run(lambda n=n: order.append(n)) for n in range(20)))  # type: ignore[misc]
        assert (limiter.busy, limiter.waiting) == (0, 0)

    asyncio.run(story())
    assert order == list(range(20))


def test_a_queue_that_is_too_long_is_refused_at_once() -> None:
    async def story() -> tuple[int, float]:
        limiter = Limiter("test", 1, 5)
        release = threading.Event()
        tasks = [asyncio.create_task(limiter.run(release.wait)) for _ in range(100)]
        began = time.perf_counter()
        await asyncio.sleep(0.05)
        refused = sum(isinstance(task.exception(), Full) for task in tasks if task.done())
        took = time.perf_counter() - began
        release.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        return refused, took

    refused, took = asyncio.run(story())
    assert refused == 100 - 1 - 64
    assert took < 2


def test_a_turn_given_up_is_passed_on() -> None:
    async def story() -> int:
        limiter = Limiter("test", 1, 0.05)
        release = threading.Event()
        first = asyncio.create_task(limiter.run(release.wait))
        await asyncio.sleep(0)
        with pytest.raises(Full):
            await limiter.run(lambda: None)
        release.set()
        await first
        await asyncio.sleep(0.05)
        return await limiter.run(lambda: 42)

    assert asyncio.run(story()) == 42


def test_an_error_of_the_work_gives_its_slot_back() -> None:
    def broken() -> None:
        raise ValueError("no")

    async def story() -> int:
        limiter = Limiter("test", 1, 1)
        for _ in range(3):
            with pytest.raises(ValueError, match="no"):
                await limiter.run(broken)
        await asyncio.sleep(0.05)
        return limiter.busy

    assert asyncio.run(story()) == 0


def test_work_runs_in_the_context_of_its_caller() -> None:
    name: ContextVar[str] = ContextVar("name")

    async def story() -> str:
        name.set("anna")
        return await Limiter("test", 1, 1).run(name.get)

    assert asyncio.run(story()) == "anna"


def test_a_limiter_serves_several_event_loops() -> None:
    limiter = Limiter("test", 1, 5)

    def from_a_loop_of_its_own(number: int) -> int:
        def work() -> int:
            time.sleep(0.01)
            return number

        return asyncio.run(limiter.run(work))

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(from_a_loop_of_its_own, range(16))) == list(range(16))
    assert limiter.busy == 0


def test_threads_start_when_needed_and_end_with_the_limiter() -> None:
    async def story() -> Limiter:
        limiter = Limiter("brief", 8, 1)
        for _ in range(5):
            await limiter.run(lambda: None)
        return limiter

    limiter = asyncio.run(story())
    (thread,) = limiter.threads
    limiter.close()
    assert not thread.is_alive()
    with pytest.raises(Full):
        asyncio.run(limiter.run(lambda: None))


def test_an_abandoned_limiter_lets_its_threads_go() -> None:
    limiter = Limiter("abandoned", 2, 1)
    asyncio.run(limiter.run(lambda: None))
    (thread,) = limiter.threads
    del limiter
    gc.collect()

    thread.join(5)
    assert not thread.is_alive()


def test_known_ones_go_ahead_and_strangers_still_get_their_turn() -> None:
    order: list[str] = []

    async def story() -> None:
        limiter = Limiter("test", 1, 5)
        release = threading.Event()
        first = asyncio.create_task(limiter.run(release.wait))
        await asyncio.sleep(0)
        strangers = [asyncio.create_task(limiter.run(lambda n=n: order.append(f"s{n}"))) for n in range(3)]  # type: ignore[misc]
        await asyncio.sleep(0)
        known = [
            asyncio.create_task(limiter.run(lambda n=n: order.append(f"k{n}"), {f"device:{n}": 1}))  # type: ignore[misc]
            for n in range(10)
        ]
        await asyncio.sleep(0)
        release.set()
        await asyncio.gather(first, *strangers, *known)
        assert (limiter.busy, limiter.waiting) == (0, 0)

    asyncio.run(story())
    assert order == ["k0", "k1", "k2", "k3", "s0", "k4", "k5", "k6", "k7", "s1", "k8", "k9", "s2"]


def test_a_line_full_of_strangers_has_room_ahead() -> None:
    async def story() -> tuple[bool, bool]:
        lines, loop = Lines(2), asyncio.get_running_loop()
        for _ in range(2):
            assert lines.join(loop.create_future()) is not None
        stranger = lines.join(loop.create_future())
        known = lines.join(loop.create_future(), {"device:a": 1})
        return stranger is None, known is not None and lines.following() is known

    assert asyncio.run(story()) == (True, True)


def test_no_key_takes_more_places_ahead_than_are_its_own() -> None:
    async def story() -> tuple[list[str], Turn | None]:
        lines, loop = Lines(3), asyncio.get_running_loop()

        def places(device: str) -> str:
            turn = lines.join(loop.create_future(), {f"device:{device}": 1, "person:x": 2})
            return "refused" if turn is None else "ahead" if turn.keys else "with the others"

        told = [places(device) for device in ("a", "a", "b", "c", "c", "d")]
        return told, lines.join(loop.create_future(), {"device:z": 1, "person:y": 2})

    told, another = asyncio.run(story())
    assert told == ["ahead", "with the others", "ahead", "with the others", "with the others", "refused"]
    assert another is not None
    assert another.keys


def test_a_place_ahead_is_free_again_after_its_turn_and_after_it_was_given_up() -> None:
    async def story() -> None:
        lines, loop, places = Lines(3), asyncio.get_running_loop(), {"device:a": 1}
        for _ in range(3):
            turn = lines.join(loop.create_future(), places)
            assert turn is not None
            assert lines.following() is turn
            assert not lines.leave(turn)
        for _ in range(3):
            turn = lines.join(loop.create_future(), places)
            assert turn is not None
            assert turn.keys
            assert lines.leave(turn)
        assert len(lines) == 0

    asyncio.run(story())


def test_the_line_ahead_is_bounded_too() -> None:
    async def story() -> list[bool]:
        lines, loop = Lines(2), asyncio.get_running_loop()
        turns = [lines.join(loop.create_future(), {f"device:{n}": 1}) for n in range(5)]
        return [turn is not None and bool(turn.keys) for turn in turns[:4]] + [turns[4] is None]

    assert asyncio.run(story()) == [True, True, False, False, True]


def test_threads_of_a_limiter_behind_give_way_to_others() -> None:
    """A flood of sign-ins must not take processors from pages: its threads are behind theirs, where the system knows such."""

    def place() -> int:
        return os.getpriority(os.PRIO_PROCESS, 0)

    async def places() -> tuple[int, int]:
        hashing, pages = Limiter("hash", 1, 5, behind=5), Limiter("web", 1, 5)
        found = await hashing.run(place), await pages.run(place)
        hashing.close()
        pages.close()
        return found

    behind, usual = asyncio.run(places())

    assert behind == (min(usual + 5, 19) if sys.platform == "linux" else usual)
