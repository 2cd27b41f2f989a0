"""Crash points: a flow is run in a process that dies at the k-th thing it does (a statement, a commit, a call to a provider,
a letter), then the portal is started again and judged. For every k, or for some of them."""

from __future__ import annotations

import json
import multiprocessing
import os
import smtplib
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from lkportal.app import Portal
from lkportal.testing.clients import PortalClient
from lkportal.testing.portals import Recipe

KILLED = 137
_CHILD_SECONDS = 300
Flow = Callable[[Portal], None]
Check = Callable[[Portal], None]


@dataclass(frozen=True, slots=True)
class Point:
    """One moment of a flow: its number from 1, what is about to happen or has just happened, and with what."""

    number: int
    moment: str
    what: str

    def __str__(self) -> str:
        return f"{self.number} {self.moment} {self.what}".rstrip()


@dataclass(slots=True)
class Explored:
    """What came of it. `unreached` are crashes the flow ended before: it took another way that time."""

    points: list[Point]
    crashed: int = 0
    unreached: int = 0
    failures: list[str] = field(default_factory=list)


class CrashPoints:
    """Runs flows into crashes. `make()` returns a recipe with a fresh migrated database each time it is called.

    Flows run in another process: write them as functions at the top of a module. `check` runs here.
    """

    def __init__(self, make: Callable[[], Recipe], folder: Path) -> None:
        self._make = make
        self._folder = folder
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["lkportal.testing.warm"])

    def points(self, flow: Flow, prepare: Flow | None = None) -> list[Point]:
        """Run the flow to its end and return its points. Raises AssertionError with its traceback when it fails by itself."""
        code, points = self._run(self._prepared(prepare), flow, 0)
        assert code == 0, f"The flow fails without any crash: {points}"
        return [Point(number, *each) for number, each in enumerate(points, 1)]

    def explore(
        self,
        flow: Flow,
        check: Check,
        *,
        prepare: Flow | None = None,
        recover: Flow | None = None,
        wanted: Callable[[Point], bool] = lambda point: True,
        again: Callable[[Point], int] | None = None,
    ) -> Explored:
        """Crash at each wanted point of `flow`, start again, `recover` (default: do the work that waits), then `check`.

        With `again` the flow is begun once more after the first crash and dies at the point of that number too.
        Raises AssertionError that names every point after which `check` failed.
        """
        explored = Explored([point for point in self.points(flow, prepare) if wanted(point)])
        for point in explored.points:
            recipe = self._prepared(prepare)
            code, told = self._run(recipe, flow, point.number)
            assert code in (0, KILLED), f"At {point} the flow fails by itself: {told}"
            explored.crashed += code == KILLED
            explored.unreached += code == 0
            if again is not None:
                code, told = self._run(recipe, flow, again(point))
                assert code in (0, KILLED), f"After a crash at {point} the flow fails by itself: {told}"
            try:
                with recipe.running() as portal:
                    (recover or work_off)(portal)
                    check(portal)
            except Exception:  # noqa: BLE001 - every point is tried, all failures are told together
                explored.failures.append(f"{point}\n{traceback.format_exc(limit=-3)}")
        if explored.failures:
            # Raised, not asserted: whether pytest rewrites this file depends on who imported it first.
            wrong = f"{len(explored.failures)} of {len(explored.points)} crashes leave a wrong state:"
            raise AssertionError("\n".join([wrong, *explored.failures]))
        return explored

    def _prepared(self, prepare: Flow | None) -> Recipe:
        recipe = self._make()
        with recipe.running() as portal:
            if prepare is not None:
                prepare(portal)
        return recipe

    def _run(self, recipe: Recipe, flow: Flow, crash_at: int) -> tuple[int, Any]:
        told = self._folder / "points.json"
        told.unlink(missing_ok=True)
        child: Any = self._context.Process(target=_child, args=(recipe, flow, crash_at, str(told)))
        child.start()
        child.join(_CHILD_SECONDS)
        if child.is_alive():
            child.kill()
            child.join()
            raise AssertionError(f"The flow did not end in {_CHILD_SECONDS} seconds.")
        return child.exitcode or 0, json.loads(told.read_text("utf-8")) if told.is_file() else []


def work_off(portal: Portal) -> int:
    """Do everything that waits: relay events, run due jobs. Return how many jobs ran."""
    return portal.worker().run_once()


class _Bomb:
    """Counts what happens and ends the process at the chosen moment."""

    def __init__(self, crash_at: int) -> None:
        self.crash_at = crash_at
        self.seen: list[tuple[str, str]] = []

    def notice(self, moment: str, what: str = "") -> None:
        self.seen.append((moment, " ".join(what.split())[:120]))
        if len(self.seen) == self.crash_at:
            os._exit(KILLED)

    def around(self, owner: type[Any], method: str, name: str, skip: type[Any] | None = None) -> None:
        """Notice before and after each call of a method. The process is ours alone, so its classes may be changed."""
        real = getattr(owner, method)

        def call(this: Any, *args: Any, **options: Any) -> Any:
            if skip is not None and isinstance(this, skip):
                return real(this, *args, **options)
            what = str(getattr(args[0], "url", "")) if args else ""
            self.notice(f"before_{name}", what)
            answer = real(this, *args, **options)
            self.notice(f"after_{name}", what)
            return answer

        setattr(owner, method, call)


def _child(recipe: Recipe, flow: Flow, crash_at: int, told: str) -> None:
    bomb = _Bomb(crash_at)
    try:
        with recipe.running() as portal:
            bomb.around(httpx2.Client, "send", "provider", skip=PortalClient)
            bomb.around(smtplib.SMTP, "sendmail", "mail")
            with portal.database.observe(bomb.notice):
                flow(portal)
    except BaseException:  # noqa: BLE001 - told to the process that waits
        _tell(told, traceback.format_exc())
        os._exit(1)
    _tell(told, bomb.seen)
    os._exit(0)


def _tell(file: str, what: str | Sequence[Any]) -> None:
    Path(file).write_text(json.dumps(what, ensure_ascii=False), encoding="utf-8")
