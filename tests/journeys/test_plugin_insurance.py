"""The plugin of the examples beside the whole portal: a demo is filled with its policies, and nothing of it stays when it is off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from lkportal_insurance import module as insurance

from lkportal.app import Portal
from lkportal.cli.examples import seed_modules
from lkportal.core.module import Module
from lkportal.core.policy import AccountRef
from lkportal.testing import Visitor

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


@pytest.fixture
def portal_modules() -> tuple[Module, ...]:
    return (insurance,)


@pytest.fixture
def portal_overrides() -> Mapping[str, Any]:
    return {"modules": {"enabled": ["payments", "insurance"]}}


def test_a_demo_is_filled_with_its_examples_and_they_are_gone_with_it(
    portal: Portal, customer: Visitor, account: AccountRef, work_off: Callable[[], int]
) -> None:
    seed_modules(portal, ["anna@example.org"])
    work_off()
    home = customer.get(customer.url("accounts:home")).text
    assert "Pay 6\u00a0400,00\u00a0₽ by 3\u00a0December" in home.replace("&nbsp;", "\u00a0")
    assert customer.get(customer.url("insurance:list")).text.count("Past policies") == 2

    portal.switch_module("insurance", on=False)
    home = customer.get(customer.url("accounts:home")).text
    assert "insurance" not in home
    assert "6\u00a0400" in home, "what was asked for is still owed"
