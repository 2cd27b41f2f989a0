"""Customer pages of accounts: the way in, home with its cards, the list of accounts."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.accounts import queries
from lkportal.accounts.claims.routes import offered
from lkportal.accounts.finding.pages import FIND_ROUTES
from lkportal.accounts.first.routes import FIRST_VISIT, shown, standings
from lkportal.accounts.forms import SearchForm
from lkportal.accounts.home import places
from lkportal.accounts.home.layout import Layout
from lkportal.accounts.home.pages import HOME_ROUTES
from lkportal.accounts.home.panels import Panels
from lkportal.accounts.past.pages import PAST_ROUTES
from lkportal.accounts.routes_settings import SETTINGS_ROUTES
from lkportal.core.policy import anyone, on_account, signed_in
from lkportal.web import Request, page, read_query, redirect, route
from lkportal.web.trust.guard import SIGN_IN

STAFF_HOME = "staff:home"
LIST_ROWS = 24
_MOST_PAGES = 1_000


def start(request: Request) -> Response:
    """Lead to where this person belongs: the account they looked at last, the desk, or the sign-in."""
    if request.actor.kind == "anonymous":
        return redirect(request, SIGN_IN)
    if request.actor.kind == "staff":
        return redirect(request, STAFF_HOME)
    account = request.menu_account.public_id if request.menu_account else places.first(request)
    if account:
        return redirect(request, "accounts:home", account=account)
    if FIRST_VISIT in request.slots:
        return redirect(request, "accounts:first")
    return page(request, "accounts/none.html", claimable=offered(request))


def home(request: Request) -> Response:
    """Show the account as the place, and its cards."""
    mine = places.reach(request)
    layout = Layout.read(mine.home)
    panels, said = request.portal.ports.get(Panels).cards(request, layout)
    return page(
        request,
        "accounts/home.html",
        here=places.here(request, mine),
        said=said,
        put_away=bool(layout.hidden),
        main=[panel for panel in panels if panel.column == "main"],
        side=[panel for panel in panels if panel.column == "side"],
        **(shown(request, standings(request)) if FIRST_VISIT in request.slots else {}),
    )


def show_all(request: Request) -> Response:
    """Show all accounts of this person by address, a page at a time, or those that a search finds."""
    form = read_query(request, SearchForm)
    typed, number = (form.data.q, form.data.page) if form.valid else ("", 1)
    number = min(max(number, 1), _MOST_PAGES)
    person, mine, now = request.actor.id or 0, places.reach(request), request.portal.clock.now()
    rows = queries.by_title(request.db, person, now, LIST_ROWS + 1, (number - 1) * LIST_ROWS, typed)
    shown = rows[:LIST_ROWS]
    held = queries.held(request.db, person, now, [row.id for row in shown]) if mine.many else mine.held
    told = places.places(request, shown, held, mine.family)
    return page(
        request,
        "accounts/list.html",
        typed=typed,
        places=told,
        together=places.together(request, told),
        number=number,
        more=len(rows) > LIST_ROWS,
        searchable=bool(typed) or mine.many,
    )


ROUTES = [
    route("/", start, name="start", policy=anyone()),
    route("/home/{account}/", home, name="home", policy=on_account("accounts.view")),
    route("/accounts", show_all, name="list", policy=signed_in()),
    *SETTINGS_ROUTES,
    *HOME_ROUTES,
    *PAST_ROUTES,
    *FIND_ROUTES,
]
