"""Answers of the API as JSON: a run of the feed with its sums and rejects, and problems (RFC 9457) that name the row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row
from starlette.responses import JSONResponse, Response

from lkportal.api import feeds
from lkportal.core.errors import Problem
from lkportal.core.i18n import text
from lkportal.web import Request

NDJSON = "application/x-ndjson"
FIRST_REJECTS = 100
_STATUS = {"imports.parameter": 422, "imports.empty": 422, "api.packing": 400, "api.too_large": 413}


def run_answer(request: Request, run: Any, *, status: int = 0) -> Response:
    """Answer with a run: 200 when it is done, 202 while it is not, a problem when nothing of it was taken."""
    rows = feeds.rejected_rows(request.db, run.import_id, most=FIRST_REJECTS) if run.rejected else ()
    said = described(request, run, rows)
    headers = {"location": said["url"], "upload-offset": str(run.received)}
    if not status and run.state == feeds.FAILED:
        raise Problem(
            run.problem_code, run.problem, _STATUS.get(run.problem_code, 422), members={"run": said}, headers=headers
        )
    if not status and run.state == feeds.DONE and rows and not run.accepted:
        first = rows[0]
        message = text(
            "api.feed.all_rejected",
            "No row was taken. The first fault is on line %(line)s: %(reason)s Mend the rows and send them anew.",
            line=first.line,
            reason=first.reason,
        )
        members = {"line": first.line, "run": said}
        raise Problem("api.all_rejected", message, 422, members=members, headers=headers)
    return JSONResponse(said, status or (200 if run.state in (feeds.DONE, feeds.FAILED) else 202), headers)


def described(request: Request, run: Any, rows: Sequence[Row[Any]]) -> dict[str, Any]:
    """Return a run as it is told: see the schema Run of the description."""
    address = request.url("api:feed_run", run=run.public_id)
    return {
        "id": run.public_id,
        "url": address,
        "kind": run.kind,
        "state": run.state,
        "received": run.received,
        "accepted": run.accepted,
        "rejected": run.rejected,
        "counts": dict(run.counts),
        "rejects": [reject(row) for row in rows],
        "rejects_url": request.url("api:feed_rejects", run=run.public_id),
        "problem": {"code": run.problem_code, "detail": run.problem} if run.problem_code else None,
        "created_at": _moment(run.created_at),
        "finished_at": _moment(run.finished_at),
    }


def reject(row: Row[Any]) -> dict[str, Any]:
    """Return a rejected row: where it stood, which column is at fault, why, and the row itself."""
    return {
        "line": row.line,
        "column": row.column_name,
        "value": row.value,
        "reason": row.reason,
        "row": row.original,
    }


def line(values: Mapping[str, Any]) -> bytes:
    """Return one line of NDJSON."""
    return json.dumps(values, ensure_ascii=False).encode() + b"\n"


def _moment(value: Any) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if value else None
