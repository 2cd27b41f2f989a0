"""The pages of customers. `on_account`: the account of the path was found through the person's memberships, or the answer is 404."""

from datetime import date

from starlette.responses import Response

from lkportal.core.errors import NotFound
from lkportal.core.policy import on_account
from lkportal.web import Request, page, route
from lkportal_insurance import queries, views
from lkportal_insurance.settings import Insurer


def show_list(request: Request) -> Response:
    """Show the policies of the account: those that insure, then those of the past."""
    today, ending = _today(request)
    found = [views.shown(row, today, ending) for row in queries.policies(request.db, request.own_account.id)]
    alive = sorted((each for each in found if each.is_alive), key=lambda each: each.ends_on)
    return page(request, "insurance/list.html", alive=alive, past=[each for each in found if not each.is_alive])


def show_policy(request: Request) -> Response:
    """Show one policy: what it insures and covers, its premiums, its paper, the way to a claim."""
    account = request.own_account
    row = queries.policy(request.db, account.id, request.path_params["policy"])
    if row is None:
        raise NotFound
    today, ending = _today(request)
    premiums = queries.premiums(request.db, row.id)
    return page(
        request,
        "insurance/policy.html",
        policy=views.shown(row, today, ending),
        objects=queries.objects(request.db, row.id),
        premiums=[(each, views.premium_status(each.state, each.due_on, today)) for each in premiums],
        owed=next((each for each in reversed(premiums) if each.state == "asked"), None),
        pays="payments.pay" in account.rights,
        reads="documents.view" in account.rights,
    )


def _today(request: Request) -> tuple[date, int]:
    insurer = request.portal.ports.get(Insurer)
    return insurer.today(request.portal.clock.now()), insurer.settings.ending_days


ROUTES = [
    route("/{account}/", show_list, name="list", policy=on_account("insurance.view")),
    route("/{account}/{policy}/", show_policy, name="policy", policy=on_account("insurance.view")),
]
