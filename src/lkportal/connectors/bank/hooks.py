"""What bank statements bring to the portal."""

from __future__ import annotations

from lkportal.connectors.bank import queries
from lkportal.connectors.bank.import_operations import OPERATIONS
from lkportal.connectors.bank.jobs import JOBS, SCHEDULES
from lkportal.connectors.bank.settings import BankSettings
from lkportal.connectors.bank.staff import PAGES
from lkportal.core.connecting.exchange import Connector
from lkportal.core.contributions import JobSpec, MenuItem, PortBinding, Queue, RouteSpec, Schedule
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.core.imports import ImportKind


@hookimpl
def connectors() -> list[Connector]:
    title = text("bank.title", "Bank statements")
    return [Connector("bank", title, page="bank:operations", waiting=queries.OPEN_COUNT, heard=queries.LAST)]


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return PAGES


@hookimpl
def staff_menu() -> list[MenuItem]:
    return [MenuItem("bank:operations", text("bank.menu", "Bank"), "wallet", 33, "bank.view", group="money")]


@hookimpl
def import_kinds() -> list[ImportKind]:
    return [OPERATIONS]


@hookimpl
def jobs() -> list[JobSpec]:
    return JOBS


@hookimpl
def schedules() -> list[Schedule]:
    return SCHEDULES


@hookimpl
def ports() -> list[PortBinding]:
    return [PortBinding(BankSettings, lambda portal: portal.settings_of("bank"))]


@hookimpl
def queues() -> list[Queue]:
    title = text("bank.queue", "Bank transfers nobody knows whose")
    return [Queue("bank.unmatched", title, "bank:operations", queries.OPEN_COUNT, "bank.post", late_hours=48, order=35)]
