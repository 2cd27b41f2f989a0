"""A round of a connector: take the connection, tell what waits, ask what is new, write down how it went. One round of a connector
goes at a time, whatever asked for it; a killed one is taken over when its time is over, and nothing it told is told anew: the
other system is searched for the dispatch's key."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from lkportal.core.clock import Clock
from lkportal.core.connecting import queue
from lkportal.core.connecting.exchange import Connector, Dispatch, Exchange, Exchanges, Refused, Told, Unavailable
from lkportal.core.connecting.tables import IS_WAITING, connections, dispatches
from lkportal.core.contributions import JobSpec, Schedule
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext, LeaseLost, enqueue
from lkportal.core.ports import Ports
from lkportal.core.tables import insert_if_new
from lkportal.core.work.running import describe
from lkportal.core.work.states import changed

LEASE = timedelta(seconds=90)
"""How long a round may be silent (Ways.beat, a dispatch told): longer than any call may take."""
MOST = 200
"""Dispatches told in one round: what is asked there must have its turn."""
IN_A_ROW = 3
"""After so many calls without an answer the other system is left alone until the next round."""
_FIRST, _LONGEST = timedelta(seconds=30), timedelta(minutes=5)

_log = logging.getLogger(__name__)
_NEW = insert_if_new(connections)
_MOMENT: Any = bindparam("moment")
_TAKE = (
    update(connections)
    .where(
        connections.c.name == bindparam("of"),
        or_(connections.c.busy_until.is_(None), connections.c.busy_until < _MOMENT),
        or_(connections.c.next_at.is_(None), connections.c.next_at <= _MOMENT),
    )
    .values(busy_until=bindparam("until"), holder=bindparam("mine"))
)
_MINE = (connections.c.name == bindparam("of"), connections.c.holder == bindparam("mine"))
_HOLD = update(connections).where(*_MINE).values(busy_until=bindparam("until"))
_WELL = (
    update(connections)
    .where(*_MINE)
    .values(heard_at=_MOMENT, failing_since=None, failures=0, error="", next_at=None, busy_until=None)
)
_BADLY = (
    update(connections)
    .where(*_MINE)
    .values(
        failing_since=func.coalesce(connections.c.failing_since, _MOMENT),
        failures=connections.c.failures + 1,
        error=bindparam("code"),
        next_at=bindparam("later"),
        busy_until=None,
    )
)
_STATE = select(connections.c.failures, connections.c.cursor).where(connections.c.name == bindparam("of"))
_CURSOR = update(connections).where(*_MINE).values(cursor=bindparam("kept"))
_DUE = (
    select(
        dispatches.c.id,
        dispatches.c.key,
        dispatches.c.kind,
        dispatches.c.subject,
        dispatches.c.facts,
        dispatches.c.attempt,
    )
    .where(dispatches.c.connector == bindparam("of"), IS_WAITING, dispatches.c.due_at <= _MOMENT)
    .order_by(dispatches.c.id)
    .limit(MOST)
)
_OURS = (dispatches.c.id == bindparam("dispatch"), dispatches.c.state == "waiting")
_TRY = update(dispatches).where(*_OURS).values(attempt=dispatches.c.attempt + 1, due_at=bindparam("later"))
_SENT = (
    update(dispatches).where(*_OURS).values(state="sent", external_id=bindparam("theirs"), error="", done_at=_MOMENT)
)
_REFUSE = update(dispatches).where(*_OURS).values(state="refused", error=bindparam("code"))
_LATER = update(dispatches).where(*_OURS).values(due_at=bindparam("later"), error=bindparam("code"))
_ALL_NOW = update(dispatches).where(dispatches.c.connector == bindparam("of"), IS_WAITING).values(due_at=_MOMENT)


class TakenOver(Exception):
    """Another worker goes this round: this one was silent for too long."""


def job_of(connector: Connector) -> JobSpec:
    """Return the job that goes a connector's round."""

    def go(context: JobContext) -> None:
        exchange = context.ports.get(Exchanges).of(connector.name)
        if exchange is not None:
            go_round(context, connector.name, exchange)

    title = text("core.connections.round", "Exchanges data: %(system)s", system=connector.title)
    return JobSpec(connector.job, go, attempts=2, lease_seconds=int(LEASE.total_seconds()), title=title)


def schedule_of(connector: Connector) -> Schedule:
    """Return when a connector goes round by itself."""
    return Schedule(connector.job, connector.cron)


def go_round(context: JobContext, name: str, exchange: Exchange) -> None:
    """Go one round, unless another is under way or the connection rests after a failure. Never raises what the other system did."""
    ways = Round(context, name)
    if not ways.take():
        return
    code, wait = "", 0.0
    try:
        silent = _tell(ways, exchange)
        exchange.pull(ways)
        if silent is not None:
            raise silent
    except (TakenOver, LeaseLost, KeyboardInterrupt):
        return
    except (Unavailable, Refused) as trouble:
        code, wait = trouble.code, getattr(trouble, "retry_after", 0.0)
    except Exception as error:  # noqa: BLE001 - a broken connector is shown on the page of connections and stops nobody else
        _log.exception("The round of the connector %s broke", name)
        code = "broken: {} {}".format(*describe(error))
    ways.end(code[:120], wait)


