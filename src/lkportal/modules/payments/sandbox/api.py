"""The API itself, as a merchant's server calls it: Basic auth, idempotency keys, endpoints under /v3, planned misfortunes.
What the calls do lives in rules.py."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import faults, rules
from .checks import ApiError, Json, invalid
from .courier import Courier
from .store import Store

KEY_LIVES = 86_400.0
MAX_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What a running sandbox is made of. `public_url` is how browsers reach it; "" means as the call came in."""

    store: Store
    courier: Courier
    shop: str
    secret: str
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its JSON body, the id in its path, its query, its key; `declined` is a planned fault."""

    body: Json = field(default_factory=dict)
    subject: str = ""
    query: dict[str, str] = field(default_factory=dict)
    key: str = ""
    address: str = ""
    declined: bool = False


Work = Callable[[Sandbox, Call], Json]
Endpoint = Callable[[Request], Awaitable[Response]]


def routes() -> list[Route]:
    """Return the routes of API v3 that the sandbox knows."""
    return [
        Route("/v3/me", guarded(_me)),
        Route("/v3/payments", _operation("list", _list_payments), methods=["GET"]),
        Route("/v3/payments", _operation("create", _create), methods=["POST"]),
        Route("/v3/payments/{id}", _operation("fetch", _fetch), methods=["GET"]),
        Route("/v3/payments/{id}/capture", _operation("capture", _capture), methods=["POST"]),
        Route("/v3/payments/{id}/cancel", _operation("cancel", _cancel), methods=["POST"]),
        Route("/v3/refunds", _operation("list", _list_refunds), methods=["GET"]),
        Route("/v3/refunds", _operation("refund", _refund), methods=["POST"]),
        Route("/v3/refunds/{id}", _operation("fetch_refund", _fetch_refund), methods=["GET"]),
    ]


def guarded(work: Work) -> Endpoint:
    """Return an endpoint that checks credentials, runs `work` on a thread and writes its errors the API's way."""

    async def endpoint(request: Request) -> Response:
        try:
            call = await _read(request)
            return JSONResponse(await run_in_threadpool(work, request.app.state.sandbox, call))
        except ApiError as error:
            return JSONResponse(error.body, error.status)

    return endpoint


def _operation(name: str, work: Work) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        sandbox: Sandbox = request.app.state.sandbox
        try:
            call = await _read(request)
            fault = await run_in_threadpool(faults.take, sandbox.store, name, _whose(sandbox, call))
            early = await _misfortune(fault, ("error_before", "timeout_before", "too_many"))
            if early is not None:
                return early
            call = replace(call, declined=fault.get("fault") == "declined")
            status, body = await run_in_threadpool(_once, sandbox, request.method, request.url.path, call, work)
        except ApiError as error:
            return JSONResponse(error.body, error.status)
        late = await _misfortune(fault, ("error_after", "timeout_after", "processing", "garbage"))
        return late or Response(body, status, media_type="application/json")

    return endpoint


async def _read(request: Request) -> Call:
    sandbox: Sandbox = request.app.state.sandbox
    _check_credentials(sandbox, request.headers.get("Authorization", ""))
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY:
            raise ApiError(413, "invalid_request", "The body is too long")
    body = {}
    if content:
        try:
            body = json.loads(content)
        except ValueError:
            raise invalid("The body is not JSON", "") from None
    if not isinstance(body, dict):
        raise invalid("The body must be a JSON object", "")
    key = request.headers.get("Idempotence-Key", "")
    if request.method == "POST" and request.url.path.startswith("/v3/") and not 0 < len(key) <= 64:
        raise invalid("Idempotence key of 1 to 64 characters is needed", "Idempotence-Key")
    address = sandbox.public_url or str(request.base_url).rstrip("/")
    return Call(body, request.path_params.get("id", ""), dict(request.query_params), key, address)


def _check_credentials(sandbox: Sandbox, header: str) -> None:
    expected = "Basic " + base64.b64encode(f"{sandbox.shop}:{sandbox.secret}".encode()).decode()
    if not secrets.compare_digest(header.encode(), expected.encode()):
        raise ApiError(401, "invalid_credentials", "The shop id or the secret key is wrong")


def _whose(sandbox: Sandbox, call: Call) -> Json:
    """The payment a call speaks of, for matching plans: by path, by body, or the metadata of one not yet made."""
    payment_id = call.subject or call.body.get("payment_id")
    record = sandbox.store.get("payment", payment_id) if isinstance(payment_id, str) else None
    if record is not None:
        payment: Json = record["object"]
        return payment
    metadata = call.body.get("metadata")
    return {"metadata": metadata if isinstance(metadata, dict) else {}}


