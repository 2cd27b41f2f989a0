"""Somebody makes a module of their own by one command: it works as it stands, and its checklist finds what they break later."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lkportal.cli.new_module import new_module

TITLE = 'Gym "gold" memberships'
FAULTS = {
    "no Russian": ("locale/ru/LC_MESSAGES/messages.po", 'msgctxt "gym.form.add"', 'msgctxt "gym.form.ad"', "english_and_in_russian"),
    "rows of others": ("queries.py", '== bindparam("account_id")', "== Entry.account_id", "what_is_others"),
    "a raw button": ("templates/gym/list.html", "{% block content %}", "{% block content %}<button>+</button>", "made_of_the_kit"),
    "undeclared": ("__init__.py", '"gym_entries"', '"gym_none"', "personal_is_undeclared"),
    "no migration": ("models.py", "String(500)", "String(501)", "of_its_migrations"),
    "no such icon": ("hooks.py", '"file-text"', '"file-txt"', "draws_its_pages"),
    "a broken page": ("templates/gym/entry.html", "entry.remark or", "entry.nothing.remark or", "draws_its_pages"),
}  # fmt: skip
IN_SHORT = {"rows of others", "no Russian"}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The folder of a new module."""
    told = CliRunner().invoke(new_module, ["gym", "--title", TITLE, "--russian", "Абонементы", "--into", str(tmp_path)])
    assert told.exit_code == 0, told.output
    return tmp_path / "lkportal-gym"


def proved(folder: Path, *only: str) -> subprocess.CompletedProcess[str]:
    """Run the module's own tests on SQLite, as its author does."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not postgres", *only]
    return subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)


def test_a_new_module_passes_its_own_tests_as_it_stands(made: Path) -> None:
    told = proved(made)
    assert told.returncode == 0, told.stdout
    assert "passed" in told.stdout
    assert "things" not in "".join(
        path.read_text("utf-8") for path in made.rglob("*") if path.suffix in {".py", ".html"}
    )
    assert not list(made.rglob("*things*"))


@pytest.mark.parametrize(
    "fault", [pytest.param(name, marks=() if name in IN_SHORT else pytest.mark.proof) for name in FAULTS]
)
def test_its_checklist_finds_what_is_broken_later(made: Path, fault: str) -> None:
    file, before, after, test = FAULTS[fault]
    path = made / "lkportal_gym" / file
    source = path.read_text("utf-8")
    assert before in source
    path.write_text(source.replace(before, after, 1), "utf-8")
    told = proved(made, "-k", test)
    assert told.returncode == 1, told.stdout


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Gym", "small Latin letters"),
        ("1st", "a letter first"),
        ("payments", "There is a module 'payments' already"),
        ("core", "There is a module 'core' already"),
    ],
)
def test_a_name_that_does_not_do_is_told(name: str, why: str, tmp_path: Path) -> None:
    told = CliRunner().invoke(new_module, [name, "--into", str(tmp_path)])
    assert told.exit_code == 1
    assert why in told.output
    assert not list(tmp_path.iterdir())


def test_what_stands_there_is_not_written_over(made: Path) -> None:
    told = CliRunner().invoke(new_module, ["gym", "--into", str(made.parent)])
    assert told.exit_code == 1
    assert "is not empty" in told.output
