"""Signed links of an account as its owner sees them: what each opens, until when, what became of it; taking back. A link's secret was
handed out once and is kept nowhere, so no page can show it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from starlette.responses import Response

from lkportal.accounts.claims.models import NotHere
from lkportal.accounts.guests import links
from lkportal.accounts.guests.links import LinkMaker
from lkportal.core.contributions import GuestPurpose
from lkportal.core.errors import NotFound
from lkportal.core.i18n import Text, ntext, text
from lkportal.core.policy import on_account
from lkportal.web import Request, page, redirect, route, unit_of_work

_BODY = 8 * 1024
_ORIGINS = {
    "letter": text("accounts.links.letter", "from a letter or a page of yours"),
    "number": text("accounts.links.number", "without signing in, by number and proof"),
    "staff": text("accounts.links.staff", "made by the company"),
}
_USED = ("ok", text("accounts.links.used", "used"))
_TAKEN = ("off", text("accounts.links.taken", "taken back"))
_OLD = ("off", text("accounts.links.old", "ran out"))


def show(request: Request) -> Response:
    """Show the links that still open something, and what became of the latest others."""
    account, moment = request.own_account, request.portal.clock.now()
    open_ones = _known(request, links.living(request.db, account.id, moment))
    past = _known(request, links.over(request.db, account.id, moment))
    return page(
        request,
        "accounts/links.html",
        open_ones=[(row, purpose.title, _ORIGINS[row.origin]) for row, purpose in open_ones],
        past=[(row, purpose.title, *_end(row)) for row, purpose in past],
    )


def revoke(request: Request) -> Response:
    """Take one link back, unless it was used meanwhile. Another account's is not there."""
    account, link = request.own_account, str(request.path_params["guest_link"])
    if not links.is_of(request.db, account, link):
        raise NotFound
    try:
        with unit_of_work(request) as db:
            links.revoke(db, account, link)
    except NotHere:
        return redirect(request, "accounts:links", _GONE, "warn")
    return redirect(request, "accounts:links", text("accounts.links.revoked", "The link opens nothing any more."))


def revoke_all(request: Request) -> Response:
    """Take all links back."""
    with unit_of_work(request) as db:
        taken = links.revoke_all(db, request.own_account)
    done = ntext("accounts.links.all_revoked", "%(n)s link is taken back.", "%(n)s links are taken back.", taken)
    return redirect(request, "accounts:links", done)


def _known(request: Request, rows: Sequence[Row[Any]]) -> list[tuple[Row[Any], GuestPurpose]]:
    """Return links with what they are for; those of a module that is not open here open nothing and are not mentioned."""
    purposes = request.portal.ports.get(LinkMaker).purposes
    found = [(row, purposes[row.purpose]) for row in rows if row.purpose in purposes]
    return [(row, each) for row, each in found if each.route.partition(":")[0] not in request.closed]


def _end(row: Row[Any]) -> tuple[tuple[str, Text], Any]:
    """Return how a link ended and when."""
    if row.used_at is not None:
        return _USED, row.used_at
    if row.revoked_at is not None:
        return _TAKEN, row.revoked_at
    return _OLD, row.expires_at


_GONE = text("accounts.links.gone", "This link was used or ran out before you took it back.")
_MANAGE, _AT = on_account("accounts.manage"), "/home/{account}/links"
LINK_ROUTES = [
    route(_AT, show, name="links", policy=_MANAGE),
    route(
        _AT + "/revoke", revoke_all, name="revoke_links", policy=_MANAGE, methods=("POST",), kind="action", body=_BODY
    ),
    route(
        _AT + "/{guest_link}/revoke",
        revoke,
        name="revoke_link",
        policy=_MANAGE,
        methods=("POST",),
        kind="action",
        body=_BODY,
    ),
]
