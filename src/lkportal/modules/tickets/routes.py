"""Customer pages of tickets: the list, choosing what to ask for, its form, the thread of one request."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.policy import on_account
from lkportal.core.request_types import RequestType, Subject
from lkportal.core.storage import Storage
from lkportal.modules.tickets import files, queries, seeing, service, states, views
from lkportal.modules.tickets.forms import AskForm, RateForm, SayForm, facts_of, form_of
from lkportal.modules.tickets.live import stream
from lkportal.modules.tickets.office import Office
from lkportal.modules.tickets.suggesting import SUGGESTING, answers_home, suggested
from lkportal.web import Form, Request, attachment, empty_form, fragment, page, read_form, redirect, route, unit_of_work

PAGE_ROWS = 20
LATELY = 40
"""Messages on the page of the conversation; that of its request shows all."""
BODY = 56 * 1024 * 1024
_POST = ("POST",)


def show_list(request: Request) -> Response:
    """Show the requests of the account, those that are not over first."""
    office, at = office_of(request), request.page_number
    rows = queries.recent(
        request.db,
        request.own_account.id,
        request.actor.id or 0,
        shared=office.settings.shared,
        limit=PAGE_ROWS + 1,
        offset=(at - 1) * PAGE_ROWS,
    )
    shown = [views.ticket(row, office.any_type(row.type)) for row in rows[:PAGE_ROWS]]
    may = "tickets.write" in request.own_account.rights
    return page(
        request,
        "tickets/list.html",
        tickets=shown,
        number=at,
        more=len(rows) > PAGE_ROWS,
        may=may,
        chat=office.settings.chat,
        help=answers_home(request),
    )


def choose(request: Request) -> Response:
    """Show what people may ask for."""
    about = request.query_params.get("about", "")
    subject, title = asked_about(request, request.db, about)
    return page(
        request,
        "tickets/choose.html",
        types=office_of(request).types,
        about=about if subject else "",
        title=title,
        chat=office_of(request).settings.chat,
        help=answers_home(request),
    )


def show_form(request: Request) -> Response:
    """Show the form of a type."""
    kind = office_of(request).type(request.path_params["type"])
    values = {"token": public_id(), "about": request.query_params.get("about", "")}
    return _form(request, kind, empty_form(form_of(kind), values))


def ask(request: Request) -> Response:
    """Send a request."""
    kind = office_of(request).type(request.path_params["type"])
    form = read_form(request, form_of(kind))
    sent = sent_files(request, form)
    if not form.valid:
        return _form(request, kind, form, 422)
    subject, title = asked_about(request, request.db, form.data.about)
    about = ("", "", "")
    if subject:
        about = (subject.name, form.data.about.partition("/")[2], request.locale.render(title))
    body, token, facts = form.data.body, form.data.token, facts_of(kind, form.data)
    with held_files(request, sent) as hand:
        draft = service.Draft(kind.name, service.subject_of(body), body, token, facts, about, hand.files)
        with unit_of_work(request) as db:
            made, is_new = service.ask(db, request.own_account, request.actor.id or 0, draft)
            ticket, number = made.public_id, service.number(made.id)
        hand.used = is_new
    said = text("tickets.flash.asked", "We received your request No. %(number)s.", number=number)
    return redirect(request, "tickets:ticket", said, ticket=ticket)


def show_ticket(request: Request) -> Response:
    """Show a request with everything written."""
    return _ticket(request)


def show_now(request: Request) -> Response:
    """Answer with how a request stands and what was written, for a page that is open; `?chat=1` is that of the conversation."""
    row, zone = _row(request), request.own_account.time_zone
    said, in_chat = read_thread(request, row), bool(request.query_params.get("chat"))
    was = request.query_params.get("was", "")
    return fragment(
        request,
        "tickets/talk.html" if in_chat else "tickets/now.html",
        ticket=views.ticket(row, office_of(request).any_type(row.type)),
        messages=views.messages(
            said[-LATELY:] if in_chat else said, queries.files(request.db, row.id), request.actor.id or 0
        ),
        was=was if was in states.STATES else "",
        zone=zone,
        **due_of(request, row),
    )


def live(request: Request) -> Response:
    """Answer with the stream of a request."""
    row = _row(request)
    return stream(request, row.id, row.public_id)


def say(request: Request) -> Response:
    """Write in a request."""
    row, form = _row(request), read_form(request, SayForm)
    sent = sent_files(request, form)
    if not form.valid:
        return _ticket(request, 422, form)
    account, who, data = request.own_account, request.actor.id or 0, form.data
    with held_files(request, sent) as hand:
        words = service.Words(data.body, data.token, files=hand.files)
        try:
            with unit_of_work(request) as db:
                written = service.say(db, account, row.public_id, who, words)
        except service.MovedOn as error:
            return redirect(request, "tickets:ticket", error.words, "warn", ticket=row.public_id)
        hand.used = written
    return redirect(request, "tickets:ticket", text("tickets.flash.sent", "Sent."), ticket=row.public_id)


def withdraw(request: Request) -> Response:
    """Take a request back."""
    said = text("tickets.flash.withdrawn", "The request is taken back.")
    return _move(request, states.WITHDRAWN, said)


def close(request: Request) -> Response:
    """Agree that a request is solved."""
    return _move(request, states.CLOSED, text("tickets.flash.closed", "Closed. Thank you."))


def reopen(request: Request) -> Response:
    """Say that it is not solved."""
    return _move(request, states.OPEN, text("tickets.flash.reopened", "It is in work again. Write below what is left."))


def rate(request: Request) -> Response:
    """Say how well one was helped."""
    row, form = _row(request), read_form(request, RateForm)
    if not form.valid:
        return _ticket(request, 422, rating=form)
    said = text("tickets.flash.rated", "Thank you: a person reads this.")
    rating, remark = int(form.data.rating), form.data.remark
    return _act(
        request, row, said, lambda db, _who: service.rate(db, request.own_account, row.public_id, rating, remark)
    )


def give_file(request: Request) -> Response:
    """Give a file of a request, to keep."""
    return file_answer(request, queries.file(request.db, _row(request).id, request.path_params["file"]))


def file_answer(request: Request, row: Any) -> Response:
    """Answer with a kept file as an attachment. Raises NotFound."""
    if row is None:
        raise NotFound
    body = request.portal.ports.get(Storage).get(row.file_key)  # type: ignore[type-abstract]
    headers = {"cache-control": "private, no-store", "content-disposition": attachment(row.title)}
    return Response(body, media_type=row.media_type, headers=headers)


def sent_files(request: Request, form: Form[Any]) -> list[files.Sent]:
    """Return the files sent with a form as they may be kept; one that is not taken is an error of the form."""
    sent = [each for each in request.files if each.field == "files"]
    try:
        return files.looked_at(sent, office_of(request).settings.file_mb)
    except files.NotTaken as refused:
        form.add_error("files", refused.words)
        return []


def held_files(request: Request, sent: list[files.Sent]) -> AbstractContextManager[files.Held]:
    """Hold files for the message that is written within the block; no connection is held while they are put away."""
    request.release()
    return files.held(request.portal.ports.get(Storage), sent)  # type: ignore[type-abstract]


def office_of(request: Request) -> Office:
    """Return the office of the portal."""
    return request.portal.ports.get(Office)


def _move(request: Request, after: str, said: Text) -> Response:
    row = _row(request)
    account = request.own_account
    return _act(request, row, said, lambda db, who: service.move(db, account, row.public_id, "customer", after, who))


def _act(request: Request, row: Any, said: Text, act: Any) -> Response:
    try:
        with unit_of_work(request) as db:
            act(db, request.actor.id or 0)
    except service.MovedOn as error:
        return redirect(request, "tickets:ticket", error.words, "warn", ticket=row.public_id)
    return redirect(request, "tickets:ticket", said, ticket=row.public_id)


def _ticket(
    request: Request, status: int = 200, form: Form[Any] | None = None, rating: Form[Any] | None = None
) -> Response:
    row, office, now = _row(request), office_of(request), request.portal.clock.now()
    kind = office.any_type(row.type)
    said = read_thread(request, row)
    return page(
        request,
        "tickets/ticket.html",
        status,
        ticket=views.ticket(row, kind),
        facts=views.facts(row, kind, lambda day: request.locale.date(date.fromisoformat(day))),
        about=_about(request, row),
        messages=views.messages(said, queries.files(request.db, row.id), request.actor.id or 0),
        **due_of(request, row),
        seen=said[-1].public_id if said else "",
        zone=request.own_account.time_zone,
        form=form or empty_form(SayForm, {"token": public_id()}),
        rating=rating or empty_form(RateForm),
        may="tickets.write" in request.own_account.rights,
        may_say=row.state in states.AFTER_WORDS,
        may_rate=row.rating is None
        and row.state in (states.SOLVED, states.CLOSED)
        and row.solved_at is not None
        and now - row.solved_at < service.RATE_DAYS,
        rated=row.rating,
        accept=files.ACCEPT,
        into=(row.into, service.number(row.merged_id)) if row.merged_id else None,
    )


def read_thread(request: Request, row: Any) -> queries.Found:
    """Return what was written, and note that the reader has seen it; what staff reads as the customer is not read by the customer."""
    said = queries.messages(request.db, row.id)
    if said and not request.actor.behind:
        request.after_answer(lambda: seeing.note(request.portal, row.id, request.actor.id or 0, said[-1].id))
    return said


def due_of(request: Request, row: Any) -> dict[str, Any]:
    """Return until when something is promised of a request, and whether that has passed."""
    due = views.term(row)
    return {"due": due, "late": due is not None and due < request.portal.clock.now()}


def _form(request: Request, kind: RequestType, form: Form[AskForm], status: int = 200) -> Response:
    about = str(form.value("about") or "")
    subject, title = asked_about(request, request.db, about)
    office = office_of(request)
    return page(
        request,
        "tickets/form.html",
        status,
        kind=kind,
        form=form,
        subject=title,
        about=about if subject else "",
        due=office.terms(kind.name, request.portal.clock.now())[0],
        zone=request.own_account.time_zone,
        accept=files.ACCEPT,
        answers=suggested(request, kind.name, str(form.value("body") or "")),
    )


def asked_about(request: Request, connection: Connection, about: str) -> tuple[Subject | None, Text | str]:
    """Return what `about` ("payments.bill/Xk3...") names, and its title; None where the account has no such thing."""
    name, _, key = about.partition("/")
    for subject in office_of(request).subjects:
        if subject.name == name and (not subject.right or subject.right in request.own_account.rights):
            title = subject.find(connection, request.own_account, key)
            return (subject, title) if title else (None, "")
    return None, ""


def _about(request: Request, row: Any) -> tuple[Text | str, str] | None:
    """Return what a request is about with the way there, None for nothing or where its module is off."""
    subject, title = (
        asked_about(request, request.db, f"{row.about_kind}/{row.about_id}") if row.about_kind else (None, "")
    )
    if subject is not None:
        return (title, request.url(subject.route, **subject.params(row.about_id)))
    return (row.about_title, "") if row.about_title else None


def _row(request: Request) -> Any:
    shared = office_of(request).settings.shared
    found = queries.one(
        request.db, request.own_account.id, request.actor.id or 0, request.path_params["ticket"], shared=shared
    )
    if found is None:
        raise NotFound
    return found


_SEE, _WRITE = on_account("tickets.view"), on_account("tickets.write")
ROUTES = [
    route("/{account}/", show_list, name="list", policy=_SEE),
    route("/{account}/new", choose, name="choose", policy=_WRITE),
    route("/{account}/new/{type}", show_form, name="form", policy=_WRITE),
    route(
        "/{account}/new/{type}",
        ask,
        name="ask",
        policy=_WRITE,
        methods=_POST,
        kind="action",
        body=BODY,
        limiter="files",
    ),
    *SUGGESTING,
    route("/{account}/{ticket}/", show_ticket, name="ticket", policy=_SEE),
    route("/{account}/{ticket}/now", show_now, name="now", policy=_SEE, kind="file"),
    route("/{account}/{ticket}/live", live, name="live", policy=_SEE, kind="file"),
    route(
        "/{account}/{ticket}/say",
        say,
        name="say",
        policy=_WRITE,
        methods=_POST,
        kind="action",
        body=BODY,
        limiter="files",
    ),
    route("/{account}/{ticket}/withdraw", withdraw, name="withdraw", policy=_WRITE, methods=_POST, kind="action"),
    route("/{account}/{ticket}/close", close, name="close", policy=_WRITE, methods=_POST, kind="action"),
    route("/{account}/{ticket}/reopen", reopen, name="reopen", policy=_WRITE, methods=_POST, kind="action"),
    route("/{account}/{ticket}/rate", rate, name="rate", policy=_WRITE, methods=_POST, kind="action"),
    route("/{account}/{ticket}/file/{file}", give_file, name="file", policy=_SEE, kind="file", limiter="files"),
]
