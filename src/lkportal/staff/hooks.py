"""What the desk brings to the portal."""

from __future__ import annotations

from lkportal.core.contributions import MenuItem, PortBinding, RouteSpec
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.staff.desk import Desk
from lkportal.staff.routes import PAGES


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return PAGES


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [
        MenuItem("staff:home", text("staff.menu.customers", "Customers"), "users", 10, "accounts.find"),
        MenuItem("staff:roles", text("staff.menu.roles", "Roles"), "shield-check", 80, "staff.roles"),
        MenuItem("staff:modules", text("staff.menu.modules", "Modules"), "settings", 95, "staff.modules"),
    ]


@hookimpl
def ports() -> list[PortBinding]:
    return [PortBinding(Desk, lambda portal: portal)]
