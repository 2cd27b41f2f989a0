"""The page of the conversation: who answers and when, what was written lately, one field. Its thread is a request like others."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.core.i18n import text
from lkportal.core.ids import public_id
from lkportal.core.policy import on_account
from lkportal.modules.tickets import files, queries, service
from lkportal.modules.tickets.chat import hours, managers, talking
from lkportal.modules.tickets.forms import SayForm
from lkportal.modules.tickets.routes import BODY, LATELY, due_of, held_files, office_of, read_thread, sent_files
from lkportal.modules.tickets.views import messages as messages_of
from lkportal.modules.tickets.views import ticket as ticket_of
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work


def show_chat(request: Request) -> Response:
    """Show the conversation that goes on, or where one begins."""
    return _chat(request)


def write(request: Request) -> Response:
    """Write to the company."""
    form = read_form(request, SayForm)
    sent = sent_files(request, form)
    if not form.valid:
        return _chat(request, 422, form)
    account, who, data = request.own_account, request.actor.id or 0, form.data
    with held_files(request, sent) as hand:
        words = service.Words(data.body, data.token, files=hand.files)
        try:
            with unit_of_work(request) as db:
                _, hand.used = talking.talk(db, account, who, words)
        except service.MovedOn as error:
            hand.used = False
            return redirect(request, "tickets:chat", error.words, "warn")
    return redirect(request, "tickets:chat", text("tickets.flash.sent", "Sent."))


def _chat(request: Request, status: int = 200, form: Form[SayForm] | None = None) -> Response:
    office, account, me = office_of(request), request.own_account, request.actor.id or 0
    key = talking.key_of(account.id, me, shared=office.settings.shared)
    row = queries.talk(request.db, account.id, me, key)
    manager = managers.of(request.db, account.id)
    said = read_thread(request, row) if row else []
    shown: dict[str, Any] = {"ticket": None, "messages": []}
    if row:
        shown = {"ticket": ticket_of(row, office.any_type(row.type)), **due_of(request, row)}
        shown["messages"] = messages_of(said[-LATELY:], queries.files(request.db, row.id), me)
    return page(
        request,
        "tickets/chat.html",
        status,
        manager=manager,
        answering=hours.answering(office.calendar_of(manager.week if manager else {}), request.portal.clock.now()),
        more=len(said) > LATELY,
        seen=said[-1].public_id if said else "",
        zone=account.time_zone,
        form=form or empty_form(SayForm, {"token": public_id()}),
        accept=files.ACCEPT,
        **shown,
    )


def _is_on(settings: Any, _brought: Any) -> bool:
    return bool(settings.chat)


_WRITE = on_account("tickets.write")
CHAT_ROUTES = [
    route("/{account}/chat", show_chat, name="chat", policy=_WRITE, on=_is_on),
    route(
        "/{account}/chat",
        write,
        name="chat_write",
        policy=_WRITE,
        methods=("POST",),
        kind="action",
        body=BODY,
        limiter="files",
        on=_is_on,
    ),
]
