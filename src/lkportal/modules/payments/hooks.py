"""What payments bring to the portal, a line or two each."""

from __future__ import annotations

from lkportal.core.contributions import (
    GatewayBinding,
    JobSpec,
    PortBinding,
    Schedule,
)
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text
from lkportal.modules.payments import handlers
from lkportal.modules.payments.desk import Desk, make_desk, make_yookassa


@hookimpl
def jobs() -> list[JobSpec]:
    """Asking providers."""
    return [*handlers.JOBS]


@hookimpl
def schedules() -> list[Schedule]:
    """Every minute what is unfinished, every night the whole."""
    return [*handlers.SCHEDULES]


@hookimpl
def ports() -> list[PortBinding]:
    """The pay desk."""
    return [PortBinding(Desk, make_desk)]


@hookimpl
def payment_gateways() -> list[GatewayBinding]:
    """The built-in gateway."""
    return [GatewayBinding("yookassa", text("payments.gateway.yookassa", "YooKassa"), make_yookassa)]
