"""The program in docs/deploy/feed.md does what the page says, over real HTTP."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from lkportal.api.tests.conftest import System
from lkportal.app import Portal
from lkportal.core.policy import AccountRef

GUIDE = Path(__file__).parents[4] / "docs/deploy/feed.md"


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
    program = re.search(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert program is not None
    names: dict[str, Any] = {}
    exec(program[1], names)
    rows = tmp_path / "rows.ndjson"
    rows.write_text(json.dumps({"account": "0412778215", "amount": "12.00"}) + "\n", "utf-8")

    run = names["push"](address, billing.secret, "registry", rows, "monday")
    again = names["push"](address, billing.secret, "registry", rows, "monday")

    assert (run["state"], run["accepted"]) == ("done", 1)
    assert again == run
