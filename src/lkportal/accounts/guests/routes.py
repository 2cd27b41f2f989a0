"""Without registering: a number and a proof open one page for one act. Answers tell no more than those of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from starlette.responses import Response

from lkportal.accounts.claims import claiming
from lkportal.accounts.claims import limits as claim_limits
from lkportal.accounts.claims.claiming import NotProved, Proofs
from lkportal.accounts.claims.routes import waiting, words_of
from lkportal.accounts.forms import GuestForm
from lkportal.accounts.guests.links import LinkMaker
from lkportal.accounts.settings import AccountsSettings
from lkportal.auth.limits import TooOften
from lkportal.auth.origins import network_of
from lkportal.core.contributions import ClaimProof, GuestPurpose
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import anyone
from lkportal.core.unit import open_unit
from lkportal.web import WHOLE, Form, Request, empty_form, page, read_form, redirect, route
from lkportal.web.request import unit_context


def show_guest(request: Request) -> Response:
    """Show the page where a number and a proof are enough for one act."""
    return _page(request, empty_form(GuestForm, dict(request.query_params)))


def open_link(request: Request) -> Response:
    """Check number and proof and lead to the page of the act by a link that lives for minutes."""
    purposes, proofs = _offered(request)
    form = read_form(request, GuestForm)
    if form.valid and (form.data.by not in proofs or form.data.purpose not in purposes):
        form.add_error(WHOLE, text("accounts.guest.choose", "Choose what to do and how you prove the account."))
    if not form.valid:
        return _page(request, form, 422)
    try:
        token = _opened(request, form.data, proofs[form.data.by])
    except (NotProved, TooOften) as error:
        form.add_error(WHOLE, words_of(error))
        return waiting(_page(request, form, error.status), error)
    return redirect(request, purposes[form.data.purpose].route, token=token)


class Door:
    """Fills the port WithoutSigningIn: the sign-in page leads to the public page where it is on."""

    def __init__(self, portal: object) -> None:
        settings: AccountsSettings = portal.settings_of("accounts")  # type: ignore[attr-defined]
        self.route = "accounts:guest" if settings.guest.on else ""


def _opened(request: Request, data: GuestForm, proof: ClaimProof) -> str:
    settings, here = request.settings_of("accounts", AccountsSettings), unit_context(request)
    database, maker = request.portal.database, request.portal.ports.get(LinkMaker)
    limits = claim_limits.proof_limits(
        settings.claim, person="", number=data.number, network=network_of(request), strong=proof.strong
    )
    request.release()
    with open_unit(database, here) as db:
        claim_limits.admit(db, limits)
    try:
        with open_unit(database, here) as db:
            account = claiming.prove(db, proof, request.brand, data.number, data.proof)
            lasts = timedelta(minutes=settings.guest.minutes)
            claim_limits.give_back(db, limits)
            return maker.token(db, data.purpose, account, lasts=lasts, origin="number")
    except NotProved:
        claiming.refused(database, here, data.number, request.brand)
        raise


def _offered(request: Request) -> tuple[Mapping[str, GuestPurpose], Mapping[str, ClaimProof]]:
    """Return what may be done and what proves it: no codes that work once. Raises NotFound where this is off."""
    if not request.settings_of("accounts", AccountsSettings).guest.on:
        raise NotFound
    known = request.portal.ports.get(LinkMaker).purposes
    purposes = {
        each.name: each
        for each in sorted(known.values(), key=lambda one: one.order)
        if each.offered and each.route.partition(":")[0] not in request.closed
    }
    taken = request.portal.ports.get(Proofs).known
    proofs = {name: proof for name, (proof, _) in taken.items() if not proof.strong}
    if not purposes or not proofs:
        raise NotFound
    return purposes, proofs


def _page(request: Request, form: Form[GuestForm], status: int = 200) -> Response:
    purposes, proofs = _offered(request)
    wanted = form.value("purpose") if form.value("purpose") in purposes else next(iter(purposes))
    by = form.value("by") if form.value("by") in proofs else next(iter(proofs))
    return page(
        request,
        "accounts/guest.html",
        status,
        form=form,
        purposes=[(name, each.title) for name, each in purposes.items()],
        wanted=wanted,
        ways=[
            (each.title, request.url("accounts:guest", by=name, purpose=wanted), name == by)
            for name, each in proofs.items()
        ],
        proof=proofs[by],
    )


GUEST_ROUTES = [
    route("/without-signing-in", show_guest, name="guest", policy=anyone()),
    route(
        "/without-signing-in",
        open_link,
        name="guest_open",
        policy=anyone(),
        methods=("POST",),
        kind="action",
        body=8 * 1024,
    ),
]
