"""The route wrapper: body within the limit, a slot of the limiter, then one thread hop for all the rest: who asks, policy,
forgery check, form, endpoint, template, answer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from lkportal.core.asked.refusals import Refusals
from lkportal.core.contributions import RouteSpec
from lkportal.core.errors import Forbidden, NotFound, PortalError
from lkportal.core.i18n import text
from lkportal.core.policy import AuditLog, anyone
from lkportal.core.ports import port
from lkportal.web import cookies
from lkportal.web.asgi.compress import compress
from lkportal.web.asgi.limiters import Full
from lkportal.web.asgi.lines import NOBODY
from lkportal.web.forms.body import Disconnected, read_body
from lkportal.web.forms.formdata import parse_form
from lkportal.web.forms.intake import take_in
from lkportal.web.page.answers import redirect_to
from lkportal.web.page.confirm import confirm_page
from lkportal.web.page.errors import Busy, Unexpected, WrongMethod, error_page, plain_page, title_of
from lkportal.web.request import Request, unit_context, unit_of_work
from lkportal.web.routing import SAFE_METHODS, Bound, Found, address
from lkportal.web.trust.approving import held
from lkportal.web.trust.destinations import is_our_page
from lkportal.web.trust.guard import SET_UP, SIGN_IN, STEP_UP, Grant, judge, judge_view
from lkportal.web.visit import visit_of

if TYPE_CHECKING:
    from lkportal.web.edge import Edge

_DRAFT = b"brand-draft="
_SIGN_IN_AGAIN = text("web.error.sign_in_again", "You were signed out. Sign in and send the form again.")
_FIRST = {"sign_in": SIGN_IN, "step_up": STEP_UP, "set_up": SET_UP}


def _nowhere(_request: Request) -> Response:
    raise NotFound


NOWHERE = Bound("web", "web:error", "-", RouteSpec("/", _nowhere, "error", anyone()), anyone())
NOWHERE_OF_API = replace(NOWHERE, spec=replace(NOWHERE.spec, kind="api"))


class Wrapper:
    """Answers what the router found. One object for all routes of a portal."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def handle(self, found: Found, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose path is one of ours."""
        leaf, params = found
        method = scope["method"]
        if method == "OPTIONS" and "OPTIONS" not in leaf.by_method:
            await Response(status_code=204, headers={"allow": leaf.allow})(scope, receive, send)
            return
        bound = leaf.by_method.get("GET" if method == "HEAD" else method)
        if bound is None:
            await self.refuse(WrongMethod(), scope, receive, send, {"allow": leaf.allow})
            return
        scope["path_params"] = params
        request = await self._received(bound, scope, receive, send)
        if request is None:
            return
        try:
            await self._answered(bound, request, scope, receive, send)
        finally:
            request.put_away()

    async def not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a path that is not ours; one that only lacks its last slash is led to the page."""
        visit = visit_of(scope)
        path = scope["path"][len(visit.root) :] if scope["path"].startswith(visit.root) else ""
        if (
            scope["method"] in SAFE_METHODS
            and not path.endswith("/")
            and is_our_page(self._edge.routes, "", path + "/")
        ):
            query = scope["query_string"].decode("latin-1")
            location = f"{visit.root}{path}/" + (f"?{query}" if query else "")
            await Response(status_code=308, headers={"location": location})(scope, receive, send)
            return
        await self.refuse(NotFound(), scope, receive, send)

    async def refuse(
        self, error: PortalError, scope: Scope, receive: Receive, send: Send, headers: dict[str, str] | None = None
    ) -> None:
        """Answer with an error page outside of any route."""
        visit = visit_of(scope)
        is_api = self._edge.routes.is_of_api(scope["path"].removeprefix(visit.root))
        bound = visit.route or (NOWHERE_OF_API if is_api else NOWHERE)
        request = Request(scope, bound)
        try:
            answer = await self._edge.limiters["web"].run(
                partial(_finished, request, partial(error_page, request, error))
            )
        except Full:
            answer = plain_page(request, title_of(error.status), error)
        answer.headers.update(headers or {})
        await answer(scope, receive, _bare(send) if scope["method"] == "HEAD" else send)

    async def _received(self, bound: Bound, scope: Scope, receive: Receive, send: Send) -> Request | None:
        """Read the body within the route's limit and return the request; None when it was answered here."""
        visit = visit_of(scope)
        visit.route, visit.template = bound, bound.template
        if b"%00" in scope.get("query_string", b"") or "\x00" in scope["path"]:
            await self.refuse(NotFound(), scope, receive, send)
            return None
        if scope["method"] in SAFE_METHODS:
            return Request(scope, bound)
        if bound.spec.intake is not None:
            return await self._taken_in(Request(scope, bound), scope, receive, send)
        try:
            return Request(scope, bound, await read_body(scope, receive, bound.spec.body))
        except Disconnected:
            return None
        except PortalError as error:
            close = {"connection": "close"} if scope.get("http_version") == "1.1" else {}
            await self.refuse(error, scope, receive, send, close)
            return None

    async def _taken_in(self, request: Request, scope: Scope, receive: Receive, send: Send) -> Request | None:
        """Let a large body in once its sender is known; return the request, or None when it was answered here."""
        run = self._edge.limiters["files"].run
        try:
            refused: Response = await run(partial(_finished, request, partial(_admitted, request)))
            if request.intake is not None:
                await take_in(receive, request.intake, run)
                return request
        except Disconnected:
            return None
        except Full:
            refused = plain_page(request, title_of(503), Busy())
        except PortalError as error:
            refused = await run(partial(_finished, request, partial(error_page, request, error)))
        if scope.get("http_version") == "1.1":
            refused.headers["connection"] = "close"
        await refused(scope, receive, send)
        return None

    async def _answered(self, bound: Bound, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        known = self._edge.known if bound.spec.limiter == "hash" else None
        ahead = known.places(request) if known is not None else NOBODY
        try:
            answer = await self._edge.limiters[bound.spec.limiter].run(
                partial(_finished, request, partial(_served, request)), ahead
            )
        except Full:
            answer = plain_page(request, title_of(503), Busy())
        await answer(scope, receive, _bare(send) if scope["method"] == "HEAD" else send)
        if request.after:
            await self._edge.limiters["web"].run(partial(_afterwards, request))


def _admitted(request: Request) -> Response:
    """Judge who sends a large body before any of it is read, and open what takes it in."""
    edge, policy, spec = request.visit.edge, request.route.policy, request.route.spec
    grant = edge.guard.authenticate(request, policy)
    _introduce(request, grant)
    if judge(policy, grant, edge.portal.clock.now()) != "pass" or spec.intake is None:
        raise Forbidden
    request.intake = spec.intake(request)
    return Response(status_code=204)


def _served(request: Request) -> Response:
    """Everything of a request that may look at the database. Runs in the worker thread."""
    edge = request.visit.edge
    if _DRAFT in request.scope["query_string"] and request.method in SAFE_METHODS:
        _wear(request)
    policy = request.route.policy
    grant = edge.guard.authenticate(request, policy)
    _introduce(request, grant)
    judge_view(request.route, request.method, grant)
    verdict = judge(policy, grant, edge.portal.clock.now())
    if verdict != "pass":
        return _first_another_page(request, verdict)
    if grant.first and _waits(request):
        return _first_another_page(request, grant.first)
    if grant.actor.behind and policy.who != "anyone":
        _note_view(request)
    if request.method not in SAFE_METHODS:
        content_type = request.headers.get("content-type", "")
        request.form_data, request.files = parse_form(content_type, request.sent)
        if request.route.spec.csrf:
            outcome = edge.csrf.check(request)
            if outcome != "believed":
                return confirm_page(request, outcome)
        waits = held(request)
        if waits is not None:
            return waits
    answer: Any = request.route.spec.endpoint(request)
    if not isinstance(answer, Response):
        raise TypeError(
            f"{request.route.name} returned {type(answer).__name__}; an endpoint is a def that returns a Response."
        )
    return answer


def _waits(request: Request) -> bool:
    """Whether this page waits until the person did what comes first. Forms do not: what was typed is not lost over it. Nor do
    pages about signing in, which are for everybody."""
    spec = request.route.spec
    return (
        request.method in SAFE_METHODS
        and spec.kind == "page"
        and not spec.always
        and request.route.policy.who == "customer"
        and not request.actor.on_behalf_of
    )


def _wear(request: Request) -> None:
    """Show this page in the dress of a draft when the link's token is a true one. Nothing is ever written in it.

    A page wears drafts of its own brand alone; samples, which are files open to all, those of any: staff edit every brand
    from the host they are on.
    """
    visit = request.visit
    site = visit.edge.portal.draft(request.query_params.get("brand-draft", ""))
    sample = request.route.spec.kind == "file" and request.route.policy == anyone()
    if site is not None and (sample or site.key == visit.site.key):
        visit.site, visit.frames = site, "shown"
        visit.locale = visit.edge.portal.locales_of(site.face).get(visit.locale.code)


def _introduce(request: Request, grant: Grant) -> None:
    visit = request.visit
    request.actor = grant.actor
    request.account = grant.account
    request.viewing = grant.viewing
    request.link = grant.link
    request.closed = grant.closed
    request.menu_account = grant.menu_account if grant.link else grant.account or grant.menu_account
    request.slots.update(grant.slots)
    visit.actor_kind = grant.actor.kind
    if grant.locale and not visit.locale_chosen:
        visit.locale = visit.edge.portal.locales_of(visit.site.face).get(grant.locale)


def _note_view(request: Request) -> None:
    """Write down, before it is shown, which page of a customer somebody of the company sees as that customer."""
    with unit_of_work(request, on_read=True) as db:
        port(db, AuditLog).record(  # type: ignore[type-abstract]
            db,
            "staff.viewed_as",
            target=request.actor.public_id,
            account=request.account,
            outcome="viewed",
            detail={"page": request.route.name},
        )


def _first_another_page(request: Request, verdict: str) -> Response:
    """Send the visitor to sign in, to prove themselves again or to set up a second factor, and back here afterwards."""
    routes = request.visit.edge.routes
    name = _FIRST.get(verdict, verdict)
    if request.route.spec.kind == "api" or name not in routes.by_name:
        return error_page(request, PortalError(verdict, _SIGN_IN_AGAIN, 401 if verdict == "sign_in" else 403))
    here = request.visit.root + request.path_below
    if request.scope["query_string"]:
        here += "?" + request.scope["query_string"].decode("latin-1")
    params = {"next": here} if is_our_page(routes, request.visit.root, here) else {}
    if verdict == "step_up" and request.route.policy.step_up != "always":
        params["for"] = request.route.policy.step_up
    return redirect_to(request, address(request.scope, name, params))


def _finished(request: Request, make: partial[Response]) -> Response:
    """Make the answer, whatever happens, and give back what the request held."""
    code, witness = "", request.visit.edge.witness
    try:
        try:
            answer = make()
        except PortalError as error:
            code = error.code
            request.forget_promises()
            _tell_refusal(request, error)
            answer = error_page(request, error)
        except Exception:
            request.forget_promises()
            request.visit.edge.log.exception("request_failed", request_id=request.request_id, route=request.route.name)
            answer = error_page(request, Unexpected())
    finally:
        request.release()
    if witness is not None:
        witness.saw(request, answer.status_code, code)
    _dress(request, answer)
    return answer


def _tell_refusal(request: Request, error: PortalError) -> None:
    """Let the audit hear, once the answer is sent, that somebody known was refused: by policy, or an object of others."""
    policy = request.route.policy
    if error.status not in (403, 404) or policy.who == "anyone" or request.actor.kind == "anonymous":
        return
    refusals = request.portal.ports.find(Refusals)  # type: ignore[type-abstract]
    if refusals is not None:
        target = "" if not request.path_params else str(list(request.path_params.values())[-1])
        asked = policy.action or request.route.name
        request.after.append(
            partial(refusals.refused, unit_context(request), asked, target=target, status=error.status)
        )


def _dress(request: Request, answer: Response) -> None:
    """Put cookies, caching and compression on an answer."""
    for cookie in request.cookies_out:
        answer.raw_headers.append((b"set-cookie", cookies.header(request.site, cookie)))
    headers = answer.headers
    if "cache-control" not in headers:
        private = request.actor.kind != "anonymous" or request.cookies_out
        headers["cache-control"] = "no-store" if private else "private, no-cache"
    if "content-language" not in headers and headers.get("content-type", "").startswith("text/html"):
        headers["content-language"] = request.locale.code
    compress(answer, request.headers.get("accept-encoding", ""))


def _bare(send: Send) -> Send:
    """Return a send that keeps the headers and drops the body: the answer to HEAD."""

    async def headers_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body", False)}
        await send(message)

    return headers_only


def _afterwards(request: Request) -> None:
    for work in request.after:
        try:
            work()
        except Exception:
            request.visit.edge.log.exception("after_answer_failed", request_id=request.request_id)
    request.release()
