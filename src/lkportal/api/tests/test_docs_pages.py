"""The pages for those who write programs: every call stands there, in the reader's language, and nothing is told of what is off."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from lkportal.api.tests.furnishing import EVERYTHING
from lkportal.app import Portal
from lkportal.testing import Visitor

pytestmark = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
Visit = Callable[..., Visitor]


@pytest.mark.parametrize("portal_overrides", [{"modules": {"enabled": EVERYTHING}}])
def test_whoever_writes_programs_finds_every_call(portal: Portal, visit: Visit) -> None:
    reader = visit(language="en")
    home = reader.get("/access/docs").text

    for module, calls in portal.registry.api_routes.items():
        part = unescape(reader.get(f"/access/docs/{module}").text)
        assert f"/access/docs/{module}#{module}_{calls[0].name}" in home
        assert str(calls[0].output.__doc__).split(".")[0] in part
        for call in calls:
            assert f'id="{module}_{call.name}"' in part
            assert f"{call.method} /api/v1{call.path}" in part
    feed = reader.get("/access/docs/feed").text
    assert all(f"/api/v1/feed/{kind}" in feed for kind in portal.registry.import_kinds)
    payments = reader.get("/access/docs/payments").text
    assert "lines[].amount" in payments
    assert "money" in payments
    assert "148260" in payments
    assert reader.get("/access/docs/nothing").status_code == 404


def test_the_pages_speak_russian(visit: Visit) -> None:
    shown = visit(language="ru").get("/access/docs").text

    assert "Открытый API" in shown
    assert "Счета, сначала новые" in shown


def test_a_customer_is_led_there(customer: Visitor) -> None:
    assert 'href="/access/docs"' in customer.get("/access").text


@pytest.mark.parametrize("portal_overrides", [{"api": {"open": False, "feed": False}}])
def test_a_portal_without_an_api_tells_of_none(visit: Visit, portal_overrides: dict[str, Any]) -> None:
    assert visit().get("/access/docs").status_code == 404


@pytest.mark.parametrize("portal_overrides", [{"api": {"open": False}}])
def test_a_portal_with_the_feed_alone_tells_of_it(visit: Visit, portal_overrides: dict[str, Any]) -> None:
    shown = visit(language="en").get("/access/docs").text

    assert "/access/docs/feed" in shown
    assert "/access/docs/accounts" not in shown
