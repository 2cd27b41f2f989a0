"""Answers of endpoints: a whole page, a fragment for htmx, a redirect with a word for the next page. All run in the worker thread."""

from __future__ import annotations

from typing import Any

from starlette.responses import HTMLResponse, Response

from lkportal.core.i18n import Text
from lkportal.web.page import flash as flashes
from lkportal.web.page.frame import frame, view_of, visible
from lkportal.web.request import Request


def page(
    request: Request, template: str, /, status: int = 200, *, fragment: str | None = None, **context: Any
) -> Response:
    """Answer with a page. When htmx asks for a part and `fragment` names its template, answer with that alone.

    Besides `context` templates know request, brand, menu, links, prefs, person, actor, account, url, asset, chrome, flash,
    home_url, active, signed_in and request_id (see docs/understand/web.md).
    """
    if fragment is not None and request.wants_fragment:
        return HTMLResponse(render(request, fragment, context), status)
    if "flash" not in context:
        taken = flashes.take(request)
        context["flash"] = [taken] if taken else []
    return HTMLResponse(render(request, template, context), status)


def fragment(request: Request, template: str, /, status: int = 200, **context: Any) -> Response:
    """Answer with a part of a page. It carries its own policy: htmx puts the page's nonce in place of this answer's."""
    return HTMLResponse(render(request, template, context), status)


def redirect(request: Request, name: str, /, flash: Text | None = None, tone: str = "ok", **params: Any) -> Response:
    """Answer with a redirect to a route of ours (303: the browser follows with GET), leaving `flash` for the next page.

    `tone` is ok, warn, bad or inf.
    """
    if flash is not None:
        flashes.leave(request, flash, tone)
    return redirect_to(request, request.url(name, **params))


def redirect_to(request: Request, address: str) -> Response:
    """Answer with a redirect to an address: one of ours, or one a provider gave and `origins` declares. Never typed input.

    htmx would follow a redirect inside its own request, so it is told to move the page instead.
    """
    if request.headers.get("hx-request") == "true":
        return Response(status_code=204, headers={"hx-redirect": address})
    return Response(status_code=303, headers={"location": address})


def render(request: Request, template: str, context: dict[str, Any]) -> str:
    """Return a template rendered for this request; `context` wins over what every template knows."""
    edge = request.visit.edge
    items = visible(request)
    values = frame(request, request.url, items)
    values["request"] = request
    values["actor"] = request.actor
    values["account"] = request.account
    values["person"] = request.actor.name or request.actor.login
    values["unread"] = _count(request.slots.get("unread", ""))
    values["chrome"] = edge.chrome.pieces(request, items)
    values["head"] = edge.head(request.visit, (template, *request.drawn))
    values["flash"] = []
    values["viewing"] = view_of(request)
    values.update(context)
    return edge.environment(request.visit).get_template(template).render(values)


def _count(value: str) -> int:
    return int(value) if value.isdigit() else 0
