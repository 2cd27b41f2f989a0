"""A CRM beside the portal, a customer who asks and an operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import pytest

from lkportal.app import Portal
from lkportal.core.policy import AccountRef
from lkportal.testing.systems.bitrix24 import FakeBitrix24
from lkportal.testing.systems.fake import alive
from lkportal.testing.visitors import Visitor

TOKEN = "token of the outgoing webhook"


@pytest.fixture
def system() -> Iterator[FakeBitrix24]:
    with alive(FakeBitrix24()) as made:
        yield cast(FakeBitrix24, made)


@pytest.fixture
def portal_overrides(system: FakeBitrix24) -> Mapping[str, Any]:
    own = {"webhook": system.webhook, "timeout": 0.5, "hook_token": TOKEN}
    return {"modules": {"enabled": ["tickets", "bitrix24"]}, "bitrix24": own}


@pytest.fixture
def ask(customer: Visitor, portal: Portal) -> Callable[..., str]:
    """Send a request; return its page."""

    def one(words: str = "Why is the water brown?") -> str:
        shown = customer.url("tickets:form", type="tickets.other")
        sent = customer.post(shown, {"body": words, "token": token_of(customer.get(shown).text)}, page=shown)
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    return one


def token_of(page: str) -> str:
    """Return the token of the page's form."""
    return page.partition('name="token" value="')[2][:16]


__all__ = ["AccountRef"]
