"""The way from a thing to a question about it, for templates of other modules: `ask_about(request, "payments.bill", public_id)`."""

from __future__ import annotations

from lkportal.modules.tickets.office import Office
from lkportal.web import Request


def ask_about(request: Request, name: str, public_id: str) -> str:
    """Return the address where the reader asks about a thing of their account, "" where they may not."""
    if request.account is None or "tickets.write" not in request.account.rights:
        return ""
    subject = next((each for each in request.portal.ports.get(Office).subjects if each.name == name), None)
    if subject is None:
        return ""
    about = f"{name}/{public_id}"
    if subject.suggest and any(each.name == subject.suggest for each in request.portal.ports.get(Office).types):
        return request.url("tickets:form", type=subject.suggest, about=about)
    return request.url("tickets:choose", about=about)
