"""Holding a form until a second person agrees, and doing it then: as whoever asked, by the same endpoint, once."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session
from starlette.datastructures import MultiDict
from starlette.responses import Response

from lkportal.accounts.grants import staff_permissions
from lkportal.auth import identities
from lkportal.core.errors import Forbidden, NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.policy import Actor
from lkportal.staff.approvals import waiting
from lkportal.staff.desk import Desk
from lkportal.staff.frame import desk_page
from lkportal.staff.settings import StaffSettings
from lkportal.web import Proposal, Request, redirect, unit_of_work
from lkportal.web.page.confirm import is_secret
from lkportal.web.trust.approving import REASON
from lkportal.web.trust.csrf import FIELD

_PURPOSE = "approval"
_SHORTEST, _LONGEST = 5, 500
_WHY = text("staff.approval.why", "Say why, in a few words: another person decides by it.")
_SPOILT = text("staff.approval.spoilt", "This request was altered after it was made. It cannot be done: ask anew.")
_UNFIT = text("staff.approval.unfit", "This cannot wait for a second person: it holds a file or a secret.")


class Desks:
    """Fills the port SecondPerson for one portal."""

    def __init__(self, settings: StaffSettings) -> None:
        self._wanted = frozenset(settings.two_persons)
        self._lasts = timedelta(hours=settings.approval_hours)

    def wants(self, action: str) -> bool:
        """Whether the company lets acts of this right wait, besides routes that always do."""
        return action in self._wanted

    def hold(self, request: Request, proposal: Proposal, reason: str | None) -> Response:
        """Ask for a reason, then keep the form until somebody else agrees; lead to the page that says so."""
        fields = [(name, str(value)) for name, value in request.form_data.multi_items() if name != FIELD]
        if request.files or any(is_secret(name) for name, _ in fields):
            raise PortalError("four_eyes_unfit", _UNFIT, 422)
        words = " ".join((reason or "").split())
        if not _SHORTEST <= len(words) <= _LONGEST:
            wrong = None if reason is None else _WHY
            return _asking(request, proposal, fields, reason or "", wrong)
        values = {
            "route": request.route.name,
            "action": request.route.policy.action,
            "form": {
                "params": request.path_params,
                "query": _query(request),
                "fields": [list(each) for each in fields],
            },
            "told": told(request, proposal),
            "reason": words,
        }
        with unit_of_work(request) as db:
            made = waiting.ask(db, values, self._lasts, partial(request.visit.edge.signing.seal, _PURPOSE))
        waits = text("staff.approval.waits", "Nothing is done yet: it waits for a second person.")
        return redirect(request, "staff:approval", waits, "inf", approval=made)


def is_whole(request: Request, row: Row[Any]) -> bool:
    """Whether a request is as it was when it was made."""
    return bool(request.visit.edge.signing.seal(_PURPOSE, waiting.sealed(row)) == row.seal)


def rehearsed(request: Request, row: Row[Any]) -> tuple[Request, Proposal]:
    """Return the request as it would be done now, as whoever asked, and what it would do now.

    Raises PortalError when it cannot be done any more: altered, its page is off, the person is out or lost the right, or the
    form does not fit what has happened since.
    """
    bound = request.visit.edge.routes.by_name.get(row.route)
    if bound is None or bound.spec.explain is None:
        raise NotFound
    if not is_whole(request, row):
        raise PortalError("approval_spoilt", _SPOILT, 409)
    requester = _requester(request, row, bound.policy.action)
    scope = {
        **request.scope,
        "path": request.visit.root + request.visit.edge.routes.path(row.route, row.form["params"]),
        "path_params": dict(row.form["params"]),
        "query_string": row.form["query"].encode("latin-1"),
    }
    inner = Request(scope, bound)
    inner.actor = requester
    request.release()
    inner.form_data = MultiDict([(name, value) for name, value in row.form["fields"]])
    try:
        plan = bound.spec.explain(inner)
    finally:
        inner.release()
    if isinstance(plan, Response):
        raise PortalError("approval_stale", _STALE, 409)
    return inner, plan


def perform(request: Request, row: Row[Any], inner: Request) -> None:
    """Do what was asked for, once, in the unit of the decision. Raises PortalError when it was not done."""
    approver = request.actor
    inner.actor = _with_approver(inner.actor, approver.label)

    def decided(db: Session) -> None:
        waiting.decide(db, row.public_id, "done", approver)

    inner.opening = decided
    try:
        answer = inner.route.spec.endpoint(inner)
    finally:
        inner.release()
    if answer.status_code >= 400:
        raise PortalError("approval_stale", _STALE, 409)
    if inner.opening is not None:  # nothing was left to do: the decision stands alone
        with unit_of_work(request) as db:
            decided(db)


def digest(request: Request, proposal: Proposal) -> str:
    """Return what a proposal is told apart by: agreed is what was read, not what became of it meanwhile."""
    plain = json.dumps(told(request, proposal), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


_STALE = text(
    "staff.approval.stale", "This can no longer be done as it was asked for: something changed since. Ask anew."
)


def _requester(request: Request, row: Row[Any], action: str) -> Actor:
    person = identities.by_public_id(request.db, row.asker_public)
    if person is None or person.kind != "staff":
        raise Forbidden
    declared = request.portal.ports.get(Desk).registry.permissions  # type: ignore[type-abstract]
    permissions = staff_permissions(request.db, person.id, declared)
    if action not in permissions:
        raise Forbidden("requester_lost_right", _LOST)
    return Actor(person.kind, person.id, person.public_id, person.name, person.login, permissions)


_LOST = text("staff.approval.lost", "Whoever asked for this may not do it any more. Refuse it.")


def _with_approver(actor: Actor, label: str) -> Actor:
    return Actor(actor.kind, actor.id, actor.public_id, actor.name, actor.login, actor.permissions, approved_by=label)


def told(request: Request, proposal: Proposal) -> dict[str, Any]:
    """Return a proposal in the reader's words: its title, and lines of what, before, after."""

    def say(words: Text | str) -> str:
        return request.locale.render(words) if isinstance(words, Text) else str(words)

    changes = [[say(each.what), say(each.before), say(each.after)] for each in proposal.changes]
    return {"title": say(proposal.title), "changes": changes}


def _query(request: Request) -> str:
    return bytes(request.scope["query_string"]).decode("latin-1")


def _asking(
    request: Request, proposal: Proposal, fields: list[tuple[str, str]], reason: str, wrong: Text | None
) -> Response:
    query = _query(request)
    target = request.visit.root + request.path_below + (f"?{query}" if query else "")
    return desk_page(
        request,
        "staff/approval_ask.html",
        status=422 if wrong else 200,
        told=told(request, proposal),
        fields=fields,
        target=target,
        name=REASON,
        reason=reason,
        wrong=wrong,
    )