class Round:
    """The ways of one round (exchange.Ways), and what the round itself writes."""

    def __init__(self, context: JobContext, name: str) -> None:
        self._context, self._name, self._mine = context, name, str(uuid4())
        self.cursor: Mapping[str, Any] = {}
        self._failures, self._beaten = 0, context.clock.now()

    @property
    def clock(self) -> Clock:
        """The portal's clock."""
        return self._context.clock

    @property
    def ports(self) -> Ports:
        """The ports of the portal."""
        return self._context.ports

    def reading(self) -> AbstractContextManager[Connection]:
        """Return a reading connection."""
        return self._context.reading()

    @contextmanager
    def unit(self) -> Iterator[Session]:
        """Open a unit that holds the round: two of one connector never write at once."""
        with self._context.unit() as db:
            if not changed(db.execute(_HOLD, {**self._key, "until": self.clock.now() + LEASE})):
                raise TakenOver(self._name)
            yield db

    def beat(self) -> None:
        """Say that the round goes on."""
        with self.unit():
            pass
        self._context.heartbeat()
        self._beaten = self.clock.now()

    def external_id(self, kind: str, subject: str) -> str | None:
        """Return what the other system calls a thing it was told of."""
        with self.reading() as connection:
            return queue.external_id(connection, self._name, kind, subject)

    def keep(self, db: Session, cursor: Mapping[str, Any]) -> None:
        """Keep how far a pull came."""
        db.execute(_CURSOR, {**self._key, "kept": dict(cursor)})
        self.cursor = cursor

    def take(self) -> bool:
        """Take the connection for this round; False when it is another's, or rests."""
        moment = self.clock.now()
        with self._context.unit() as db:
            fresh = {"name": self._name, "failures": 0, "error": "", "holder": "", "cursor": {}}
            db.execute(_NEW[db.get_bind().dialect.name], fresh)
            if not changed(db.execute(_TAKE, {**self._key, "moment": moment, "until": moment + LEASE})):
                return False
            row = db.execute(_STATE, {"of": self._name}).one()
        self.cursor, self._failures = row.cursor, row.failures
        return True

    def due(self) -> list[Dispatch]:
        """Return what is to be told now, the oldest first, each with the number of the attempt that this is."""
        with self.reading() as connection:
            rows = connection.execute(_DUE, {"of": self._name, "moment": self.clock.now()}).all()
        return [Dispatch(**{**row._mapping, "attempt": row.attempt + 1}) for row in rows]

    def trying(self, dispatch: Dispatch) -> bool:
        """Write down that a dispatch is being told; False when it was dealt with meanwhile. The round lives on while it tells."""
        if self.clock.now() - self._beaten >= LEASE / 3:
            self.beat()
        with self.unit() as db:
            later = self.clock.now() + pause(dispatch.attempt)
            return changed(db.execute(_TRY, {"dispatch": dispatch.id, "later": later})) == 1

    def told(self, dispatch: Dispatch, said: Told) -> None:
        """Write down what the other system said to a dispatch."""
        with self.unit() as db:
            values = {"dispatch": dispatch.id, "theirs": said.external_id[:120], "moment": self.clock.now()}
            if changed(db.execute(_SENT, values)) and said.write is not None:
                said.write(db)

    def refused(self, dispatch: Dispatch, code: str) -> None:
        """Put a dispatch before a person."""
        with self.unit() as db:
            db.execute(_REFUSE, {"dispatch": dispatch.id, "code": code[:120]})

    def later(self, dispatch: Dispatch, trouble: Unavailable) -> None:
        """Let a dispatch wait for another attempt."""
        wait = max(pause(dispatch.attempt), timedelta(seconds=min(trouble.retry_after, 3600)))
        with self.unit() as db:
            later = self.clock.now() + wait
            db.execute(_LATER, {"dispatch": dispatch.id, "later": later, "code": trouble.code[:120]})

    def end(self, code: str, wait: float) -> None:
        """Write down how the round went and let go of the connection. After an outage all that waits is told at once."""
        moment = self.clock.now()
        values: dict[str, Any] = {**self._key, "moment": moment}
        with self._context.unit() as db:
            if code:
                rest = max(pause(self._failures + 1), timedelta(seconds=min(wait, 3600)))
                db.execute(_BADLY, {**values, "code": code, "later": moment + rest})
                return
            ended = changed(db.execute(_WELL, values))
            if ended and self._failures and changed(db.execute(_ALL_NOW, {"of": self._name, "moment": moment})):
                again_at(db, self._name, moment)

    @property
    def _key(self) -> dict[str, Any]:
        return {"of": self._name, "mine": self._mine}


def pause(attempt: int) -> timedelta:
    """Return how long is waited after this many failures in a row: 30 seconds, a minute, two, at most five."""
    return min(_FIRST * (1 << min(attempt - 1, 10)), _LONGEST)


def again_at(db: Session, connector: str, moment: datetime) -> None:
    """Queue another round behind the one under way."""
    job = f"{connector}.exchange"
    enqueue(db, job, {}, dedup=f"{job}@{moment.isoformat()}")


def _tell(ways: Round, exchange: Exchange) -> Unavailable | None:
    """Tell what is due; return the last silence when the other system did not answer and was left alone."""
    silent: Unavailable | None = None
    in_a_row = 0
    for dispatch in ways.due():
        if not ways.trying(dispatch):
            continue
        try:
            ways.told(dispatch, exchange.send(ways, dispatch))
            silent, in_a_row = None, 0
        except Refused as refusal:
            ways.refused(dispatch, refusal.code)
            silent, in_a_row = None, 0
        except Unavailable as trouble:
            ways.later(dispatch, trouble)
            silent, in_a_row = trouble, in_a_row + 1
            if in_a_row >= IN_A_ROW or trouble.retry_after:
                raise
    return silent
