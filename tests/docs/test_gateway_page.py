"""docs/extend/gateway.md is a gateway: it keeps the contract against a provider that goes wrong in every way, and takes a payment."""

from __future__ import annotations

import atexit
import json
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, cast

import httpx2
import pytest

from lkportal.app import create_app
from lkportal.modules.payments.desk import Desk
from lkportal.testing import portals
from lkportal.testing.gateways import Callback, GatewayConformance
from lkportal.testing.providers.fake import FakeApi
from lkportal.testing.providers.purse import Purse, Refusal
from tests.docs.pages import written

_FOLDER = Path(mkdtemp())
atexit.register(shutil.rmtree, _FOLDER)
page = written("docs/extend/gateway.md", "my_copper", _FOLDER)
CALLS = {("POST", "payments"): "create", ("POST", "refunds"): "refund", ("GET", "refunds"): "fetch_refund"}


class CopperServer(FakeApi):
    """Copper over HTTP, in memory: the books of the smallest provider. It is its own driver."""

    def __init__(self) -> None:
        super().__init__()
        self.purse = Purse()
        self.secrets = self.purse.secrets

    def __getattr__(self, name: str) -> Any:
        return getattr(self.purse, name)

    def operation(self, request: httpx2.Request) -> str:
        return CALLS.get((request.method, request.url.path.split("/")[1]), "fetch")

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        secret, key = request.headers["Authorization"].removeprefix("Bearer "), request.headers["Idempotency-Key"]
        wish = json.loads(request.content or b"{}")
        _, room, *one = request.url.path.split("/")
        try:
            if "key" in request.url.params:
                items = self.purse.call(secret, "list")["items"]
                return httpx2.Response(
                    200, json={"items": [i for i in items if i["attempt"] == request.url.params["key"]]}
                )
            if request.method == "GET":
                operation = "fetch_refund" if room == "refunds" else "fetch"
                return httpx2.Response(200, json=self.purse.call(secret, operation, **{room[:-1]: one[0]}))
            if room == "payments":
                wish |= {"attempt": key, "hold": False, "save": False}
            return httpx2.Response(200, json=self.purse.call(secret, self.operation(request), key, **wish))
        except Refusal as refusal:
            return httpx2.Response(400, json={"error": str(refusal)})

    def callbacks(self, provider_id: str) -> list[Callback]:
        return [_named(call) for call in self.purse.callbacks(provider_id)]

    def forgeries(self, callback: Callback) -> list[Callback]:
        return [_named(call) for call in self.purse.forgeries(callback)]


def _named(call: Callback) -> Callback:
    return replace(call, headers={name.replace("purse", "copper"): value for name, value in call.headers.items()})


OfThePage = cast(type[GatewayConformance], vars(page)["TestCopperKeepsTheContract"])


class TestCopper(OfThePage):  # type: ignore[valid-type, misc]  # it stands in the page
    @pytest.fixture
    def provider(self) -> CopperServer:
        return CopperServer()


def test_the_company_chooses_it_by_its_name(tmp_path: Path) -> None:
    chosen = {
        "modules": {"enabled": ["payments", "copper"]},
        "payments": {"gateway": "copper"},
        "copper": {"secret_key": "purse-secret-41"},
    }
    overrides = portals.settings(f"sqlite:///{tmp_path / 'portal.db'}", str(tmp_path), chosen)
    portal = create_app(overrides=overrides, modules=[vars(page)["module"]])

    gateway = portal.ports.get(Desk).gateway

    assert gateway is not None
    assert (gateway.name, gateway.title) == ("copper", "Copper")
    assert vars(page)["PAGES"] in portal.origins
    portal.stop()
