"""What accounts bring to the portal, a line or two each."""

from __future__ import annotations

from lkportal.accounts.contract import Accounts
from lkportal.accounts.directory import Directory
from lkportal.accounts.guard import MemberGuard
from lkportal.accounts.history import Actions
from lkportal.accounts.imports import KIND, Feed
from lkportal.accounts.panels import Panels
from lkportal.accounts.routes import ROUTES
from lkportal.core.contributions import MenuItem, PortBinding, RouteSpec
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind
from lkportal.web.guard import Guard


@hookimpl
def routes() -> list[RouteSpec]:
    return ROUTES


@hookimpl
def menu() -> list[MenuItem]:
    return [MenuItem("accounts:home", text("accounts.menu", "Home"), "house", 10, "accounts.view")]


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(Guard, MemberGuard),
        PortBinding(Accounts, lambda portal: Directory(portal.registry)),
        PortBinding(Directory, lambda portal: Directory(portal.registry)),
        PortBinding(Panels, lambda portal: Panels(portal.registry, portal.settings_of("accounts"))),
        PortBinding(Actions, lambda portal: Actions(portal.registry.actions)),
        PortBinding(Feed, Feed.of),
    ]


@hookimpl
def import_kinds() -> list[ImportKind]:
    return [KIND]
