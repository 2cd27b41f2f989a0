"""What news bring to the portal, a line or two each."""

from __future__ import annotations

from lkportal.accounts.contract import AccountsImported
from lkportal.core.contributions import Card, JobSpec, Listener, MenuItem, Notice, PortBinding, RouteSpec, Section
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind
from lkportal.core.rest import ApiRoute
from lkportal.modules.news import queries
from lkportal.modules.news.api import CALLS
from lkportal.modules.news.cards import here_card, pressing
from lkportal.modules.news.desk.routes import STAFF_PAGES
from lkportal.modules.news.handlers import JOBS, accounts_came
from lkportal.modules.news.imports import OUTAGES
from lkportal.modules.news.notices import NOTICES
from lkportal.modules.news.office import Office
from lkportal.modules.news.outside import Outside
from lkportal.modules.news.routes import ROUTES
from lkportal.web.outside import GoingOn


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return STAFF_PAGES


@hookimpl
def menu() -> list[MenuItem]:
    return [MenuItem("news:list", text("news.menu", "News"), "megaphone", 80, "news.view")]


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [MenuItem("news:desk", text("news.desk.menu", "News"), "megaphone", 45, "news.staff_view", group="texts")]


@hookimpl
def cards() -> list[Card]:
    here = Card(
        "news.here",
        "news/card_here.html",
        {"here": queries.HERE},
        here_card,
        order=1,
        action="news.view",
        urgent=pressing,
    )
    return [here]


@hookimpl
def sections() -> list[Section]:
    return [
        Section(
            "staff:customer",
            "news.customer",
            "news/desk/section_customer.html",
            {"here": queries.HERE},
            here_card,
            order=5,
            action="news.staff_view",
        )
    ]


@hookimpl
def ports() -> list[PortBinding]:
    return [PortBinding(Office, Office), PortBinding(GoingOn, Outside)]


@hookimpl
def import_kinds() -> list[ImportKind]:
    return [OUTAGES]


@hookimpl
def jobs() -> list[JobSpec]:
    return list(JOBS)


@hookimpl
def listeners() -> list[Listener]:
    return [
        Listener(
            AccountsImported.name,
            "news.accounts",
            accounts_came,
            text("news.follows.accounts", "Looks again whom outages concern"),
        )
    ]


@hookimpl
def notices() -> list[Notice]:
    return list(NOTICES)


@hookimpl
def api_routes() -> list[ApiRoute]:
    return CALLS
