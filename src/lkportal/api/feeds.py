"""Pushes as rows: begun, received up to an offset, whole, and what is due. Doing them is in running; the files in spool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update
from sqlalchemy.orm import Session

from lkportal.api.models import FeedRun, Token
from lkportal.core.errors import NotFound, Problem
from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.importing.tables import rejects
from lkportal.core.jobs import enqueue
from lkportal.core.tables import insert_if_new
from lkportal.core.unit import now

RECEIVING, WAITING, RUNNING, DONE, FAILED = "receiving", "waiting", "running", "done", "failed"
JOB = "api.feed"
OLD_AT_ONCE = 500
_runs: Any = FeedRun.__table__
_INSERT = insert_if_new(_runs)
_BY_KEY = select(FeedRun).where(
    FeedRun.token_id == bindparam("token"), FeedRun.kind == bindparam("kind"), FeedRun.key == bindparam("key")
)
_BY_ID = select(FeedRun).where(FeedRun.token_id == bindparam("token"), FeedRun.public_id == bindparam("run"))
_DUE: Any = (
    select(FeedRun, Token.public_id.label("token_public"), Token.name.label("token_name"))
    .join(Token, Token.id == FeedRun.token_id)
    .where(FeedRun.kind == bindparam("kind"), FeedRun.state.in_((WAITING, RUNNING)))
    .order_by(FeedRun.ready_at, FeedRun.id)
    .limit(1)
)
_KINDS_DUE = select(FeedRun.kind).where(FeedRun.state.in_((WAITING, RUNNING))).distinct()
_REJECTS = (
    select(rejects)
    .where(rejects.c.import_id == bindparam("import_id"), rejects.c.line > bindparam("after"))
    .order_by(rejects.c.line)
    .limit(bindparam("most"))
)
_OLD = (
    select(FeedRun.id, FeedRun.public_id)
    .where(FeedRun.created_at < bindparam("before"), FeedRun.state.not_in((WAITING, RUNNING)))
    .limit(OLD_AT_ONCE)
)


@dataclass(frozen=True, slots=True)
class Push:
    """What a system says of what it sends: under which key, with which parameters of the kind, packed or not ("gzip", "")."""

    token: int
    kind: str
    key: str
    parameters: Mapping[str, str]
    packing: str
    locale: str


def begin(db: Session, push: Push) -> FeedRun:
    """Return the run of this key: a new one, or the one that was begun under it.

    Raises Problem api.key_reused (422) when the key stands for something else.
    """
    values = {
        "public_id": public_id(),
        "token_id": push.token,
        "kind": push.kind,
        "key": push.key,
        "parameters": dict(push.parameters),
        "packing": push.packing,
        "locale": push.locale,
        "state": RECEIVING,
        "received": 0,
        "created_at": now(db),
        **_NOTHING_YET,
    }
    db.execute(_INSERT[db.get_bind().dialect.name], values)
    run = db.scalars(_BY_KEY, {"token": push.token, "kind": push.kind, "key": push.key}).one()
    if run.parameters != dict(push.parameters) or run.packing != push.packing:
        raise key_reused()
    return run


_NOTHING_YET: Mapping[str, Any] = {
    "hash": "",
    "accepted": 0,
    "rejected": 0,
    "counts": {},
    "attempts": 0,
    "problem_code": "",
    "problem": "",
}


def keep_offset(db: Session, run_id: int, received: int) -> None:
    """Note how many bytes lie on the disk: from there the sender goes on."""
    db.execute(update(_runs).where(_runs.c.id == run_id, _runs.c.state == RECEIVING).values(received=received))


def make_ready(db: Session, run_id: int, received: int, digest: str) -> None:
    """Say that a push is whole: from now on it is done, whatever happens to its sender."""
    held = (_runs.c.id == run_id) & (_runs.c.state == RECEIVING)
    db.execute(update(_runs).where(held).values(state=WAITING, received=received, hash=digest, ready_at=now(db)))


def leave_to_worker(db: Session, kind: str, died: int = 0) -> None:
    """Queue the job that does what is due of a kind. `died` is the number of the attempt whose process is gone: its own job lies
    leased for minutes yet, and must not hinder the next one."""
    enqueue(db, JOB, {"kind": kind}, dedup=f"{JOB}:{kind}:{died}" if died else f"{JOB}:{kind}")


def claim(db: Session, run_id: int) -> bool:
    """Take a run whose file this process holds; False when it is done already. Raises IntegrityError while another runs."""
    due = (_runs.c.id == run_id) & _runs.c.state.in_((WAITING, RUNNING))
    done = db.execute(update(_runs).where(due).values(state=RUNNING, attempts=_runs.c.attempts + 1))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def tell_progress(db: Session, run_id: int, accepted: int, rejected: int) -> None:
    """Note the sums so far."""
    db.execute(update(_runs).where(_runs.c.id == run_id).values(accepted=accepted, rejected=rejected))


def finish(db: Session, run_id: int, **sums: Any) -> None:
    """Say what became of a run: done with its sums."""
    db.execute(update(_runs).where(_runs.c.id == run_id).values(state=DONE, finished_at=now(db), **sums))


def give_up(db: Session, run_id: int, code: str, words: str) -> None:
    """Say that a run ended without having taken the rest, and why."""
    values = {"state": FAILED, "finished_at": now(db), "problem_code": code, "problem": words}
    db.execute(update(_runs).where(_runs.c.id == run_id).values(values))


def put_back(db: Session, run_id: int) -> None:
    """Let a run wait for its next attempt."""
    db.execute(update(_runs).where(_runs.c.id == run_id, _runs.c.state == RUNNING).values(state=WAITING))


def due(connection: Connection, kind: str) -> Row[Any] | None:
    """Return the first run of a kind that is whole and not done, with its token's public id and name."""
    found: Row[Any] | None = connection.execute(_DUE, {"kind": kind}).first()
    return found


def kinds_due(connection: Connection) -> Sequence[str]:
    """Return the kinds that something waits of."""
    return connection.execute(_KINDS_DUE).scalars().all()


def by_key(connection: Connection, token: int, kind: str, key: str) -> Row[Any]:
    """Return the run of a token's key. Raises NotFound."""
    return _one(connection.execute(_BY_KEY, {"token": token, "kind": kind, "key": key}).first())


def by_id(connection: Connection, token: int, run: str) -> Row[Any]:
    """Return a token's own run. Raises NotFound."""
    return _one(connection.execute(_BY_ID, {"token": token, "run": run}).first())


def rejected_rows(
    connection: Connection, import_id: int | None, after: int = -1, most: int = 100
) -> Sequence[Row[Any]]:
    """Return rejected rows of a run behind line `after`, in order."""
    if import_id is None:
        return ()
    return connection.execute(_REJECTS, {"import_id": import_id, "after": after, "most": most}).all()


def forget_old(db: Session, before: datetime) -> Sequence[str]:
    """Let go runs begun before a moment that nothing waits of; return their public ids, so that files can follow."""
    rows = db.execute(_OLD, {"before": before}).all()
    db.execute(delete(_runs).where(_runs.c.id.in_([row.id for row in rows])))
    return [row.public_id for row in rows]


def key_reused() -> Problem:
    """Return the error of a key that was used for something else."""
    message = text(
        "api.feed.key_reused",
        "This Idempotency-Key was used for another push. Take a new key for other rows or parameters.",
    )
    return Problem("api.key_reused", message, 422)


def _one(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise NotFound("api.no_run", text("api.feed.no_run", "There is no such push of this token. Send it."))
    return row
