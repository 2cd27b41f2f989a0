"""The witness of the portal: it notices steps in memory and puts them away in batches, of those alone who agreed. What is not put
away when a process dies is lost, at most as much as its memory holds; what is put away twice is there once."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, bindparam, delete, select
from sqlalchemy.orm import Session

from lkportal.core.tables import insert_if_new
from lkportal.core.tasks import Task
from lkportal.privacy.contract import Consents
from lkportal.staff.behaviour.models import DaySalt, StepFact
from lkportal.web import Cookie, Portal, Request, forget
from lkportal.web.cookies import read_cookie
from lkportal.web.routing import SAFE_METHODS

PURPOSE = "behaviour"
COOKIE = "lk_steps"
BATCH, MOST, SECONDS = 100, 2_000, 15.0
_COOKIE_DAYS = 180
_SHOWN, _TAKEN, _BROKEN = 200, 400, 500
_FACTS = cast(Table, StepFact.__table__)
_KEEP, _SALT = insert_if_new(_FACTS), insert_if_new(cast(Table, DaySalt.__table__))
_SALTS = select(DaySalt.day, DaySalt.salt).where(DaySalt.day.in_(bindparam("days", expanding=True)))
_DROP = delete(_FACTS).where(
    _FACTS.c.day.in_(bindparam("days", expanding=True)), _FACTS.c.visit.in_(bindparam("visits", expanding=True))
)
Who = tuple[Literal["person", "browser"], str]


@dataclass(frozen=True, slots=True)
class Noticed:
    """A step as it was noticed. `who` is the key of a person or the number of a browser: it is in memory alone."""

    day: date
    who: Who
    task: str
    step: str
    code: str
    device: str


@dataclass
class Watch:
    """Fills the port Witness. `asked` is what of the queue was noticed already, so that a page seen twice is queued once."""

    portal: Portal
    tasks: Sequence[Task]
    is_on: bool
    waiting: list[Noticed] = field(default_factory=list)
    asked: set[Noticed] = field(default_factory=set)
    agreed: dict[int, bool] = field(default_factory=dict)
    since: float = 0.0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._zone = ZoneInfo(self.portal.settings.portal.time_zone)
        self._steps: dict[str, list[tuple[Task, str]]] = {}
        for task in self.tasks:
            for step in task.steps:
                for route in step.routes:
                    self._steps.setdefault(route, []).append((task, step.name))

    def saw(self, request: Request, status: int, code: str) -> None:
        """Notice an answer, when its route is a step of a task and the visitor is a customer or a browser that agreed."""
        steps = self._steps.get(request.route.name)
        if steps is None or not _counts(request, status):
            return
        browser = self._browser(request)
        error = "" if status < _TAKEN else (code or str(status))[:40]
        day = self.portal.clock.now().astimezone(self._zone).date()
        device = device_class(request.headers.get("user-agent", ""))
        for task, step in steps:
            who = _who(task, request.actor.id, browser)
            if who is not None:
                self._queue(Noticed(day, who, task.name, step, error, device))
        if self.waiting and (len(self.waiting) >= BATCH or monotonic() - self.since > SECONDS):
            request.after_answer(self.flush)

    def close(self) -> None:
        """Put away what waits."""
        self.flush()

    def flush(self) -> None:
        """Put away what waits, of those who agreed; forget today's steps of those who do not agree any more."""
        with self._flushing:
            with self._lock:
                batch, self.waiting = self.waiting, []
            if not batch:
                return
            try:
                self._put_away(batch)
            except Exception:
                with self._lock:
                    self.waiting = [*batch, *self.waiting][:MOST]
                raise

    def _queue(self, fact: Noticed) -> None:
        with self._lock:
            if fact in self.asked or len(self.waiting) >= MOST:
                return
            if len(self.asked) >= 10 * MOST:
                self.asked.clear()
            self.since = self.since if self.waiting else monotonic()
            self.asked.add(fact)
            self.waiting.append(fact)

    def _put_away(self, batch: Sequence[Noticed]) -> None:
        people = {int(fact.who[1]) for fact in batch if fact.who[0] == "person"}
        with self.portal.database.reading() as connection:
            agreed = self.portal.ports.get(Consents).among(connection, people, PURPOSE)  # type: ignore[type-abstract]
        self.agreed = {**(self.agreed if len(self.agreed) < MOST else {}), **{who: who in agreed for who in people}}
        kept = [fact for fact in batch if fact.who[0] == "browser" or int(fact.who[1]) in agreed]
        gone = [fact for fact in batch if fact.who[0] == "person" and int(fact.who[1]) not in agreed]
        with self._lock:
            self.asked.difference_update(gone)
        if not kept and not gone:
            return
        with self.portal.database.unit() as db:
            salts = _salts(db, {fact.day for fact in kept})
            drop(db.connection(), gone, _known_salts(db, {fact.day for fact in gone}))
            if kept:
                db.connection().execute(_KEEP[db.get_bind().dialect.name], [_row(fact, salts) for fact in kept])

    def _browser(self, request: Request) -> str:
        """Return the number of a browser that agreed, "" for any other; give or take the cookie as its owner decided."""
        sealed = read_cookie(request, request.site, COOKIE)
        signing = request.visit.edge.signing
        person = request.actor.id if request.actor.kind == "customer" else None
        agreed = self.agreed.get(person) if person is not None else None
        if agreed and not sealed:
            sealed = signing.sign(COOKIE, secrets.token_urlsafe(9))
            request.set_cookie(Cookie(COOKIE, sealed, _COOKIE_DAYS * 86_400))
        elif agreed is False and sealed:
            request.set_cookie(forget(COOKIE))
            return ""
        return str(signing.read(COOKIE, sealed, _COOKIE_DAYS * 86_400) or "") if sealed else ""


