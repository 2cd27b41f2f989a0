"""Acts that wait for a second person: what a form would do is told first, and nothing is done until somebody else agrees.
Who keeps what waits, and the pages of it, stand in staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from starlette.responses import Response

from lkportal.core.errors import Forbidden
from lkportal.core.i18n import Text

if TYPE_CHECKING:
    from lkportal.web.request import Request


REASON = "approval_reason"
"""The field of a held form that says why; the form's own model never sees it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what an act would do: what is changed, how it is now, how it would be."""

    what: Text | str
    before: Text | str = ""
    after: Text | str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a form would do, for the person who shall agree to it. `alone`: it is so small, by its module's settings, that one
    person may do it, unless the company lets every act of this right wait."""

    title: Text | str
    changes: Sequence[Change] = ()
    alone: bool = False


class SecondPerson(Protocol):
    """Port filled by staff: keeps what waits for a second person."""

    def wants(self, action: str) -> bool:
        """Whether the company lets acts of this right wait, besides routes that always do."""
        ...

    def hold(self, request: Request, proposal: Proposal, reason: str | None) -> Response:
        """Ask for a reason (None: not asked yet), then keep the form until somebody else agrees; return the page that says so."""
        ...


def held(request: Request) -> Response | None:
    """Return the answer to a form that has to wait for a second person, or to one that does not fit; None: it may be done now."""
    explain, policy = request.route.spec.explain, request.route.policy
    if explain is None:
        return None
    second = request.portal.ports.find(SecondPerson)  # type: ignore[type-abstract]
    is_wanted = second is not None and second.wants(policy.action)
    if not policy.four_eyes and not is_wanted:
        return None
    if second is None:
        raise Forbidden
    reason = request.form_data.pop(REASON, None)
    told = explain(request)
    if isinstance(told, Proposal) and told.alone and not is_wanted:
        return None
    return told if isinstance(told, Response) else second.hold(request, told, reason)
