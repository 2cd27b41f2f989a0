"""What modules need to declare and to ask who may do what. A public name: third parties import policies from here.
Who is asking is found out by accounts.guard; the wrapper of every route judges its policy before the endpoint runs."""

from __future__ import annotations

from lkportal.auth.door.ways import Ways
from lkportal.core.errors import Forbidden, NotFound
from lkportal.core.policy import Policy, StepUp, anyone, known_person, on_account, signed_in, staff
from lkportal.web.request import Request
from lkportal.web.trust.guard import SIGN_IN, STEP_UP, STEP_UP_LASTS, Grant, Guard, judge, proof_wanted

__all__ = [
    "SIGN_IN",
    "STEP_UP",
    "STEP_UP_LASTS",
    "Grant",
    "Guard",
    "Policy",
    "anyone",
    "demand",
    "demand_way",
    "judge",
    "known_person",
    "may",
    "on_account",
    "proof_wanted",
    "proved_lately",
    "signed_in",
    "staff",
]


def may(request: Request, action: str) -> bool:
    """Whether the actor has a right: staff and systems by their permissions, customers by their rights on the account of the page."""
    if request.actor.kind in ("staff", "system"):
        return action in request.actor.permissions
    return request.account is not None and action in request.account.rights


def demand(request: Request, action: str) -> None:
    """Stop with Forbidden unless the actor has the right: for an endpoint whose answer depends on what was typed."""
    if not may(request, action):
        raise Forbidden


def demand_way(request: Request, name: str) -> None:
    """Stop with NotFound unless this way to sign in is open: what is switched off leaves no trace."""
    if not request.portal.ports.get(Ways).has(name):
        raise NotFound


def proved_lately(request: Request, purpose: StepUp = "always") -> bool:
    """Whether the person proved who they are within STEP_UP_LASTS, as a policy with this `step_up` asks."""
    return not proof_wanted(request.actor, purpose, request.portal.clock.now())
