"""Pages about documents: the gate before required ones, the list with decisions and their evidence, a document to read."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from lkportal.auth.origins import origin_of
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import anyone, signed_in
from lkportal.privacy import consents
from lkportal.privacy.consents import How, Stand
from lkportal.privacy.contract import Decided
from lkportal.privacy.forms import DecisionForm
from lkportal.privacy.texts import Document, Documents, worded
from lkportal.web import Request, page, read_form, redirect, redirect_to, route, safe_destination, unit_of_work

_SAID = {
    "agreed": text("privacy.flash.agreed", "Your consent is written down. You can take it back here at any time."),
    "refused": text("privacy.flash.refused", "Your refusal is written down. Nothing changes for you."),
    "withdrawn": text("privacy.flash.withdrawn", "Your consent is taken back from this moment."),
}
_CHANGED = text("privacy.flash.changed", "The text changed while you read it. Read it again, please.")


def gate(request: Request) -> Response:
    """Show the first required document that is not agreed to yet, or lead on to the page that was wanted."""
    waiting = [stand for stand in _stands(request) if stand.document.required and stand.asks]
    if not waiting:
        return redirect_to(request, _wanted(request, request.query_params.get("next", "")))
    required = documents(request).required
    first = waiting[0]
    return page(
        request,
        "privacy/gate.html",
        stand=first,
        wording=first.document.in_language(request.locale.code),
        number=len(required) - len(waiting) + 1,
        total=len(required),
        next=request.query_params.get("next", ""),
    )


def show(request: Request) -> Response:
    """List the documents with the person's decisions, and what was decided before."""
    rows = consents.evidence(request.db, request.actor.id or 0)
    known = documents(request)
    return page(
        request,
        "privacy/consents.html",
        stands=_stands(request),
        rows=[(row, _title(row, known, request.locale.code)) for row in rows],
        code=request.locale.code,
        zone=zone_of(request),
    )


def read(request: Request) -> Response:
    """Show a document as it is now, to anybody."""
    wording = _document(request).in_language(request.locale.code)
    return page(request, "privacy/document.html", wording=wording, decision=None)


def read_decided(request: Request) -> Response:
    """Show the text a decision of this person was made over, as it was then, with the evidence."""
    wanted = str(request.path_params["decision"])
    rows = consents.evidence(request.db, request.actor.id or 0)
    row = next((each for each in rows if each.public_id == wanted), None)
    if row is None or row.body is None:
        raise NotFound
    wording = worded(row.locale, row.body)
    return page(request, "privacy/document.html", wording=wording, decision=row, zone=zone_of(request))


def decide(request: Request) -> Response:
    """Write what the person decided over the text they saw; a text that changed meanwhile is shown again."""
    form, document = read_form(request, DecisionForm), _document(request)
    if not form.valid:
        raise NotFound
    data, wording = form.data, document.in_language(form.data.locale)
    if wording.hash != data.text:
        return _onward(request, document, data.how, data.next, _CHANGED, "warn")
    decision: Decided = data.decision
    stand = next(each for each in _stands(request) if each.document.name == document.name)
    if decision == "withdrawn" and stand.decision != "agreed":
        return _onward(request, document, data.how, data.next)
    if (stand.decision, stand.version) != (decision, document.version):
        with unit_of_work(request) as db:
            consents.decide(db, request.actor, document, wording, decision, data.how, origin_of(request))
    said = None if data.how == "gate" and decision == "agreed" else _SAID[decision]
    return _onward(request, document, data.how, data.next, said)


def documents(request: Request) -> Documents:
    """Return the documents of this portal."""
    return request.portal.ports.get(Documents)


def zone_of(request: Request) -> str:
    """Return the time zone that moments of a person's own pages are told in."""
    return request.menu_account.time_zone if request.menu_account else request.portal.settings.portal.time_zone


def _onward(
    request: Request, document: Document, how: How, wanted: str, said: Any = None, tone: str = "ok"
) -> Response:
    if how == "gate" and document.required:
        return redirect(request, "privacy:gate", said, tone, **({"next": wanted} if wanted else {}))
    if how == "card":
        return redirect(request, "accounts:start", said, tone)
    return redirect(request, "privacy:consents", said, tone)


def _wanted(request: Request, wanted: str) -> str:
    return safe_destination(request.visit.edge.routes, request.visit.root, wanted, request.url("accounts:start"))


def _stands(request: Request) -> list[Stand]:
    return consents.stands(request.db, documents(request), request.actor.id or 0)


def _document(request: Request) -> Document:
    found = documents(request).find(str(request.path_params["document"]))
    if found is None:
        raise NotFound
    return found


def _title(row: Any, known: Documents, locale: str) -> str:
    """Return what a document is called: now, or, when it is gone from the settings, in the text that was kept."""
    document = known.find(row.document)
    if document is not None:
        return document.in_language(locale).title
    return worded(row.locale, row.body).title if row.body else str(row.document)


CONSENT_ROUTES = [
    route("/agree", gate, name="gate", policy=signed_in(private=True), always=True),
    route("/consents", show, name="consents", policy=signed_in(private=True), always=True),
    route("/consents/{decision}", read_decided, name="decided", policy=signed_in(private=True), always=True),
    route("/documents/{document}", read, name="document", policy=anyone()),
    route(
        "/documents/{document}",
        decide,
        name="decide",
        policy=signed_in(private=True),
        methods=("POST",),
        kind="action",
        body=8192,
    ),
]
