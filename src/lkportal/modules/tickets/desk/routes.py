"""Pages of the desk about tickets: the queue, one ticket with answering, notes, who takes care, its states."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.responses import Response

from lkportal.accounts.contract import Accounts
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, staff
from lkportal.modules.tickets import files, merging, service, states, views
from lkportal.modules.tickets.chat import talking
from lkportal.modules.tickets.desk import macros, queries
from lkportal.modules.tickets.desk.managers import MANAGER_PAGES
from lkportal.modules.tickets.desk.rules import RULE_PAGES
from lkportal.modules.tickets.forms import MOVES, AnswerForm, AssignForm, MergeForm, QueueForm, TurnForm
from lkportal.modules.tickets.live import stream
from lkportal.modules.tickets.routes import BODY, file_answer, held_files, office_of, sent_files
from lkportal.web import Form, Request, empty_form, fragment, page, read_form, read_query, redirect, route, unit_of_work

PAGE_ROWS = 30
_POST = ("POST",)
_SHOWS = (
    ("alive", text("tickets.desk.show_alive", "In work")),
    ("mine", text("tickets.desk.show_mine", "Mine")),
    ("free", text("tickets.desk.show_free", "Nobody's")),
    ("talks", text("tickets.desk.show_talks", "Conversations")),
    ("late", text("tickets.desk.show_late", "Late")),
    ("solved", text("tickets.desk.show_solved", "Solved")),
    ("all", text("tickets.desk.show_all", "All")),
)


def show_queue(request: Request) -> Response:
    """Show the queue as the desk narrows it."""
    form = read_query(request, QueueForm)
    asked = form.data if form.valid else QueueForm()
    office, at, now, me = office_of(request), request.page_number, request.portal.clock.now(), request.actor.id or 0
    rows = queries.queue(request.db, now, me, asked.show, asked.type, asked.q, PAGE_ROWS + 1, (at - 1) * PAGE_ROWS)
    shown = [
        (row, views.ticket(row, office.any_type(row.type), desk=True), _is_late(row, now)) for row in rows[:PAGE_ROWS]
    ]
    return page(
        request,
        "tickets/desk/queue.html",
        rows=shown,
        asked=asked,
        shows=_SHOWS,
        counts=queries.counts(request.db, now, me),
        types=office.types,
        number=at,
        more=len(rows) > PAGE_ROWS,
        zone=_zone(request),
    )


def show_ticket(request: Request) -> Response:
    """Show a ticket with everything that was written."""
    return _ticket(request)


def show_now(request: Request) -> Response:
    """Answer with what was written in a ticket, for a page that is open."""
    row = _row(request)
    told, files_of = queries.messages(request.db, row.id), queries.files(request.db, row.id)
    said = views.messages(told, files_of, request.actor.id or 0, desk=True)
    return fragment(request, "tickets/desk/now.html", row=row, messages=said, zone=_zone(request))


def live(request: Request) -> Response:
    """Answer with the stream of a ticket, notes of staff included."""
    row = _row(request)
    return stream(request, row.id, row.public_id, desk=True)


def answer(request: Request) -> Response:
    """Write to the customer, or a note for staff."""
    row, form = _row(request), read_form(request, AnswerForm)
    sent = sent_files(request, form)
    if not form.valid:
        return _ticket(request, 422, form)
    account, me, data = _account(request, row), request.actor.id or 0, form.data
    with held_files(request, sent) as hand:
        words = service.Words(data.body, data.token, data.after, hand.files)
        try:
            with unit_of_work(request) as db:
                if data.inner:
                    written = service.note(db, row.public_id, me, words)
                else:
                    written = service.answer(db, account, row.public_id, me, words)
        except service.MovedOn as error:
            return redirect(request, "tickets:staff_ticket", error.words, "warn", ticket=row.public_id)
        hand.used = written
    said = text("tickets.desk.sent", "Sent to the customer.")
    if data.inner:
        said = text("tickets.desk.noted", "Noted. The customer does not see it.")
    return redirect(request, "tickets:staff_ticket", said, ticket=row.public_id)


def take(request: Request) -> Response:
    """Take a ticket oneself."""
    row = _row(request)
    said = text("tickets.desk.taken", "It is yours now.")
    return _act(request, row, said, lambda db, _account, me: service.assign(db, row.public_id, me))


def assign(request: Request) -> Response:
    """Give a ticket to somebody, or to nobody."""
    row, form = _row(request), read_form(request, AssignForm)
    people = {each.public_id: each.id for each in queries.people(request.db)}
    if not form.valid or (form.data.who and form.data.who not in people):
        return _ticket(request, 422)
    who = people.get(form.data.who)
    said = text("tickets.desk.assigned", "Handed over.")
    return _act(request, row, said, lambda db, _account, _me: service.assign(db, row.public_id, who))


def reopen(request: Request) -> Response:
    """Take up a solved ticket again."""
    row = _row(request)
    said = text("tickets.desk.reopened", "In work again.")
    return _act(
        request, row, said, lambda db, account, me: service.move(db, account, row.public_id, "company", states.OPEN, me)
    )


def merge(request: Request) -> Response:
    """Let a request take another one of the same account in."""
    row, form = _row(request), read_form(request, MergeForm)
    if not form.valid:
        return _ticket(request, 422)
    other = form.data.other
    said = text("tickets.desk.joined", "Joined. The customer was told where the answer will stand.")
    return _act(request, row, said, lambda db, account, me: merging.merge(db, account, row.public_id, other, me))


def turn(request: Request) -> Response:
    """Make a request of a type of a conversation."""
    row, form = _row(request), read_form(request, TurnForm)
    if not form.valid or form.data.type not in {each.name for each in office_of(request).types}:
        return _ticket(request, 422)
    kind = form.data.type
    said = text("tickets.desk.turned", "It is a request now. The customer sees the same thread.")
    return _act(request, row, said, lambda db, account, me: talking.turn(db, account, row.public_id, kind, me))


def give_file(request: Request) -> Response:
    """Give a file of a ticket, to keep."""
    return file_answer(request, queries.file(request.db, request.path_params["file"]))


def _act(request: Request, row: Any, said: Text, act: Any) -> Response:
    account = _account(request, row)
    try:
        with unit_of_work(request) as db:
            act(db, account, request.actor.id or 0)
    except service.MovedOn as error:
        return redirect(request, "tickets:staff_ticket", error.words, "warn", ticket=row.public_id)
    return redirect(request, "tickets:staff_ticket", said, ticket=row.public_id)


def _ticket(request: Request, status: int = 200, form: Form[Any] | None = None) -> Response:
    row, office, now = _row(request), office_of(request), request.portal.clock.now()
    kind = office.any_type(row.type)
    ticket = views.ticket(row, kind, desk=True)
    told, files_of = queries.messages(request.db, row.id), queries.files(request.db, row.id)
    return page(
        request,
        "tickets/desk/ticket.html",
        status,
        row=row,
        ticket=ticket,
        facts=views.facts(row, kind, lambda day: request.locale.date(date.fromisoformat(day))),
        messages=views.messages(told, files_of, request.actor.id or 0, desk=True),
        seen=told[-1].public_id if told else "",
        late=_is_late(row, now),
        people=[(each.public_id, each.name) for each in queries.people(request.db)],
        macros=[(each.title, each.public_id) for each in queries.macros(request.db)],
        moves=[
            (state, states.DESK_TITLES[state][1]) for state in MOVES if states.may_step("company", row.state, state)
        ],
        form=form or empty_form(AnswerForm, {"token": public_id()} | _prepared(request)),
        may="tickets.work" in request.actor.permissions,
        zone=_zone(request),
        accept=files.ACCEPT,
        others=_others(request, row),
        into=(row.into, service.number(row.merged_id)) if row.merged_id else None,
        turns=[(each.name, each.title) for each in office.types] if ticket.is_chat and ticket.alive else [],
    )


def _others(request: Request, row: Any) -> list[tuple[str, str, str]]:
    """Return the requests that this one may take in: public id, number, subject."""
    shared = office_of(request).settings.shared
    rows = queries.going_on(request.db, row.account_id) if row.state in states.ALIVE else ()
    return [
        (each.public_id, service.number(each.id), each.subject)
        for each in rows
        if merging.fits(row, each, shared=shared)
    ]


def _prepared(request: Request) -> dict[str, str]:
    """Return the fields that a chosen prepared answer fills in."""
    chosen = request.query_params.get("macro", "")
    row = queries.macro(request.db, chosen) if chosen else None
    return macros.filled(row, request.locale.code) if row is not None else {}


def _account(request: Request, row: Any) -> AccountRef:
    found = request.portal.ports.get(Accounts).by_public_id(request.db, row.account)  # type: ignore[type-abstract]
    if found is None:
        raise NotFound
    return found


def _row(request: Request) -> Any:
    found = queries.one(request.db, request.path_params["ticket"])
    if found is None:
        raise NotFound
    return found


def _is_late(row: Any, now: Any) -> bool:
    return row.state in (states.NEW, states.OPEN) and row.due is not None and row.due < now


def _zone(request: Request) -> str:
    return str(request.portal.settings.portal.time_zone)


_SEE, _DO = staff("tickets.staff_view"), staff("tickets.work")
STAFF_PAGES = [
    route("/", show_queue, name="queue", policy=_SEE),
    *macros.MACRO_PAGES,
    *RULE_PAGES,
    *MANAGER_PAGES,
    route("/{ticket}/", show_ticket, name="staff_ticket", policy=_SEE),
    route("/{ticket}/now", show_now, name="staff_now", policy=_SEE, kind="file"),
    route("/{ticket}/live", live, name="staff_live", policy=_SEE, kind="file"),
    route(
        "/{ticket}/answer", answer, name="answer", policy=_DO, methods=_POST, kind="action", body=BODY, limiter="files"
    ),
    route("/{ticket}/take", take, name="take", policy=_DO, methods=_POST, kind="action"),
    route("/{ticket}/assign", assign, name="assign", policy=_DO, methods=_POST, kind="action"),
    route("/{ticket}/merge", merge, name="merge", policy=_DO, methods=_POST, kind="action"),
    route("/{ticket}/turn", turn, name="turn", policy=_DO, methods=_POST, kind="action"),
    route("/{ticket}/reopen", reopen, name="staff_reopen", policy=_DO, methods=_POST, kind="action"),
    route("/files/{file}", give_file, name="staff_file", policy=_SEE, kind="file", limiter="files"),
]
