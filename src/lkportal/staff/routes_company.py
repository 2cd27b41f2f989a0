"""Pages of the desk about the company itself: who has which role, what roles may do, which modules are on."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from starlette.responses import Response

from lkportal.accounts.contract import CUSTOMER_ROLES, STAFF_ROLES
from lkportal.core.errors import NotFound, StartupError
from lkportal.core.i18n import text
from lkportal.core.policy import Permission, staff
from lkportal.staff import queries
from lkportal.staff.desk import Desk
from lkportal.staff.forms import SwitchForm
from lkportal.staff.frame import desk_page
from lkportal.staff.switchboard import switches
from lkportal.web import Request, read_form, redirect, route
from lkportal.web.request import unit_context


def roles(request: Request) -> Response:
    """Show the company's people with their roles, and what each role of theirs and of customers may do."""
    declared = request.portal.ports.get(Desk).registry.permissions.values()  # type: ignore[type-abstract]
    return desk_page(
        request,
        "staff/roles.html",
        people=_people(queries.company(request.db)),
        staff_roles=STAFF_ROLES,
        staff_rights=_matrix(declared, STAFF_ROLES, "staff"),
        customer_roles=CUSTOMER_ROLES,
        customer_rights=_matrix(declared, CUSTOMER_ROLES, "roles"),
    )


def modules(request: Request) -> Response:
    """Show the switchboard."""
    desk = request.portal.ports.get(Desk)  # type: ignore[type-abstract]
    return desk_page(request, "staff/modules.html", switches=switches(desk, request.locale.render))


def switch(request: Request) -> Response:
    """Switch a module on or off for every process. What the rest of the portal forbids is told and changes nothing."""
    desk = request.portal.ports.get(Desk)  # type: ignore[type-abstract]
    form = read_form(request, SwitchForm)
    known = {each.name: each for each in switches(desk, request.locale.render)}
    if not form.valid or form.data.module not in known:
        raise NotFound
    module, on = known[form.data.module], form.data.state == "on"
    if module.on == on:
        return redirect(request, "staff:modules")
    if module.refusal is not None:
        return redirect(request, "staff:modules", module.refusal, "bad")
    circumstances = unit_context(request)
    request.release()
    try:
        desk.switch_module(module.name, on=on, circumstances=circumstances)
    except StartupError as error:
        refused = text("staff.modules.refused", "Nothing was changed. %(reason)s", reason=error.message)
        return redirect(request, "staff:modules", refused, "bad")
    done = (
        text("staff.modules.now_on", "%(module)s: on for everybody", module=module.title)
        if on
        else text("staff.modules.now_off", "%(module)s: off for everybody. Its data stays.", module=module.title)
    )
    return redirect(request, "staff:modules", done)


def _people(rows: queries.Rows) -> list[tuple[Any, list[str]]]:
    """Return each person once with their roles."""
    grouped = (list(group) for _, group in groupby(rows, key=lambda row: row.public_id))
    return [(group[0], [row.role for row in group if row.role]) for group in grouped]


def _matrix(
    declared: Iterable[Permission], roles: tuple[str, ...], of: str
) -> list[tuple[Permission, tuple[bool, ...]]]:
    """Return the rights that any of `roles` has, each with a yes or no for every role."""
    rights = ((permission, getattr(permission, of)) for permission in declared)
    return [(permission, tuple(role in having for role in roles)) for permission, having in rights if having]


COMPANY_PAGES = [
    route("/roles", roles, name="roles", policy=staff("staff.roles")),
    route("/modules", modules, name="modules", policy=staff("staff.modules")),
    route("/modules", switch, name="switch", policy=staff("staff.modules", step_up=True), methods=("POST",)),
]
