"""Separation of duties: pairs of acts that one person does not do alone on one thing. Declared as `conflicts` of a module,
demanded by the rule of the second act. Who did the first is told by audit, which fills the port."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.orm import Session

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.ports import port


class SamePerson(PortalError):
    """Somebody wants to do alone what the company lets only two people do: they did the first act themselves."""

    def __init__(self) -> None:
        message = text("core.duties.same", "You did the first step yourself, so another person must do this one.")
        super().__init__("same_person", message, 403)


class Separation(Protocol):
    """Port filled by audit: who did what a second act must not be done alone after."""

    def demand_other(self, db: Session, act: str, target: str) -> None:
        """See `demand_other`."""
        ...


def demand_other(db: Session, act: str, target: str) -> None:
    """Stop with SamePerson when the actor of this unit did an act on `target` (a public id) that `act` conflicts with.

    `act` is the action that audit will record, declared in the `conflicts` of its module. An act that a second person agreed
    to is not done alone and passes.
    """
    port(db, Separation).demand_other(db, act, target)  # type: ignore[type-abstract]
