"""One call answered: within the limit of its token, its input read, its output as JSON with a tag by which nothing is sent twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from lkportal.api.rest import keys, reading
from lkportal.api.settings import ApiSettings
from lkportal.core.errors import PortalError, Problem
from lkportal.core.i18n import text
from lkportal.core.limits.rates import spend
from lkportal.core.rest import ApiFile, ApiModel, ApiRoute
from lkportal.web import Request, attachment, unit_of_work
from lkportal.web.page.errors import problem

JSON = "application/json"
_MINUTE = 60
_TOO_MANY = 429


def answer(call: ApiRoute, request: Request) -> Response:
    """Answer a call whose policy passed."""
    limits = _counted(request)
    try:
        found = _read(call, request) if call.method == "GET" else _done(call, request)
    except PortalError as error:
        raise _with(error, limits) from error
    found.headers.update(limits)
    return found


def _counted(request: Request) -> dict[str, str]:
    """Count the call and return the headers that tell of the limit (RateLimit header fields for HTTP, IETF draft 10)."""
    most, portal = request.settings_of("api", ApiSettings).calls_a_minute, request.portal
    request.release()
    left = spend(portal.database, f"api:{request.actor.label}", most, _MINUTE, portal.clock)
    headers = {
        "ratelimit-policy": f'"token";q={most};w={_MINUTE}',
        "ratelimit": f'"token";r={left.left};t={left.seconds}',
    }
    if left.is_within:
        return headers
    words = text("api.rest.too_often", "Too many calls with this token. Go on in %(n)s s.", n=left.seconds)
    raise Problem("api.too_often", words, _TOO_MANY, headers={**headers, "retry-after": str(left.seconds)})


def _read(call: ApiRoute, request: Request) -> Response:
    """Answer a read; one whose answer the caller has already is told so."""
    asked = reading.query(request, call.input) if call.input is not None else None
    headers = {"cache-control": "private, no-cache"}
    if call.listed:
        page = reading.list_page(request)
        items = list(call.run(request, asked, page))
        more = len(items) > page.limit
        items = items[: page.limit]
        following = items[-1].id if more else None
        body = _json({"items": [each.model_dump(mode="json") for each in items], "next": following})
        if following is not None:
            again = request.url(request.route.name, **request.path_params, **_next(request, following))
            headers["link"] = f'<{again}>; rel="next"'
    else:
        found = call.run(request, asked)
        if isinstance(found, ApiFile):
            return _file(request, found, headers)
        body = body_of(found)
    headers["etag"] = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    if _is_known(request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, JSON)


def _file(request: Request, found: ApiFile, headers: Mapping[str, str]) -> Response:
    """Answer with kept bytes, as an attachment; they are read only for who has them not."""
    told = {**headers, "etag": f'"{found.tag}"', "content-disposition": attachment(found.title)}
    if _is_known(request, told["etag"]):
        return Response(status_code=304, headers=told)
    request.release()
    return Response(found.read(), 200, told, found.media_type)


def _done(call: ApiRoute, request: Request) -> Response:
    """Do an act once for its key, and answer with what was answered then."""
    wish = keys.wish_of(request)
    data = reading.body(request, call.input or ApiModel)
    stored = keys.find(request.db, wish)
    if stored is None:
        try:
            with unit_of_work(request) as db:
                stored = keys.take(db, wish)
                if stored is None:
                    stored = keys.keep(db, wish, call.status, JSON, body_of(call.run(request, db, data)).decode())
        except keys.KeyReused:
            raise
        except PortalError as error:
            if error.status >= 500 or error.status == _TOO_MANY:
                raise
            told = problem(request, error)
            said = bytes(told.body).decode()
            with unit_of_work(request) as db:
                stored = keys.take(db, wish) or keys.keep(db, wish, error.status, told.headers["content-type"], said)
    if call.then is not None and stored.status == call.status:
        call.then(request, _output(call).model_validate_json(stored.body))
    return Response(stored.body.encode(), stored.status, media_type=stored.media)


def _output(call: ApiRoute) -> type[ApiModel]:
    if not issubclass(call.output, ApiModel):
        raise TypeError(f"{call.name} is a POST and answers JSON")
    return call.output


def body_of(output: ApiModel) -> bytes:
    """Return an output as it travels."""
    return _json(output.model_dump(mode="json"))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _next(request: Request, after: str) -> Mapping[str, Sequence[str] | str]:
    kept = {name: request.query_params.getlist(name) for name in request.query_params if name != "after"}
    return {**kept, "after": after}


def _is_known(request: Request, tag: str) -> bool:
    """Whether the caller has what bears this tag: compared weakly (RFC 9110 13.1.2)."""
    wanted = [each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")]
    return tag.removeprefix("W/") in wanted or "*" in wanted


def _with(error: PortalError, headers: Mapping[str, str]) -> Problem:
    """Return an error with more headers."""
    own = error if isinstance(error, Problem) else Problem(error.code, error.message, error.status)
    return Problem(own.code, own.message, own.status, members=own.members, headers={**own.headers, **headers})
