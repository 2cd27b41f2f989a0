"""Pages of the desk about customers: the one field that finds them, the card with everything of one account.
What modules are open to whom is in switches."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lkportal.accounts.contract import AccountHistory, AccountRef, Accounts
from lkportal.accounts.home.panels import Panels
from lkportal.accounts.past import telling as history
from lkportal.accounts.queries import people as people_named
from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import AuditLog, staff
from lkportal.core.ports import port
from lkportal.staff import queries
from lkportal.staff.contacts import shown
from lkportal.staff.desk import ago
from lkportal.staff.frame import desk_page
from lkportal.staff.freshness import health
from lkportal.staff.queues import waiting
from lkportal.staff.routes_sessions import SESSION_PAGES
from lkportal.staff.wanted import Wanted, understand
from lkportal.web import Request, redirect, route, unit_of_work

PAGE_ROWS = 25
_MOST_PEOPLE = 50
_MOST_LONELY = 5
_HISTORY = 12
_LAST_PAGE = 400


def home(request: Request) -> Response:
    """Show what the field found; a customer named outright, by number or login, is opened at once."""
    wanted = understand(request.query_params.get("q", ""))
    if not wanted:
        may_look = "staff.health" in request.actor.permissions
        doing = health(request.db, request.portal.clock) if may_look else []
        return desk_page(request, "staff/home.html", health=doing, queues=waiting(request))
    number = min(request.page_number, _LAST_PAGE)
    rows, exact = _found(request, wanted, number)
    if exact and len(rows) == 1 and number == 1:
        return redirect(request, "staff:customer", customer=rows[0].public_id)
    contacts, now = _contacts(request), request.portal.clock.now()
    lonely = queries.without_account(request.db, wanted, now, _MOST_LONELY, contacts=contacts) if number == 1 else ()
    return desk_page(
        request,
        "staff/found.html",
        find_value=wanted.typed,
        rows=rows[:PAGE_ROWS],
        lonely=[(person.name, shown(person.login, whole=contacts), person.created_at) for person in lonely],
        number=number,
        more=len(rows) > PAGE_ROWS and number < _LAST_PAGE,
    )


def customer(request: Request) -> Response:
    """Show everything of one account: itself, its people, what modules bring, what was done. Leaves a row in the audit."""
    ports = request.portal.ports
    account = ports.get(Accounts).by_public_id(request.db, request.path_params["customer"])  # type: ignore[type-abstract]
    if account is None:
        raise NotFound("no_such_customer", _NO_CUSTOMER)
    with unit_of_work(request, on_read=True) as db:
        port(db, AuditLog).record(db, "staff.customer", account=account, outcome="viewed")  # type: ignore[type-abstract]
    return desk_page(
        request,
        "staff/customer.html",
        customer=account,
        card=queries.card(request.db, account.id),
        people=_people(request, account),
        sections=ports.get(Panels).sections("staff:customer", request, account, request.actor.permissions),
        lines=_lines(request, account),
        when=partial(_when, request, ZoneInfo(account.time_zone)),
    )


def _found(request: Request, wanted: Wanted, number: int) -> tuple[queries.Rows, bool]:
    """Return a page of accounts and whether they are named outright: by number or login, by the beginning, by words."""
    limit, offset, now = PAGE_ROWS + 1, (number - 1) * PAGE_ROWS, request.portal.clock.now()
    rows = queries.exactly(request.db, wanted, now, limit, offset)
    if rows:
        return rows, True
    if wanted.number:
        rows = queries.beginning(request.db, wanted, limit, offset)
    return rows or queries.alike(request.db, wanted, now, limit, offset, contacts=_contacts(request)), False


def _people(request: Request, account: AccountRef) -> list[dict[str, Any]]:
    rows = queries.people(request.db, account.id, request.portal.clock.now(), _MOST_PEOPLE)
    whole, now = _contacts(request), request.portal.clock.now()
    return [
        {
            "row": row,
            "contact": shown(row.email or row.login, whole=whole),
            "seen": ago(row.seen_at, now) if row.seen_at else None,
        }
        for row in rows
    ]


def _lines(request: Request, account: AccountRef) -> list[history.Line]:
    """Return what was done on an account, in words; empty where nobody keeps a history."""
    kept = request.portal.ports.find(AccountHistory)  # type: ignore[type-abstract]
    if kept is None:
        return []
    rows = kept.recent(request.db, account.public_id, _HISTORY)
    actions = request.portal.ports.get(history.Actions)
    return history.lines(rows, actions, people_named(request.db, history.named(rows)), request.actor)


def _when(request: Request, zone: ZoneInfo, at: datetime) -> str:
    """Return a moment as a narrow column shows it: the time of today, the day of this year, else the whole date."""
    now, then = request.portal.clock.now().astimezone(zone), at.astimezone(zone)
    if now.date() == then.date():
        return request.locale.time(then, zone)
    return request.locale.day_month(then) if now.year == then.year else request.locale.date(then)


def _contacts(request: Request) -> bool:
    return "accounts.contacts" in request.actor.permissions


_NO_CUSTOMER = text("staff.customer.gone", "There is no such customer. Find them by number, address or name.")

PAGES = [
    route("/", home, name="home", policy=staff("accounts.find")),
    route("/accounts/{customer}", customer, name="customer", policy=staff("accounts.find")),
    *SESSION_PAGES,
]
