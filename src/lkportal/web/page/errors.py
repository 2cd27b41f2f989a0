"""Error pages: one branded template for all of them, a plain page when even that fails, problem details for the API."""

from __future__ import annotations

import json
from html import escape

from starlette.responses import HTMLResponse, Response

from lkportal.core.errors import PortalError, Problem
from lkportal.core.i18n import Text, text
from lkportal.web.page.answers import render
from lkportal.web.request import Request

TEMPLATE = "errors/error.html"
VERIFY = "accounts:claim"
_TITLES = {
    400: text("web.error.title_400", "This request cannot be read"),
    401: text("web.error.title_401", "Please sign in"),
    403: text("web.error.title_403", "You may not do this"),
    404: text("web.error.title_404", "Nothing at this address"),
    405: text("web.error.title_405", "This page cannot do that"),
    408: text("web.error.title_408", "This took too long"),
    410: text("web.error.title_410", "This link opens nothing any more"),
    413: text("web.error.title_413", "This is too large"),
    421: text("web.error.title_421", "There is no portal at this address"),
    422: text("web.error.title_422", "Something does not fit"),
    429: text("web.error.title_429", "Too many attempts"),
    500: text("web.error.title_500", "Something broke on our side"),
    503: text("web.error.title_503", "Too many people at once"),
}
_OTHER = text("web.error.title_other", "This did not work")


class Unexpected(PortalError):
    """What is shown when a program error happened: the reader gets the request's number, the log the rest."""

    def __init__(self) -> None:
        message = text(
            "web.error.unexpected",
            "We have written it down. Try again in a minute; if it repeats, tell us the number below.",
        )
        super().__init__("unexpected", message, 500)


class Busy(PortalError):
    """No slot came in time: the portal works on as much as it can."""

    def __init__(self) -> None:
        message = text("web.error.busy", "Nothing was changed. Try again in a few seconds.")
        super().__init__("busy", message, 503)


class WrongMethod(PortalError):
    """The path is ours, the method is not answered there."""

    def __init__(self) -> None:
        message = text("web.error.method", "Open the page from the menu and use the form on it.")
        super().__init__("method_not_allowed", message, 405)


def error_page(request: Request, error: PortalError) -> Response:
    """Answer with the page of an error: in the reader's language, the brand and the menu they know."""
    if request.route.spec.kind == "api":
        return problem(request, error)
    title = title_of(error.status)
    try:
        context = {"status": error.status, "title": title, "message": error.message, "code": error.code}
        context["actions"] = _ways_on(request, error)
        answer: Response = HTMLResponse(render(request, TEMPLATE, context), error.status)
    except Exception:
        request.visit.edge.log.exception("error_page_failed", request_id=request.request_id)
        answer = plain_page(request, title, error)
    return _with_retry(answer, error.status)


def _ways_on(request: Request, error: PortalError) -> list[tuple[Text, str, str]]:
    home = (text("web.error.home", "To the start page"), f"{request.visit.root}/", "house")
    if error.code == "not_verified" and VERIFY in request.visit.edge.routes.by_name:
        return [(text("web.error.verify", "Prove it now"), request.url(VERIFY), "key-round"), home]
    return [home]


def plain_page(request: Request, title: Text, error: PortalError) -> Response:
    """Answer without any template: words and a way home."""
    if request.route.spec.kind == "api":
        return problem(request, error)
    show = request.locale.render
    home = escape(request.visit.root + "/")
    words = show(text("web.error.home", "To the start page"))
    number = show(text("web.error.number", "Request number: %(number)s", number=request.request_id))
    body = (
        f'<!doctype html><html lang="{request.locale.code}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(show(title))}</title>'
        f"<h1>{escape(show(title))}</h1><p>{escape(show(error.message))}</p>"
        f'<p><a href="{home}">{escape(words)}</a></p><p>{escape(number)}</p></html>'
    )
    return _with_retry(HTMLResponse(body, error.status), error.status)


def problem(request: Request, error: PortalError) -> Response:
    """Answer with problem details (RFC 9457), `code` being the stable name of the error; texts in its members are told in the reader's language."""
    show = request.locale.render
    more = error.members if isinstance(error, Problem) else {}
    body = {
        "type": "about:blank",
        "title": show(title_of(error.status)),
        "status": error.status,
        "detail": show(error.message),
        "code": error.code,
        "request_id": request.request_id,
        **more,
    }
    answer = Response(
        json.dumps(body, ensure_ascii=False, default=show), error.status, media_type="application/problem+json"
    )
    answer.headers["content-language"] = request.locale.code
    answer.headers.update(error.headers if isinstance(error, Problem) else {})
    return _with_retry(answer, error.status)


def title_of(status: int) -> Text:
    """Return the title of an error page."""
    return _TITLES.get(status, _OTHER)


def _with_retry(answer: Response, status: int) -> Response:
    if status in (429, 503) and "retry-after" not in answer.headers:
        answer.headers["retry-after"] = "60" if status == 429 else "5"
    return answer
