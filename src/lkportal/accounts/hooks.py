"""What accounts brings: the answer to who is asking."""

from __future__ import annotations

from lkportal.accounts.guard import MemberGuard
from lkportal.core.contributions import PortBinding
from lkportal.core.hookspecs import hookimpl
from lkportal.web.guard import Guard


@hookimpl
def ports() -> list[PortBinding]:
    return [PortBinding(Guard, MemberGuard)]
