"""A company makes a portal of its own by one command; and the example's seed, stopped anywhere, is whole the next time."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from lkportal.app import Portal
from lkportal.cli.new import new
from lkportal.cli.theme import theme

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
