"""The bulk feed over HTTP: rows of any import kind, one JSON object a line. Systems come by token; answers are JSON, refusals
problem details, never a page."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from lkportal.api import answers, feeds
from lkportal.api.describing import Descriptions
from lkportal.api.intake import Arriving, Known, digest_of
from lkportal.api.running import Feeds
from lkportal.api.settings import ApiSettings
from lkportal.api.spool import Held
from lkportal.api.tokens import right_of
from lkportal.core.errors import Forbidden, NotFound, PortalError, Problem
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind, known_parameters
from lkportal.core.limits.rates import allow
from lkportal.core.policy import anyone, system
from lkportal.core.unit import open_unit
from lkportal.web import Request, route, unit_of_work
from lkportal.web.request import unit_context

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_PACKINGS = {"": "", "identity": "", "gzip": "gzip", "x-gzip": "gzip"}
_MINUTE = 60
_PACKED_TIMES = 16
_REJECT_PAGE = 1_000
_BUSY = text(
    "api.feed.busy", "This push is in the hands of another connection. Ask for its offset in a few seconds and go on."
)


def intake(request: Request) -> Arriving | Known:
    """Open what takes a push in, once all that stands in the head of the call is in order."""
    kind = _kind(request)
    push = feeds.Push(
        request.actor.id or 0,
        kind.name,
        _key(request),
        _parameters(request, kind),
        _packing(request),
        request.locale.code,
    )
    offset = _offset(request)
    _is_part(request)
    with unit_of_work(request) as db:
        run = feeds.begin(db, push)
    if run.state != feeds.RECEIVING:
        return Known(run.id)
    return _arriving(request, run, offset)


def push(request: Request) -> Response:
    """Take a push whole: a small one is done before the answer, a large one by the worker."""
    taken = request.intake
    run = _run(request)
    if isinstance(taken, Known):
        if not _is_again(request, run, taken):
            raise feeds.key_reused()
    elif _is_part(request):
        return answers.run_answer(request, run)
    else:
        _make_ready(request, run, taken)
    _do(request, run)
    return answers.run_answer(request, _run(request))


def state(request: Request) -> Response:
    """Tell of a push by its key: how far it came (Upload-Offset), what became of it."""
    _limit(request)
    return answers.run_answer(request, _run(request), status=200)


def one(request: Request) -> Response:
    """Tell of a push by its id."""
    _limit(request)
    return answers.run_answer(request, _own(request), status=200)


def rejects(request: Request) -> Response:
    """Give all rows of a push that were not taken, one JSON object a line."""
    _limit(request)
    run, database = _own(request), request.portal.database

    def lines() -> Iterator[bytes]:
        after = -1
        while True:
            with database.reading() as connection:
                rows = feeds.rejected_rows(connection, run.import_id, after, _REJECT_PAGE)
            yield b"".join(answers.line(answers.reject(row)) for row in rows)
            if len(rows) < _REJECT_PAGE:
                return
            after = rows[-1].line

    return StreamingResponse(lines(), media_type=answers.NDJSON)


def openapi(request: Request) -> Response:
    """Describe the API in the reader's language."""
    return JSONResponse(request.portal.ports.get(Descriptions).of(request.site.public_url, request.locale))


def _arriving(request: Request, run: Any, offset: int) -> Arriving:
    portal, circumstances, run_id = request.portal, unit_context(request), run.id

    def keep(received: int) -> None:
        with open_unit(portal.database, circumstances) as db:
            feeds.keep_offset(db, run_id, received)

    try:
        handle = _feeds(request).spool.take(run.public_id)
    except Held:
        raise Problem("api.busy", _BUSY, 409, headers={"retry-after": "5"}) from None
    size = handle.seek(0, os.SEEK_END)
    if offset > size:
        handle.close()
        message = text("api.feed.offset", "%(size)s bytes of this push are here: go on from there.", size=size)
        raise Problem("api.offset", message, 409, members={"offset": size}, headers={"upload-offset": str(size)})
    handle.truncate(offset)
    handle.seek(offset)
    return Arriving(run_id, handle, _settings(request).largest_mb << 20, keep)


def _is_again(request: Request, run: Any, came: Known) -> bool:
    """Whether what came is a push that is here, sent again: all of it by its hash, its end (or a part) by where it ends."""
    offset = _offset(request)
    if offset == 0:
        return bool(came.digest == run.hash)
    ends = offset + came.size
    return bool(ends <= run.received if _is_part(request) else ends == run.received)


def _make_ready(request: Request, run: Any, taken: Arriving) -> None:
    try:
        with _feeds(request).spool.hold(run.public_id) as handle:
            if handle.seek(0, os.SEEK_END) != taken.offset:
                raise Held
            digest = taken.digest or digest_of(handle)
            with unit_of_work(request) as db:
                feeds.make_ready(db, run.id, taken.offset, digest)
    except Held:
        raise Problem("api.busy", _BUSY, 409, headers={"retry-after": "5"}) from None


