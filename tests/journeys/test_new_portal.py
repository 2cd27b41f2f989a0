"""A company makes a portal of its own by one command; and the example's seed, stopped anywhere, is whole the next time."""

from __future__ import annotations

import json
import shlex
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from lkportal.app import Portal, create_app
from lkportal.cli import main as cli
from lkportal.cli.new import new
from lkportal.cli.theme import theme
from lkportal.testing import Visitor
from lkportal.testing.world import PASSWORD

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def seeding(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The seed of the example of a water company."""
    monkeypatch.syspath_prepend(EXAMPLES)
    return import_module("utility.seed")


@pytest.mark.parametrize("name", ["Aqua", 'ООО "Аква"', "A\\q", "Аква «Юг» & Co"])
def test_a_new_portal_carries_any_name(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "portal"

    made = CliRunner().invoke(new, [str(folder), "--name", name])

    assert made.exit_code == 0, made.output
    assert tomllib.loads((folder / "brand/brand.toml").read_text("utf-8"))["brand"]["name"] == name
    checked = CliRunner().invoke(theme, ["check", str(folder / "brand")])
    assert checked.exit_code == 0, checked.output


PROOFS = {
    "utility": ("0400000001", "readings.serial", "18-100001"),
    "telecom": ("0700000001", "payments.amount", "940,00"),
}
SHOWN = {
    "utility": ('class="slip-main"', "Cold water, ванная", "There will be no cold water"),
    "telecom": ('class="slip-main"', "Services", "There will be no internet"),
}


@pytest.mark.parametrize("preset", PROOFS)
def test_a_preset_runs_by_the_lines_of_its_own_readme(
    preset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "aqua"
    made = CliRunner().invoke(new, [str(folder), "--preset", preset, "--name", "Аква"])
    assert made.exit_code == 0, made.output
    for line in (folder / "secrets.env").read_text("utf-8").splitlines():
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value.strip("'"))
    monkeypatch.chdir(folder)
    readme = (folder / "README.md").read_text("utf-8")
    steps = [shlex.split(line)[1:] for line in readme.splitlines() if line.startswith("lkportal ")]
    assert steps[-1] == ["serve"]
    for step in steps[:-1]:
        ran = CliRunner().invoke(cli, step, input=f"{PASSWORD}\n{PASSWORD}\n")
        assert ran.exit_code == 0, (step, ran.output)
    told = json.loads(CliRunner().invoke(cli, ["doctor", "--json"]).stdout)["checks"]
    assert [each["findings"] for each in told if each["check"] == "files"] == [[]], "what is made here is private"
    rejected = {file.name: file.read_text("utf-8-sig") for file in folder.glob("files/*.rejects.csv")}
    assert rejected == {}

    portal = create_app(folder / "portal.toml", overrides={"jobs": {"in_web": False}})
    portal.start()
    try:
        seen = dashboard(portal, *PROOFS[preset])
    finally:
        portal.stop()
    assert "Аква" in seen
    for shown in SHOWN[preset]:
        assert shown in seen


def dashboard(portal: Portal, number: str, by: str, proof: str) -> str:
    """Sign in as the README's customer, add an account by a proof, and return its dashboard."""
    portal.worker().run_once()
    anna = Visitor(portal)
    assert anna.sign_in("anna@example.org", PASSWORD).status_code == 303
    claim = anna.url("accounts:claim")
    answer = anna.post(claim, {"number": number, "by": by, "proof": proof})
    assert answer.status_code == 303, answer.text
    return anna.get(anna.get("/").headers["location"]).text


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_seed_that_was_stopped_settles_the_past_once(
    portal: Portal, seeding: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(seeding, "settle_in", killed)
        seeding.seed(portal, tmp_path / "first", str, 30)
    assert not seeding.is_seeded(portal)

    seeding.seed(portal, tmp_path / "second", str, 30)

    with portal.database.reading() as connection:
        doubled = connection.execute(
            text(
                "SELECT count(*) FROM (SELECT account_id, amount, paid_at FROM payments_payments "
                "GROUP BY account_id, amount, paid_at HAVING count(*) > 1) AS twice"
            )
        ).scalar_one()
    assert seeding.is_seeded(portal)
    assert doubled == 0
