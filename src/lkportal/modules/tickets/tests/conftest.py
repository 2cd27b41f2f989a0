"""A house of two people and an operator: who asks, who answers, who may not look."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from lkportal.core.policy import AccountRef, Actor
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import World

Visit = Callable[..., Visitor]


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["tickets"]}}


@dataclass
class House:
    """Anna owns a flat, Boris another; Olga answers for the company."""

    home: AccountRef
    anna: Visitor
    boris: Visitor
    olga: Visitor


@pytest.fixture
def house(world: World, visit: Visit) -> House:
    home, other = world.account("1001"), world.account("1002")
    return House(
        home,
        visit(world.customer("anna@example.org", home), home),
        visit(world.customer("boris@example.org", other), other),
        visit(world.staff("olga@example.org", "operator")),
    )


def token_of(page: str, action: str) -> str:
    """Return the token of the form that leads to `action`."""
    form = page[page.index(f'action="{action}"') :]
    found = re.search(r'name="token" value="(\w{16})"', form)
    assert found is not None
    return found[1]


def asked(visitor: Visitor, kind: str = "tickets.other", **typed: str) -> str:
    """Send a request; return the address of its page."""
    shown = visitor.url("tickets:form", type=kind)
    token = token_of(visitor.get(shown).text, shown)
    answer = visitor.post(shown, {"body": "Why is the water brown?", "token": token, **typed}, page=shown)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def say(visitor: Visitor, page: str, body: str, **typed: str) -> Any:
    """Write in a request from its page, a customer or somebody of the company; return the answer."""
    action = f"{page}answer" if "/staff/" in page else f"{page}say"
    token = token_of(visitor.get(page).text, action)
    return visitor.post(action, {"body": body, "token": token, **typed}, page=page)


def at_desk(page: str) -> str:
    """Return the page of the desk of a request by its customer's page."""
    return f"/staff/tickets/{page.rstrip('/').rpartition('/')[2]}/"


__all__ = ["AccountRef", "Actor", "House", "Visit", "asked", "at_desk", "say", "token_of"]