def _do(request: Request, run: Any) -> None:
    """Do a small push now if it is its turn; leave others to the worker."""
    run = _run(request)
    if run.state not in (feeds.WAITING, feeds.RUNNING):
        return
    is_small = run.received * (_PACKED_TIMES if run.packing else 1) <= _settings(request).at_once_kb << 10
    request.release()
    if is_small and _feeds(request).take_up(run.kind, only=run.id):
        return
    with unit_of_work(request) as db:
        feeds.leave_to_worker(db, run.kind)


def _kind(request: Request) -> ImportKind:
    """Return the kind of the path. Only those of the token are told apart from what is not there."""
    _limit(request)
    name = str(request.path_params["kind"])
    kind: ImportKind | None = _feeds(request).kinds.get(name)
    if kind is None:
        theirs = ", ".join(sorted(each.partition(".")[2] for each in request.actor.permissions if "." in each))
        message = text(
            "api.feed.no_kind",
            "Nothing takes rows of the kind %(kind)s. This token may push: %(theirs)s.",
            kind=name[:60],
            theirs=theirs,
        )
        raise NotFound("api.no_kind", message)
    if right_of(name) not in request.actor.permissions:
        raise Forbidden(
            "api.right",
            text("api.feed.no_right", "This token may not push %(kind)s. Ask the company for one that may.", kind=name),
        )
    return kind


def _limit(request: Request) -> None:
    portal, token = request.portal, request.actor.public_id
    if not allow(portal.database, f"api:{token}", _settings(request).calls_a_minute, _MINUTE, portal.clock):
        message = text("api.too_often", "Too many calls. Put more rows into one push, and wait a minute.")
        raise PortalError("api.too_often", message, 429)


def _key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "").strip()
    if _KEY.fullmatch(key) is None:
        raise Problem(
            "api.key",
            text(
                "api.feed.key",
                "Send the header Idempotency-Key with a name of your own for this push (up to 200 letters, digits and signs): by"
                " it a push that is sent again is known.",
            ),
            400,
        )
    return key


def _parameters(request: Request, kind: ImportKind) -> dict[str, str]:
    given = {name: value[:200] for name, value in request.query_params.items()}
    return dict(known_parameters(kind, "", given))


def _packing(request: Request) -> str:
    written = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if written not in (answers.NDJSON, "application/ndjson", "application/jsonl"):
        message = text("api.feed.type", "Send rows as application/x-ndjson: one JSON object on each line.")
        raise Problem("api.type", message, 415, headers={"accept-post": answers.NDJSON})
    packing = _PACKINGS.get(request.headers.get("content-encoding", "").strip().lower())
    if packing is None:
        message = text("api.feed.encoding", "Send the body plain or with Content-Encoding: gzip.")
        raise Problem("api.encoding", message, 415, headers={"accept-encoding": "gzip"})
    return packing


def _offset(request: Request) -> int:
    written = request.headers.get("upload-offset", "0").strip()
    if not (written.isascii() and written.isdigit() and len(written) < 16):
        message = text("api.feed.not_offset", "Upload-Offset is the number of bytes that are here already.")
        raise Problem("api.not_offset", message, 400)
    return int(written)


def _is_part(request: Request) -> bool:
    """Whether more of the push comes later. What is neither yes nor no is refused: a part taken for the whole would be done."""
    written = request.headers.get("upload-complete", "?1").strip()
    if written not in ("?0", "?1"):
        message = text("api.feed.not_complete", "Upload-Complete is ?1 for the whole push or its end, ?0 for a part.")
        raise Problem("api.not_complete", message, 400)
    return written == "?0"


def _run(request: Request) -> Any:
    kind = str(request.path_params["kind"])
    return feeds.by_key(request.db, request.actor.id or 0, kind, _key(request))


def _own(request: Request) -> Any:
    return feeds.by_id(request.db, request.actor.id or 0, str(request.path_params["run"]))


def _feeds(request: Request) -> Feeds:
    return request.portal.ports.get(Feeds)


def _settings(request: Request) -> ApiSettings:
    return request.settings_of("api", ApiSettings)


def _is_on(settings: ApiSettings, _brought: Any) -> bool:
    return settings.feed


_POLICY = system("feed")
ROUTES = [
    route("/openapi.json", openapi, name="openapi", policy=anyone(), kind="api"),
    route(
        "/v1/feed/{kind}",
        push,
        name="feed",
        policy=_POLICY,
        methods=("POST",),
        kind="api",
        csrf=False,
        limiter="slow",
        intake=intake,
        on=_is_on,
    ),
    route("/v1/feed/{kind}", state, name="feed_state", policy=_POLICY, kind="api", on=_is_on),
    route("/v1/feed/runs/{run}", one, name="feed_run", policy=_POLICY, kind="api", on=_is_on),
    route("/v1/feed/runs/{run}/rejects", rejects, name="feed_rejects", policy=_POLICY, kind="api", on=_is_on),
]
