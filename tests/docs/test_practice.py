"""A company practises with its own portal before it has a contract: `lkportal practice` of docs/tutorial/first-portal.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner

from lkportal.app import Portal
from lkportal.cli import main
from lkportal.modules.payments.desk import Desk
from lkportal.testing import Visitor
from tools import snippets
from tools.tree import ROOT


@pytest.fixture
def aqua(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new portal in the folder one stands in, with its keys in the environment."""
    folder = tmp_path / "aqua"
    assert CliRunner().invoke(main, ["new", str(folder)]).exit_code == 0
    for line in (folder / "secrets.env").read_text("utf-8").splitlines():
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value.strip("'"))
    monkeypatch.chdir(folder)
    return folder


def test_payments_and_letters_stay_on_this_machine(aqua: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def serve(portal: Portal, host: str, port: int) -> None:
        portal.start()
        gateway = portal.ports.get(Desk).gateway
        assert gateway is not None
        seen["where payers go"] = httpx2.get(gateway.origins[0], trust_env=False).status_code
        seen["mailbox"] = Visitor(portal).get("/mailbox").status_code
        seen["address"] = portal.settings.portal.public_url == f"http://{host}:{port}"
        portal.stop()

    monkeypatch.setattr("lkportal.cli.practice.run_server", serve)
    monkeypatch.setenv("LKPORTAL_JOBS__IN_WEB", "false")
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0

    ran = CliRunner().invoke(main, ["practice", "--port", "0"], catch_exceptions=False)

    assert ran.exit_code == 0, ran.output
    assert "/mailbox" in ran.output
    assert seen == {"where payers go": 404, "mailbox": 200, "address": True}


def test_a_public_portal_is_not_practised_on(aqua: Path) -> None:
    written = (aqua / "portal.toml").read_text("utf-8")
    (aqua / "portal.toml").write_text(written.replace("http://127.0.0.1:8000", "https://lk.example.org"), "utf-8")

    ran = CliRunner().invoke(main, ["practice"])

    assert ran.exit_code == 1
    assert "practise on a copy" in ran.output


def test_the_tutorial_types_what_the_preset_is_tested_with() -> None:
    """The lines of the README of the preset are run as they stand by tests/journeys/test_new_portal.py."""
    readme = (ROOT / "src/lkportal/cli/scaffold/utility/README.md").read_text("utf-8").splitlines()
    tutorial = "\n".join(block.text for block in snippets.blocks(ROOT / "docs/tutorial/first-portal.md")).splitlines()
    steps = [
        line for line in readme if line.startswith(("lkportal ", "set -a")) and not line.startswith("lkportal serve")
    ]

    assert len(steps) == 9
    assert [line for line in tutorial if line in steps] == steps