async def _misfortune(fault: Json, kinds: tuple[str, ...]) -> Response | None:
    kind = fault.get("fault")
    if kind not in kinds:
        return None
    if kind in {"timeout_before", "timeout_after"}:
        await asyncio.sleep(float(fault.get("seconds", 5.0)))
        return Response(status_code=504)
    if kind == "too_many":
        error = ApiError(429, "too_many_requests", "Too many requests")
        error.body["retry_after"] = int(float(fault.get("seconds", 5.0)) * 1000)
        return JSONResponse(error.body, 429)
    if kind == "processing":
        return JSONResponse({"type": "processing", "description": "Accepted, not done yet", "retry_after": 1800}, 202)
    if kind == "garbage":
        return Response('<html><body>{"id": ', media_type="application/json")
    return JSONResponse(ApiError(500, "internal_server_error", "Something went wrong").body, 500)


def _once(sandbox: Sandbox, method: str, path: str, call: Call, work: Work) -> tuple[int, str]:
    """Do a POST once for its key: the same body gets the first answer again, another body is refused."""
    if method != "POST":
        return 200, json.dumps(work(sandbox, call))
    store = sandbox.store
    content = json.dumps([path, call.body], sort_keys=True)
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    with store.turn() as db:
        now = store.now()
        known = db.execute("SELECT * FROM keys WHERE key = ? AND at > ?", (call.key, now - KEY_LIVES)).fetchone()
        if known is not None:
            if known["fingerprint"] != fingerprint:
                raise invalid("Idempotence key duplicated", "Idempotence-Key")
            return known["status"], known["body"]
        body = json.dumps(work(sandbox, call))
        db.execute("INSERT OR REPLACE INTO keys VALUES (?, ?, 200, ?, ?)", (call.key, fingerprint, body, now))
    return 200, body


def _me(sandbox: Sandbox, call: Call) -> Json:
    return {"account_id": sandbox.shop, "test": True, "status": "enabled", "payment_methods": ["bank_card", "sbp"]}


def _create(sandbox: Sandbox, call: Call) -> Json:
    return rules.create(sandbox.store, call.body, call.address)


def _fetch(sandbox: Sandbox, call: Call) -> Json:
    payment: Json = rules.found(sandbox.store, call.subject)["object"]
    return payment


def _capture(sandbox: Sandbox, call: Call) -> Json:
    return rules.capture(sandbox.store, call.subject, call.body)


def _cancel(sandbox: Sandbox, call: Call) -> Json:
    return rules.cancel(sandbox.store, call.subject)


def _refund(sandbox: Sandbox, call: Call) -> Json:
    return rules.refund(sandbox.store, call.body, call.declined)


def _fetch_refund(sandbox: Sandbox, call: Call) -> Json:
    refund = sandbox.store.get("refund", call.subject)
    if refund is None:
        raise ApiError(404, "not_found", "There is no such refund", "refund_id")
    return refund


def _list_payments(sandbox: Sandbox, call: Call) -> Json:
    return _page([record["object"] for record in sandbox.store.newest_first("payment")], call.query)


def _list_refunds(sandbox: Sandbox, call: Call) -> Json:
    return _page(sandbox.store.newest_first("refund"), call.query)


def _page(items: list[Json], query: dict[str, str]) -> Json:
    """Filter by status, payment_id and created_at (.gte .gt .lte .lt), then cut a page after `cursor`."""
    for name in ("status", "payment_id"):
        if name in query:
            items = [item for item in items if item.get(name) == query[name]]
    compare: dict[str, Callable[[str, str], bool]] = {
        "created_at.gte": str.__ge__,
        "created_at.gt": str.__gt__,
        "created_at.lte": str.__le__,
        "created_at.lt": str.__lt__,
    }
    for name, holds in compare.items():
        if name in query:
            items = [item for item in items if holds(item["created_at"], query[name])]
    limit = query.get("limit", "10")
    if not limit.isdecimal() or not 1 <= int(limit) <= 100:
        raise invalid("limit is 1 to 100", "limit")
    if "cursor" in query:
        ids = [item["id"] for item in items]
        if query["cursor"] not in ids:
            raise invalid("Unknown cursor", "cursor")
        items = items[ids.index(query["cursor"]) :]
    shown, rest = items[: int(limit)], items[int(limit) :]
    answer: Json = {"type": "list", "items": shown}
    if rest:
        answer["next_cursor"] = rest[0]["id"]
    return answer
