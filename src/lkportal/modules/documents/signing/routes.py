"""Pages of signing: the agreement, asking for a code, typing it. All behind a fresh proof of who it is."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field
from starlette.responses import Response

from lkportal.auth.one_time.minting import DIGITS
from lkportal.auth.origins import origin_of
from lkportal.core.asked.letters import TextMessages
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.limits.rates import allow_in
from lkportal.core.policy import on_account
from lkportal.modules.documents import queries, service, states, views
from lkportal.modules.documents.routes import office_of
from lkportal.modules.documents.signing import agreement, codes, signing
from lkportal.modules.documents.signing.agreement import Agreements
from lkportal.web import (
    Checkbox,
    Code,
    Form,
    FormModel,
    Label,
    PublicId,
    Request,
    empty_form,
    page,
    read_form,
    redirect,
    route,
    unit_of_work,
)

HOUR = 3600
_MOVED = service.MOVED_ON
_WRONG = text(
    "documents.sign.wrong", "This code does not fit or its time is over. Check the digits or ask for a new one."
)


class AskForm(FormModel):
    """Asking for a code, perhaps agreeing that it counts as a signature."""

    agreed: Checkbox = False


class SignForm(FormModel):
    """Signing by the code that came."""

    code: Annotated[Code, Label(text("documents.sign.code", "Code from the message"))]
    token: PublicId
    seen: Annotated[int, Field(ge=1, le=100_000)]


def show_agreement(request: Request) -> Response:
    """Show the agreement on simple signatures."""
    wording = _agreements(request).wording(request.locale.code)
    given = agreement.given(request.db, request.actor.id or 0, _agreements(request).version)
    return page(request, "documents/agreement.html", wording=wording, given=given, zone=request.own_account.time_zone)


def show_sign(request: Request) -> Response:
    """Show what is signed, and where the code is asked for or typed."""
    return _sign_page(request)


def ask_code(request: Request) -> Response:
    """Agree that the signature counts, where that was not done before, and send a code."""
    row, found = _subject(request)
    form = read_form(request, AskForm)
    agreements, person = _agreements(request), request.actor.id or 0
    given = agreement.given(request.db, person, agreements.version)
    if form.valid and given is None and not form.data.agreed:
        form.add_error("agreed", text("documents.sign.must_agree", "Without the agreement a code is no signature."))
    way = codes.address_of(request.db, person, texts=_texts_on(request))
    if row is None or not way[0]:
        return redirect(request, "documents:document", _MOVED, "warn", document=found.public_id)
    if not form.valid:
        return _sign_page(request, 422, asking=form)
    table = office_of(request).settings.signing
    with unit_of_work(request) as db:
        agreement.agree(db, person, agreements.version, agreements.wording(request.locale.code), origin_of(request))
        within = allow_in(db, f"documents.code {person}", table.codes_an_hour, HOUR, request.portal.clock.now())
        if within:
            codes.ask(db, _whose(request, found, row), way, request.locale.code, request.brand, table.code_minutes)
    if not within:
        said = text(
            "documents.sign.often", "Too many codes were asked for. Type the last one, or try again in an hour."
        )
        return redirect(request, "documents:sign", said, "warn", document=found.public_id)
    said = text("documents.sign.sent", "The code is on its way.")
    return redirect(request, "documents:sign", said, document=found.public_id)


def sign(request: Request) -> Response:
    """Sign by the code."""
    found = _row(request)
    form = read_form(request, SignForm)
    if not form.valid:
        return _sign_page(request, 422, form)
    on_table = next(each for each in queries.versions(request.db, found.id) if each.number == found.version)
    data, shown = form.data, request.locale.render(_statement(request, found, on_table))
    made = signing.Signing(data.code, data.token, data.seen, shown, _agreements(request).version, origin_of(request))
    try:
        with unit_of_work(request) as db:
            outcome = signing.sign(db, request.own_account, request.actor, found.public_id, made)
    except service.MovedOn as error:
        return redirect(request, "documents:document", error.words, "warn", document=found.public_id)
    if outcome == "signed":
        said = text("documents.sign.done", "Signed. The evidence can be downloaded below.")
        return redirect(request, "documents:document", said, document=found.public_id)
    if outcome == "wrong":
        form.add_error("code", _WRONG)
    return _sign_page(request, 422, form)


def _sign_page(
    request: Request, status: int = 200, form: Form[Any] | None = None, asking: Form[Any] | None = None
) -> Response:
    on_table, found = _subject(request)
    if on_table is None:
        return redirect(request, "documents:document", _MOVED, "warn", document=found.public_id)
    agreements, person, moment = _agreements(request), request.actor.id or 0, request.portal.clock.now()
    waiting = codes.alive(request.db, _whose(request, found, on_table), moment)
    given = agreement.given(request.db, person, agreements.version)
    way, address = codes.address_of(request.db, person, texts=_texts_on(request))
    return page(
        request,
        "documents/sign.html",
        status,
        document=views.document(found, office_of(request).any_kind(found.kind), request.own_account.time_zone),
        on_table=on_table,
        statement=_statement(request, found, on_table),
        waiting=waiting if given else None,
        given=given,
        way=way,
        address=_masked(address),
        length=DIGITS,
        minutes=office_of(request).settings.signing.code_minutes,
        form=form or empty_form(SignForm, {"token": public_id(), "seen": str(found.version)}),
        asking=asking or empty_form(AskForm),
    )


def _statement(request: Request, row: Any, on_table: Any) -> Text:
    """Return the words above the button: they are kept with the signature, as they were shown."""
    return text(
        "documents.sign.statement",
        "By typing the code I sign “%(title)s”, version %(version)s, file “%(file)s” of %(size)s bytes, SHA-256 %(sha)s, by my"
        " simple electronic signature under agreement No. %(agreement)s on simple electronic signatures.",
        title=row.title,
        version=on_table.number,
        file=on_table.title,
        size=on_table.size,
        sha=on_table.sha256,
        agreement=_agreements(request).version,
    )


def _subject(request: Request) -> tuple[Any, Any]:
    """Return the version that may be signed now (None: none may) and its document. Raises NotFound."""
    row = _row(request)
    if "sign" not in states.may("customer", row.state, row.asks, approved=row.approved):
        return None, row
    return next(each for each in queries.versions(request.db, row.id) if each.number == row.version), row


def _row(request: Request) -> Any:
    found = queries.one(request.db, request.own_account.id, request.path_params["document"])
    if found is None:
        raise NotFound
    return found


def _whose(request: Request, row: Any, on_table: Any) -> codes.Whose:
    return codes.Whose(request.actor.id or 0, request.actor.session_id or 0, row.id, on_table.sha256)


def _agreements(request: Request) -> Agreements:
    return request.portal.ports.get(Agreements)


def _texts_on(request: Request) -> bool:
    texts = request.portal.ports.find(TextMessages)  # type: ignore[type-abstract]
    return texts is not None and texts.on


def _masked(address: str) -> str:
    """Return an address as its owner knows it again and nobody else learns it."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[:2]}…@{host}"
    return f"{address[:2]}…{address[-4:]}" if address else ""


_SEE = on_account("documents.view", private=True)
_SIGN = on_account("documents.sign", step_up="signature", private=True)
_POST = ("POST",)
SIGN_ROUTES = [
    route("/{account}/agreement", show_agreement, name="agreement", policy=_SEE),
    route("/{account}/{document}/sign", show_sign, name="sign", policy=_SIGN),
    route("/{account}/{document}/code", ask_code, name="ask_code", policy=_SIGN, methods=_POST, kind="action"),
    route("/{account}/{document}/sign", sign, name="sign_it", policy=_SIGN, methods=_POST, kind="action"),
]
