"""Pages of the claim: find an account by its number and a proof, ask for a letter with a code, look at who came by a claim.
Answers are the same whether a number is anybody's or not; the rules are in claiming and limits."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.accounts.claims import claiming
from lkportal.accounts.claims import limits as claim_limits
from lkportal.accounts.claims.claiming import NotProved, Proofs
from lkportal.accounts.forms import ClaimForm, LetterForm, NewcomerForm
from lkportal.accounts.settings import AccountsSettings
from lkportal.auth.door.arriving import renewed
from lkportal.auth.limits import TooOften
from lkportal.auth.origins import network_of
from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.jobs import enqueue
from lkportal.core.policy import on_account, signed_in
from lkportal.core.unit import open_unit
from lkportal.web import WHOLE, Form, Request, empty_form, page, read_form, redirect, route, unit_of_work
from lkportal.web.request import unit_context

ASK_LETTER = "accounts.ask_letter"
POST = "accounts.post"
_BODY = 8 * 1024


def show_claim(request: Request) -> Response:
    """Show the page to find an account by number and proof."""
    return _claim_page(request, empty_form(ClaimForm, {"by": request.query_params.get("by", "")}))


def claim(request: Request) -> Response:
    """Check number and proof; the account opens at once, or the same page says that they do not fit."""
    form, proofs = read_form(request, ClaimForm), proofs_of(request)
    if form.valid and form.data.by not in proofs.known:
        form.add_error("by", text("accounts.claim.unknown", "Choose how you prove that the account is yours."))
    if not form.valid:
        return _claim_page(request, form, 422)
    data, here = form.data, unit_context(request)
    limits = claim_limits.proof_limits(
        proofs.table,
        person=request.actor.public_id,
        number=data.number,
        network=network_of(request),
        strong=proofs.known[data.by][0].strong,
    )
    request.release()
    database = request.portal.database
    try:
        with open_unit(database, here) as db:
            claim_limits.admit(db, limits)
        found = claiming.claim(database, here, proofs, data.by, request.brand, data.number, data.proof)
    except (NotProved, TooOften) as error:
        form.add_error(WHOLE, words_of(error))
        return waiting(_claim_page(request, form, error.status), error)
    with open_unit(database, here) as db:
        claim_limits.give_back(db, limits)
        renewed(request, db)
    done = text("accounts.claim.done", "The account is yours to use. Here is everything about it.")
    return redirect(request, "accounts:home", done, account=found.account.public_id)


def show_letter(request: Request) -> Response:
    """Show the page to ask for a letter with a code."""
    return _letter_page(request, empty_form(LetterForm, {"number": request.query_params.get("number", "")}))


def ask_letter(request: Request) -> Response:
    """Queue the wish for a letter; whether the number is anybody's is found out later, by a job."""
    form, proofs = read_form(request, LetterForm), proofs_of(request)
    if not form.valid:
        return _letter_page(request, form, 422)
    person = request.actor
    limits = claim_limits.post_limits(proofs.table, person=person.public_id, network=network_of(request))
    try:
        with unit_of_work(request) as db:
            claim_limits.admit(db, limits)
            args = {"number": form.data.number, "brand": request.brand, "identity": person.id or 0}
            enqueue(db, ASK_LETTER, args)
    except TooOften as error:
        form.add_error(WHOLE, words_of(error))
        return waiting(_letter_page(request, form, error.status), error)
    return page(request, "accounts/letter_asked.html", days=proofs.table.post_days)


def show_newcomers(request: Request) -> Response:
    """Show owners who came to the account by a claim, as long as they may be refused."""
    rows = claiming.newcomers(request.db, request.own_account.id, request.portal.clock.now())
    titles = {name: proof.title for name, (proof, _) in proofs_of(request, always=True).known.items()}
    return page(request, "accounts/newcomers.html", rows=rows, titles=titles)


def refuse_newcomer(request: Request) -> Response:
    """Refuse a newcomer: they lose the account with this very act."""
    form = read_form(request, NewcomerForm)
    if not form.valid:
        raise NotFound
    with unit_of_work(request) as db:
        claiming.refuse(db, request.own_account, form.data.claim)
    done = text("accounts.newcomers.refused", "They have no access any more.")
    return redirect(request, "accounts:newcomers", done)


def proofs_of(request: Request, *, always: bool = False) -> Proofs:
    """Return the proofs this portal takes. Raises NotFound where nobody claims an account, unless `always`."""
    found = request.portal.ports.get(Proofs)
    if not found and not always:
        raise NotFound
    return found


def offered(request: Request) -> bool:
    """Whether an account can be claimed here."""
    return bool(request.settings_of("accounts", AccountsSettings).claim.proofs) and bool(
        request.portal.ports.get(Proofs)
    )


def words_of(error: PortalError) -> Text:
    """Return the words of an error for a form."""
    return error.message if isinstance(error.message, Text) else text("accounts.claim.failed", "This did not work.")


def waiting(answer: Response, error: PortalError) -> Response:
    """Say in the answer's header how long to wait, when it is about a limit."""
    if isinstance(error, TooOften):
        answer.headers["retry-after"] = str(max(1, int(error.wait.total_seconds())))
    return answer


def _claim_page(request: Request, form: Form[ClaimForm], status: int = 200) -> Response:
    proofs = proofs_of(request)
    chosen = form.value("by") if form.value("by") in proofs.known else next(iter(proofs.known))
    ways = [
        (proof.title, request.url("accounts:claim", by=name), name == chosen)
        for name, (proof, _) in proofs.known.items()
    ]
    return page(
        request,
        "accounts/claim.html",
        status,
        form=form,
        ways=ways,
        proof=proofs.known[chosen][0],
        by_post=POST in proofs.known,
    )


def _letter_page(request: Request, form: Form[LetterForm], status: int = 200) -> Response:
    if POST not in proofs_of(request).known:
        raise NotFound
    return page(request, "accounts/letter.html", status, form=form)


_MINE = signed_in()
_MANAGE = on_account("accounts.manage")
CLAIM_ROUTES = [
    route("/claim", show_claim, name="claim", policy=_MINE),
    route("/claim", claim, name="claimed", policy=_MINE, methods=("POST",), kind="action", body=_BODY),
    route("/claim/letter", show_letter, name="letter", policy=_MINE),
    route("/claim/letter", ask_letter, name="ask_letter", policy=_MINE, methods=("POST",), kind="action", body=_BODY),
    route("/home/{account}/newcomers", show_newcomers, name="newcomers", policy=_MANAGE),
    route(
        "/home/{account}/newcomers",
        refuse_newcomer,
        name="refuse_newcomer",
        policy=_MANAGE,
        methods=("POST",),
        kind="action",
        body=_BODY,
    ),
]