def device_class(user_agent: str) -> str:
    """Return what a browser says it runs on: phone, tablet, computer."""
    if "iPad" in user_agent or "Tablet" in user_agent or ("Android" in user_agent and "Mobile" not in user_agent):
        return "tablet"
    return "phone" if "Mobi" in user_agent or "iPhone" in user_agent else "computer"


def drop(connection: Connection, gone: Iterable[Noticed], salts: Mapping[date, str]) -> None:
    """Delete what was kept of visits on the days whose salts are still known."""
    names = {visit_name(salts[fact.day], fact.who, fact.device) for fact in gone if fact.day in salts}
    if names:
        connection.execute(_DROP, {"days": list(salts), "visits": sorted(names)})


def visit_name(salt: str, who: Who, device: str) -> str:
    """Return what a visit is called on one day: without the day's salt it leads to nobody."""
    return hmac.digest(salt.encode(), f"{who[0]} {who[1]} {device}".encode(), "sha256").hex()[:32]


def _counts(request: Request, status: int) -> bool:
    """Whether an answer is a step or an error at one: not what was led to another page first, nor what broke on our side."""
    actor = request.actor
    if actor.behind or actor.kind not in ("customer", "anonymous") or status >= _BROKEN:
        return False
    if actor.kind == "anonymous" and request.route.policy.who != "anyone":
        return False
    return status == _SHOWN or status >= _TAKEN or request.method not in SAFE_METHODS


def _who(task: Task, person: int | None, browser: str) -> Who | None:
    if task.unknown:
        return ("browser", browser) if browser else None
    return ("person", str(person)) if person is not None else None


def _salts(db: Session, days: set[date]) -> Mapping[date, str]:
    if not days:
        return {}
    fresh = [{"day": day, "salt": secrets.token_hex(32)} for day in sorted(days)]
    db.connection().execute(_SALT[db.get_bind().dialect.name], fresh)
    return _known_salts(db, days)


def _known_salts(db: Session, days: set[date]) -> Mapping[date, str]:
    if not days:
        return {}
    return {row.day: row.salt for row in db.execute(_SALTS, {"days": sorted(days)})}


def _row(fact: Noticed, salts: Mapping[date, str]) -> dict[str, Any]:
    return {
        "day": fact.day,
        "visit": visit_name(salts[fact.day], fact.who, fact.device),
        "task": fact.task,
        "step": fact.step,
        "code": fact.code,
        "device": fact.device,
    }
