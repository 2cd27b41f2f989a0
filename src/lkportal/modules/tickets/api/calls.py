"""Calls of the API about requests: the types there are, asking, the thread, its steps; for systems, the company's side of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session
from starlette.datastructures import MultiDict

from lkportal.api.rest.reading import misfits
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.request_types import RequestType
from lkportal.core.rest import ApiFile, ApiRoute, ApiScope, ListPage, Nothing
from lkportal.core.storage import Storage
from lkportal.modules.tickets import queries, service, states, views
from lkportal.modules.tickets.api.shapes import (
    ASK,
    TICKET,
    TYPES,
    WHOLE,
    AboutOut,
    AnswerIn,
    AnswerOut,
    AskIn,
    MessageOut,
    OptionOut,
    QuestionOut,
    RateIn,
    SayIn,
    TicketFileOut,
    TicketOut,
    TicketTypeOut,
    TicketTypesOut,
    WholeTicketOut,
)
from lkportal.modules.tickets.forms import AskForm, SayForm, facts_of, form_of
from lkportal.modules.tickets.routes import asked_about, office_of
from lkportal.web import Form, Request, read_fields


def types(request: Request, _asked: None) -> TicketTypesOut:
    """Return what may be asked for."""
    return TicketTypesOut(items=[_type(each, request.locale.render) for each in office_of(request).types])


def tickets(request: Request, _asked: None, page: ListPage) -> list[TicketOut]:
    """Return the requests, newest first."""
    rows = queries.behind(
        request.db, request.own_account.id, _person(request), page.wanted, page.after, shared=_sees_all(request)
    )
    return [TicketOut(**_ticket(request, row)) for row in rows]


def ticket(request: Request, _asked: None) -> WholeTicketOut:
    """Return one request with its thread. Raises NotFound."""
    row = _row(request, request.db)
    kind, files = office_of(request).any_type(row.type), queries.files(request.db, row.id)
    said = [_message(each, files.get(each.id, ())) for each in queries.messages(request.db, row.id)]
    return WholeTicketOut(
        **_ticket(request, row), merged_into=row.into, answers=_answers(request, row, kind), messages=said
    )


def give_file(request: Request, _asked: None) -> ApiFile:
    """Return a file of a request. Raises NotFound."""
    row = queries.file(request.db, _row(request, request.db).id, request.path_params["file"])
    if row is None:
        raise NotFound
    storage = request.portal.ports.get(Storage)  # type: ignore[type-abstract]
    return ApiFile(row.title, row.media_type, row.public_id, lambda: storage.get(row.file_key))


def ask(request: Request, db: Session, data: AskIn) -> TicketOut:
    """Send a request by the rules of its form. Raises Problem 422 that says which answers do not fit."""
    kind = next((each for each in office_of(request).types if each.name == data.type), None)
    if kind is None:
        words = text("tickets.api.type", "There is no such type. Ask for those there are.")
        raise misfits([("#/type", words)])
    form = _form(request, kind, data)
    subject, title = asked_about(request, db.connection(), data.about)
    if data.about and subject is None:
        words = text("tickets.api.about", "The account has no such thing.")
        raise misfits([("#/about", words)])
    about = (subject.name, data.about.partition("/")[2], request.locale.render(title)) if subject else ("", "", "")
    facts = facts_of(kind, form.data)
    draft = service.Draft(kind.name, service.subject_of(form.data.body), form.data.body, public_id(), facts, about)
    made, _ = service.ask(db, request.own_account, _person(request), draft)
    return _now(request, db, made.public_id)


def say(request: Request, db: Session, data: SayIn) -> TicketOut:
    """Write to the company. Raises MovedOn when the request is closed."""
    row = _row(request, db.connection())
    service.say(db, request.own_account, row.public_id, _person(request), service.Words(_said(data.body)))
    return _now(request, db, row.public_id)


def answer(request: Request, db: Session, data: AnswerIn) -> TicketOut:
    """Write to the customer for the company. Raises MovedOn when the request is over."""
    row = _row(request, db.connection())
    words = service.Words(_said(data.body), state=data.state or "")
    service.answer(db, request.own_account, row.public_id, None, words)
    return _now(request, db, row.public_id)


def withdraw(request: Request, db: Session, _data: Nothing) -> TicketOut:
    """Take a request back. Raises MovedOn."""
    return _moved(request, db, states.WITHDRAWN)


def close(request: Request, db: Session, _data: Nothing) -> TicketOut:
    """Agree that a request is solved. Raises MovedOn."""
    return _moved(request, db, states.CLOSED)


def reopen(request: Request, db: Session, _data: Nothing) -> TicketOut:
    """Say that it is not solved. Raises MovedOn."""
    return _moved(request, db, states.OPEN)


def rate(request: Request, db: Session, data: RateIn) -> TicketOut:
    """Say how well one was helped, once. Raises MovedOn."""
    row = _row(request, db.connection())
    service.rate(db, request.own_account, row.public_id, data.rating, data.remark)
    return _now(request, db, row.public_id)


def _moved(request: Request, db: Session, after: str) -> TicketOut:
    row = _row(request, db.connection())
    service.move(db, request.own_account, row.public_id, "customer", after, _person(request))
    return _now(request, db, row.public_id)


def _form(request: Request, kind: RequestType, data: AskIn) -> Form[AskForm]:
    """Return the form of a type as it is filled in. Raises Problem 422."""
    known = {each.name for each in kind.fields}
    unknown = text("tickets.api.question", "This type has no such question.")
    wrong = [(f"#/answers/{name}", unknown) for name in data.answers if name not in known]
    if wrong:
        raise misfits(wrong)
    typed = MultiDict({**data.answers, "body": data.body, "token": public_id()})
    form = read_fields(typed, form_of(kind), {"country": request.portal.settings.portal.country})
    if not form.valid:
        found = form.errors.items()
        raise misfits([(f"#/answers/{name}" if name in known else "#/body", words) for name, words in found])
    return form


def _said(body: str) -> str:
    """Return words as the form of a message takes them. Raises Problem 422."""
    form = read_fields(MultiDict({"body": body, "token": public_id()}), SayForm)
    if not form.valid:
        raise misfits([("#/body", words) for words in form.errors.values()])
    return form.data.body


def _row(request: Request, connection: Connection, ticket: str = "") -> Any:
    wanted = ticket or request.path_params["ticket"]
    account = request.own_account
    found = queries.one(connection, account.id, _person(request), wanted, shared=_sees_all(request))
    if found is None:
        raise NotFound
    return found


def _now(request: Request, db: Session, ticket: str) -> TicketOut:
    db.flush()
    return TicketOut(**_ticket(request, _row(request, db.connection(), ticket)))


def _person(request: Request) -> int:
    """Return the key of the customer who calls; a system is no person."""
    return (request.actor.id or 0) if request.actor.kind == "customer" else 0


def _sees_all(request: Request) -> bool:
    return request.actor.kind == "system" or office_of(request).settings.shared


def _ticket(request: Request, row: Any) -> dict[str, Any]:
    kind = office_of(request).any_type(row.type)
    return {
        "id": row.public_id,
        "number": service.number(row.id),
        "type": row.type,
        "type_title": request.locale.render(kind.title) if kind else "",
        "state": row.state,
        "subject": row.subject,
        "about": AboutOut(kind=row.about_kind, id=row.about_id, title=row.about_title) if row.about_kind else None,
        "urgent": row.urgent,
        "unread": request.actor.kind == "customer" and bool(row.unread),
        "opened_at": row.opened_at,
        "changed_at": row.changed_at,
        "due_at": views.term(row),
        "rating": row.rating,
    }


def _type(each: RequestType, say: Any) -> TicketTypeOut:
    questions = [
        QuestionOut(
            name=question.name,
            title=say(question.label),
            hint=say(question.hint),
            kind=question.kind,
            required=question.required,
            options=[OptionOut(code=code, title=say(words)) for code, words in question.options],
        )
        for question in each.fields
    ]
    return TicketTypeOut(
        id=each.name, title=say(each.title), hint=say(each.hint), about=say(each.about), questions=questions
    )


def _answers(request: Request, row: Any, kind: RequestType | None) -> list[AnswerOut]:
    found = []
    for each in kind.fields if kind else ():
        value = row.facts.get(each.name)
        if value is not None:
            words: Text | str = dict(each.options).get(value, value)
            title, said = request.locale.render(each.label), request.locale.render(words)
            found.append(AnswerOut(name=each.name, title=title, value=value, words=said))
    return found


def _message(row: Any, files: Any) -> MessageOut:
    kept = [
        TicketFileOut(id=each.public_id, title=each.title, media_type=each.media_type, size=each.size) for each in files
    ]
    return MessageOut(
        id=row.public_id,
        side=row.side,
        by=row.who or "",
        body=row.body,
        state=row.state,
        written_at=row.written_at,
        files=kept,
    )


_SEE = ApiScope("tickets.read", text("tickets.scope.read", "See requests"), "tickets.view")
_WRITE = ApiScope(
    "tickets.write", text("tickets.scope.write", "Send requests and write in them"), "tickets.write", systems=False
)
_ANSWER = ApiScope("tickets.answer", text("tickets.scope.answer", "Answer requests for the company"), customers=False)
_ALL = "/accounts/{account}/tickets"
_ONE = _ALL + "/{ticket}"


def _step(name: str, title: Text, run: Any, state: str) -> ApiRoute:
    return ApiRoute(
        "POST", f"{_ONE}/{name}", name, title, _WRITE, run, TicketOut, {**TICKET, "state": state}, Nothing, {}
    )


CALLS = [
    ApiRoute(
        "GET",
        "/accounts/{account}/ticket-types",
        "types",
        text("tickets.call.types", "What may be asked for"),
        _SEE,
        types,
        TicketTypesOut,
        TYPES,
    ),
    ApiRoute(
        "GET",
        _ALL,
        "tickets",
        text("tickets.call.tickets", "Requests, newest first"),
        _SEE,
        tickets,
        TicketOut,
        TICKET,
        listed=True,
    ),
    ApiRoute(
        "GET",
        _ONE,
        "ticket",
        text("tickets.call.ticket", "A request with its thread"),
        _SEE,
        ticket,
        WholeTicketOut,
        WHOLE,
    ),
    ApiRoute(
        "GET",
        _ONE + "/files/{file}",
        "file",
        text("tickets.call.file", "A file of a request"),
        _SEE,
        give_file,
        ApiFile,
        {},
        limiter="files",
    ),
    ApiRoute(
        "POST",
        _ALL,
        "ask",
        text("tickets.call.ask", "Send a request"),
        _WRITE,
        ask,
        TicketOut,
        TICKET,
        AskIn,
        ASK,
        status=201,
    ),
    ApiRoute(
        "POST",
        _ONE + "/messages",
        "say",
        text("tickets.call.say", "Write in a request"),
        _WRITE,
        say,
        TicketOut,
        TICKET,
        SayIn,
        {"body": "It drips less now."},
    ),
    ApiRoute(
        "POST",
        _ONE + "/answers",
        "answer",
        text("tickets.call.answer", "Answer a request for the company"),
        _ANSWER,
        answer,
        TicketOut,
        {**TICKET, "state": "waiting"},
        AnswerIn,
        {"body": "When may the master come?", "state": "waiting"},
    ),
    _step("withdraw", text("tickets.call.withdraw", "Take a request back"), withdraw, "withdrawn"),
    _step("close", text("tickets.call.close", "Agree that a request is solved"), close, "closed"),
    _step("reopen", text("tickets.call.reopen", "Say that a request is not solved"), reopen, "open"),
    ApiRoute(
        "POST",
        _ONE + "/rating",
        "rate",
        text("tickets.call.rate", "Say how well one was helped"),
        _WRITE,
        rate,
        TicketOut,
        {**TICKET, "state": "solved", "rating": 5},
        RateIn,
        {"rating": 5},
    ),
]
