"""The payment page, where the payer's browser comes: shows the choice, takes it, sends the payer back to the merchant.
Works without scripts; its policy allows none. HTML is in markup.py, words in words.py."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from . import faults, markup, rules, words
from .api import Sandbox
from .checks import Json

LOOK = (Path(__file__).parent / "look.css").read_bytes()
MAX_FORM = 4_096


def routes() -> list[Route]:
    """Return the routes of the payment page."""
    return [
        Route("/checkout/look.css", _look),
        Route("/checkout/{token}", _checkout, methods=["GET", "POST"]),
    ]


async def _look(request: Request) -> Response:
    return Response(LOOK, media_type="text/css", headers={"Cache-Control": "max-age=60"})


async def _checkout(request: Request) -> Response:
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_FORM:
            return Response(status_code=413)
    typed = {name: values[-1] for name, values in parse_qs(content.decode("utf-8", "replace")).items()}
    return await run_in_threadpool(_answer, request, typed)


def _answer(request: Request, typed: dict[str, str]) -> Response:
    sandbox: Sandbox = request.app.state.sandbox
    spoken = words.chosen(request.headers.get("Accept-Language", ""))
    root = request.scope.get("root_path", "")
    with sandbox.store.turn():
        record = sandbox.store.by_token(request.path_params["token"])
        if record is None:
            return _html(markup.missing(spoken, root), "", 404)
        if request.method == "GET":
            return _html(_shown(record, spoken, root), record["return_url"])
        if typed.get("act") == "pay" and typed.get("card") not in rules.CARDS:
            return _html(markup.choice(record, spoken, root, spoken["no_card"]), record["return_url"], 422)
        next_step = _act(sandbox, record, typed)
    onward = record["return_url"] if next_step == "return" and record["return_url"] else str(request.url)
    return RedirectResponse(onward, 303, headers=_headers(record["return_url"]))


def _act(sandbox: Sandbox, record: Json, typed: dict[str, str]) -> str:
    payment_id = record["id"]
    if typed.get("act") == "pay":
        if typed.get("fault") in faults.NOTICE_FAULTS:
            match = {"payment_id": payment_id}
            wish = {"operation": "notify", "fault": typed["fault"], "match": match, "seconds": 10, "copies": 3}
            faults.plan(sandbox.store, wish)
        return rules.pay(sandbox.store, payment_id, typed["card"])
    if typed.get("act") == "code":
        rules.answer_code(sandbox.store, payment_id, typed.get("code", ""))
    return "return"


def _shown(record: Json, spoken: words.Words, root: str) -> str:
    if record["object"]["status"] != "pending" or record["step"] == "waits":
        return markup.settled(record, spoken, root)
    if record["step"] == "code":
        return markup.code(record, spoken, root)
    return markup.choice(record, spoken, root)


def _html(page: str, return_url: str, status: int = 200) -> Response:
    return HTMLResponse(page, status, headers=_headers(return_url))


def _headers(return_url: str) -> dict[str, str]:
    """The browser counts the redirect back to the merchant as part of the form's way: its origin is allowed too."""
    parts = urlsplit(return_url)
    back = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    policy = f"default-src 'none'; style-src 'self'; img-src data:; form-action 'self'{back}; base-uri 'none'; frame-ancestors 'none'"
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Language",
    }
