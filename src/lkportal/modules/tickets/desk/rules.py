"""Rules of handing over at the desk: the list in the order they are asked, writing one, throwing it away."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.tickets.desk import queries
from lkportal.modules.tickets.forms import RuleForm
from lkportal.modules.tickets.models import Rule
from lkportal.modules.tickets.routes import office_of
from lkportal.web import Form, Request, empty_form, page, read_form, redirect, route, unit_of_work

_POST = ("POST",)
_SAVED = text("tickets.rule.saved", "Saved. It counts for requests that come from now on.")
SEGMENTS = (
    ("", text("tickets.rule.everybody", "Everybody's")),
    ("household", text("tickets.rule.households", "Of households")),
    ("company", text("tickets.rule.companies", "Of organisations")),
)


def show_rules(request: Request) -> Response:
    """Show the rules in the order they are asked."""
    office = office_of(request)
    rows = [(each, office.any_type(each.type)) for each in queries.rules(request.db)]
    return page(request, "tickets/desk/rules.html", rows=rows, segments=dict(SEGMENTS))


def new_rule(request: Request) -> Response:
    """Show the form of a new rule."""
    return _form(request, empty_form(RuleForm, {"position": "100"}))


def edit_rule(request: Request) -> Response:
    """Show the form of a rule."""
    row = _row(request)
    values = {
        "title": row.title, "type": row.type, "words": "\n".join(row.words), "segment": row.segment,
        "who": row.hand_id or "", "urgent": "on" if row.urgent else "", "position": str(row.position),
    }  # fmt: skip
    return _form(request, empty_form(RuleForm, values), row.public_id)


def write_rule(request: Request) -> Response:
    """Keep a new rule."""
    form = _typed(request)
    if not form.valid:
        return _form(request, form, status=422)
    with unit_of_work(request) as db:
        db.add(Rule(changed_at=now(db), **_columns(request, form.data)))
        _record(db, form.data.title)
    return redirect(request, "tickets:rules", _SAVED)


def rewrite_rule(request: Request) -> Response:
    """Keep a rule as it was written anew."""
    row, form = _row(request), _typed(request)
    if not form.valid:
        return _form(request, form, row.public_id, 422)
    with unit_of_work(request) as db:
        values = {"changed_at": now(db), **_columns(request, form.data)}
        db.execute(update(Rule).where(Rule.public_id == row.public_id).values(**values))
        _record(db, form.data.title)
    return redirect(request, "tickets:rules", _SAVED)


def drop_rule(request: Request) -> Response:
    """Throw a rule away; what it handed over stays where it is."""
    row = _row(request)
    with unit_of_work(request) as db:
        db.execute(delete(Rule).where(Rule.public_id == row.public_id))
        _record(db, row.title)
    return redirect(request, "tickets:rules", text("tickets.rule.dropped", "Thrown away."))


def _typed(request: Request) -> Form[RuleForm]:
    form = read_form(request, RuleForm)
    if not form.valid:
        return form
    data = form.data
    if data.type and office_of(request).any_type(data.type) is None:
        form.add_error("type", text("tickets.form.choose", "Choose one of the options."))
    if data.who and data.who not in {each.public_id for each in queries.people(request.db)}:
        form.add_error("who", text("tickets.form.choose", "Choose one of the options."))
    if not data.who and not data.urgent:
        form.add_error(
            "who", text("tickets.rule.idle", "Say who takes care, or that it is urgent: else the rule does nothing.")
        )
    return form


def _columns(request: Request, data: RuleForm) -> dict[str, Any]:
    people = {each.public_id: each.id for each in queries.people(request.db)}
    return {
        "title": data.title, "type": data.type, "words": list(data.words), "segment": data.segment,
        "assignee_id": people.get(data.who), "urgent": data.urgent, "position": data.position,
    }  # fmt: skip


def _form(request: Request, form: Form[RuleForm], rule: str = "", status: int = 200) -> Response:
    return page(
        request,
        "tickets/desk/rule.html",
        status,
        form=form,
        rule=rule,
        types=[(each.name, each.title) for each in office_of(request).types],
        segments=SEGMENTS,
        people=[(each.public_id, each.name) for each in queries.people(request.db)],
    )


def _record(db: Session, title: str) -> None:
    port(db, AuditLog).record(db, "tickets.rule", detail={"title": title})  # type: ignore[type-abstract]


def _row(request: Request) -> Any:
    found = queries.rule(request.db, request.path_params["rule"])
    if found is None:
        raise NotFound
    return found


_DO = staff("tickets.rules")
RULE_PAGES = [
    route("/rules", show_rules, name="rules", policy=_DO),
    route("/rules/new", new_rule, name="new_rule", policy=_DO),
    route("/rules/new", write_rule, name="write_rule", policy=_DO, methods=_POST, kind="action"),
    route("/rules/{rule}/", edit_rule, name="rule", policy=_DO),
    route("/rules/{rule}/", rewrite_rule, name="rewrite_rule", policy=_DO, methods=_POST, kind="action"),
    route("/rules/{rule}/drop", drop_rule, name="drop_rule", policy=_DO, methods=_POST, kind="action"),
]
