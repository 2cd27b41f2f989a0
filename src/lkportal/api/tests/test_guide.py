"""The programs in docs/deploy do what their pages say, over real HTTP; the call of docs/extend/api.md is one."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from lkportal.api.rest import described
from lkportal.api.tests.conftest import System, furnish
from lkportal.api.webhooks.sending import signed
from lkportal.app import Portal
from lkportal.core.policy import AccountRef
from lkportal.testing import Program, World
from lkportal.testing.sandbox import SandboxDriver

DOCS = Path(__file__).parents[4] / "docs"


def told(page: str) -> dict[str, Any]:
    """Run the programs of a page one after the other; return their names."""
    names: dict[str, Any] = {}
    for program in re.findall(r"```python\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL):
        exec(program, names)
    return names


@pytest.fixture
def portal_overrides() -> dict[str, Any]:
    return {"web": {"hosts": ["127.0.0.1"]}}


@pytest.fixture
def address(portal: Portal) -> Iterator[str]:
    """The portal served on this machine."""
    server = uvicorn.Server(uvicorn.Config(portal, port=0, log_level="error", lifespan="off"))
    socket = server.config.bind_socket()
    socket.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]})
    thread.start()
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    socket.close()


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_the_program_of_the_guide_pushes_a_file(
    address: str, billing: System, account: AccountRef, tmp_path: Path
) -> None:
    names = told("deploy/feed.md")
    rows = tmp_path / "rows.ndjson"
    rows.write_text(json.dumps({"account": "0412778215", "amount": "12.00"}) + "\n", "utf-8")

    run = names["push"](address, billing.secret, "registry", rows, "monday")
    again = names["push"](address, billing.secret, "registry", rows, "monday")

    assert (run["state"], run["accepted"]) == ("done", 1)
    assert again == run


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_the_programs_of_the_api_page_read_bills_and_know_our_messages(
    address: str, program: Callable[..., Program], world: World, account: AccountRef
) -> None:
    names = told("deploy/api.md")
    furnish(world, account)
    home = program(world.customer("anna@example.org", account))
    secret, body = "whsec_" + base64.b64encode(bytes(32)).decode(), b"{}"
    headers = signed(secret, "one", datetime.now(UTC), body)

    found = list(names["bills"](address, home.secret, account.public_id))

    assert [each["period"] for each in found] == ["2026-10-01", "2026-09-01"]
    assert names["is_ours"](secret, headers, body)
    assert not names["is_ours"](secret, headers, b"{ }")


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_the_program_of_the_api_page_begins_a_payment(
    address: str, program: Callable[..., Program], world: World, account: AccountRef, gateway: SandboxDriver
) -> None:
    home = program(world.customer("anna@example.org", account))

    leads = told("deploy/api.md")["begin"](address, home.secret, account.public_id, 50_000, "october")

    assert leads.startswith("http")
    assert account.public_id not in leads


def test_the_call_of_the_page_for_authors_describes_itself() -> None:
    calls = {"shipments": tuple(told("extend/api.md")["CALLS"])}

    described_paths = described.paths(calls, str)

    assert set(described_paths["/api/v1/accounts/{account}/shipments"]) == {"get", "post"}
    assert set(described.schemas(calls)) == {"ShipmentIn", "ShipmentOut"}
