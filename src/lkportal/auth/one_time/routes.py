"""The way in by a one-time code: ask, type it, send it again, or open the link of the same letter. Every answer is the same for a
login nobody has. What a code is stands in codes, what is offered past a limit in limits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from lkportal.auth import identities, limits
from lkportal.auth.door.arriving import arrive, destination, door, refused, waiting
from lkportal.auth.door.entering import Door, refused_entry
from lkportal.auth.forms import CodeForm, CodeRequestForm, NothingForm, SendAgainForm
from lkportal.auth.guard import anyone, demand_way
from lkportal.auth.letters.joining import LinkGone
from lkportal.auth.limits import TooOften
from lkportal.auth.one_time import codes
from lkportal.auth.one_time.codes import Asking, Channel
from lkportal.auth.one_time.cookie import CODE, Asked, asked_of, keep
from lkportal.auth.one_time.minting import DIGITS, Mint
from lkportal.auth.origins import device_of, spoken_network
from lkportal.core.asked.letters import TextMessages
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.unit import open_unit
from lkportal.web import Form, Request, empty_form, forget, page, read_form, redirect, redirect_to, route
from lkportal.web.page import flash as flashes

WAY = "code"
_WRONG = text("auth.code.wrong", "This code does not fit. Check the digits, or ask for a new code.")
_SOON = text("auth.code.soon", "A code is on its way. Another one can go out a minute later.")


def ask(request: Request) -> Response:
    """Show the page to ask for a code; who is signed in already goes on."""
    demand_way(request, WAY)
    wanted = request.query_params.get("next", "")
    if request.actor.kind != "anonymous":
        return redirect_to(request, destination(request, wanted, request.actor.kind))
    return _ask_page(request, empty_form(CodeRequestForm, {"next": wanted, "login": flashes.typed(request)}))


def send(request: Request) -> Response:
    """Queue a code for whoever has this login, and go to where it is typed, in any case."""
    demand_way(request, WAY)
    form = read_form(request, CodeRequestForm)
    if not form.valid:
        return _ask_page(request, form, 422)
    here, typed = door(request), form.data.login
    channel: Channel = "sms" if _is_phone(typed) and texts_on(request) else "email"
    with here.database.reading() as connection:
        person = identities.by_login(connection, typed)
    device = device_of(request, here.settings.device_days)
    known = device.number if person is not None and device.knows(person.public_id) else ""
    who = person.public_id if person else typed
    asking = Asking("entry", person.id if person else None, channel, here.origin, request.locale.code, request.brand)
    try:
        browser = _asked(request, here, asking, who, known)
    except TooOften as error:
        return _ask_page(request, refused(form, error), error.status, error)
    keep(request, Asked(browser, typed, channel, form.data.next))
    return redirect(request, "auth:code_enter")


def enter(request: Request) -> Response:
    """Show the page where the code is typed; a browser that asked for none is led to asking."""
    demand_way(request, WAY)
    asked = asked_of(request)
    if asked is None:
        return redirect(request, "auth:code")
    return _enter_page(request, asked, empty_form(CodeForm))


def check(request: Request) -> Response:
    """Spend the typed code and let the person in."""
    demand_way(request, WAY)
    asked = asked_of(request)
    if asked is None:
        return redirect(request, "auth:code")
    form, here = read_form(request, CodeForm), door(request)
    if not form.valid:
        return _enter_page(request, asked, form, 422)
    with open_unit(here.database, here.circumstances) as db:
        row = codes.guess(db, request.portal.ports.get(Mint), asked.browser, "entry", form.data.code)
        person = identities.by_id(db.connection(), row.identity_id) if row is not None and row.identity_id else None
        if person is None:
            refused_entry(db, None, here.origin, f"code:{asked.channel}")
    if row is None or person is None:
        form.add_error("code", _WRONG)
        return _enter_page(request, asked, form, 422)
    request.set_cookie(forget(CODE))
    return arrive(request, person, (f"code:{row.channel}",), asked.wanted)


def send_again(request: Request) -> Response:
    """Send the same code once more, by the way that is chosen, a minute after the last time at the earliest."""
    demand_way(request, WAY)
    asked, form, here = asked_of(request), read_form(request, SendAgainForm), door(request)
    if asked is None or not form.valid:
        return redirect(request, "auth:code")
    channel: Channel = form.data.by if form.data.by == "email" or texts_on(request) else "email"
    with open_unit(here.database, here.circumstances) as db:
        sent = codes.again(db, asked.browser, "entry", channel)
    if not sent:
        answer = _enter_page(request, asked, refused(empty_form(CodeForm), _Soon()), 429)
        answer.headers["retry-after"] = str(int(codes.AGAIN_AFTER.total_seconds()))
        return answer
    keep(request, Asked(asked.browser, asked.typed, channel, asked.wanted))
    return redirect(request, "auth:code_enter", text("auth.code.sent_again", "The code is sent once more."))


def link(request: Request) -> Response:
    """Show what a link opens: in the browser that asked one button, in another also who asked, before anything happens."""
    demand_way(request, WAY)
    with door(request).database.reading() as connection:
        row = codes.look(connection, str(request.path_params["token"]), request.portal.clock.now())
    if row is None:
        return _gone(request)
    return page(request, "auth/code_link.html", **_about(request, row))


def follow(request: Request) -> Response:
    """Spend the link and let in whoever opened it, here."""
    demand_way(request, WAY)
    read_form(request, NothingForm)
    here, token = door(request), str(request.path_params["token"])
    with open_unit(here.database, here.circumstances) as db:
        limits.admit(db, limits.link_limits(here.origin.network, here.settings))
        row = codes.follow(db, token)
        person = identities.by_id(db.connection(), row.identity_id) if row is not None else None
    if row is None or person is None:
        return _gone(request)
    asked = asked_of(request)
    request.set_cookie(forget(CODE))
    return arrive(request, person, (f"code:{row.channel}",), asked.wanted if asked else "")


class _Soon(PortalError):
    def __init__(self) -> None:
        super().__init__("too_soon", _SOON, 429)


def texts_on(request: Request) -> bool:
    """Whether the company sends text messages."""
    texts = request.portal.ports.find(TextMessages)  # type: ignore[type-abstract]
    return texts is not None and texts.on


def _asked(request: Request, here: Door, asking: Asking, who: str, device: str) -> str:
    mint = request.portal.ports.get(Mint)
    with open_unit(here.database, here.circumstances) as db:
        quiet = not limits.may_send(db, who, device, here.origin.network, here.settings)
        return codes.ask(db, mint, asking, quiet=quiet)


def _is_phone(typed: str) -> bool:
    return typed.startswith("+") and typed[1:].isdigit()


def _about(request: Request, row: Row[Any]) -> dict[str, Any]:
    asked = asked_of(request)
    zone = request.portal.settings.portal.time_zone
    return {
        "same": asked is not None and asked.is_behind(row.browser_hash),
        "device": row.device,
        "network": spoken_network(row.network),
        "when": request.locale.datetime(row.created_at, zone),
    }


def _ask_page(
    request: Request, form: Form[CodeRequestForm], status: int = 200, error: PortalError | None = None
) -> Response:
    shown = page(request, "auth/code.html", status, form=form, texts=texts_on(request))
    return waiting(shown, error)


def _enter_page(request: Request, asked: Asked, form: Form[CodeForm], status: int = 200) -> Response:
    minutes = int(codes.LASTS.total_seconds()) // 60
    return page(
        request,
        "auth/code_enter.html",
        status,
        form=form,
        typed=asked.typed,
        channel=asked.channel,
        texts=texts_on(request),
        minutes=minutes,
        length=DIGITS,
    )


def _gone(request: Request) -> Response:
    return page(request, "auth/link_gone.html", LinkGone().status, again=request.url("auth:code"))


_BODY = 8 * 1024
_ANYONE, _POST = anyone(), ("POST",)
CODE_ROUTES = [
    route("/login/code", ask, name="code", policy=_ANYONE),
    route("/login/code", send, name="code_send", policy=_ANYONE, methods=_POST, body=_BODY),
    route("/login/code/enter", enter, name="code_enter", policy=_ANYONE),
    route("/login/code/enter", check, name="code_check", policy=_ANYONE, methods=_POST, body=_BODY),
    route("/login/code/again", send_again, name="code_again", policy=_ANYONE, methods=_POST, kind="action", body=_BODY),
    route("/login/link/{token}", link, name="code_link", policy=_ANYONE),
    route("/login/link/{token}", follow, name="code_follow", policy=_ANYONE, methods=_POST, body=_BODY),
]
