"""What audit brings to the portal."""

from __future__ import annotations

from lkportal.accounts.contract import AccountHistory
from lkportal.audit import past
from lkportal.audit.duties import Duties
from lkportal.audit.jobs import EVERY_MINUTE, SEAL
from lkportal.audit.service import RefusalLog, Trail
from lkportal.audit.staff import PAGES
from lkportal.core.asked.refusals import Refusals
from lkportal.core.contributions import JobSpec, MenuItem, PortBinding, RouteSpec, Schedule
from lkportal.core.duties import Separation
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.policy import AuditLog


@hookimpl
def ports() -> list[PortBinding]:
    return [
        PortBinding(AuditLog, lambda _portal: Trail()),
        PortBinding(Refusals, lambda portal: RefusalLog(portal.database)),
        PortBinding(Separation, lambda portal: Duties(each for m in portal.registry.installed for each in m.conflicts)),
        PortBinding(AccountHistory, lambda _portal: past),
    ]


@hookimpl
def jobs() -> list[JobSpec]:
    return [SEAL]


@hookimpl
def schedules() -> list[Schedule]:
    return [EVERY_MINUTE]


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return PAGES


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [MenuItem("audit:trail", text("audit.menu", "Audit"), "history", 90, "audit.view", group="settings")]
