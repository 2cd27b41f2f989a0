"""Pages of the desk about the portal itself: which modules are on. People and roles are in people."""

from __future__ import annotations

from starlette.responses import Response

from lkportal.core.errors import NotFound, StartupError
from lkportal.core.i18n import text
from lkportal.core.policy import staff
from lkportal.staff.desk import Desk
from lkportal.staff.forms import SwitchForm
from lkportal.staff.frame import desk_page
from lkportal.staff.switchboard import switches
from lkportal.web import Request, read_form, redirect, route
from lkportal.web.request import unit_context


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


COMPANY_PAGES = [
    route("/modules", modules, name="modules", policy=staff("staff.modules")),
    route("/modules", switch, name="switch", policy=staff("staff.modules", step_up=True), methods=("POST",)),
]
