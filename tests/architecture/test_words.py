"""Tracked files speak of the project alone."""

from __future__ import annotations

import subprocess

import pytest

from tests.architecture.conftest import Plant
from tools import words
from tools.tree import ROOT


def test_no_tracked_file_holds_a_forbidden_word() -> None:
    assert words.problems(ROOT) == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("cache = '/root/.cache'", "a path of one machine"),
        ("open('/home/anna/bills.csv')", "a path of one machine"),
        ("--index-url https://pypi.org/simple", "the host of a package registry"),
        ("# TODO later", "a note for later"),
    ],
)
def test_a_forbidden_word_is_named(plant: Plant, line: str, what: str) -> None:
    found = words.problems(plant({"docs/a.md": f"fine\n{line}\n"}))

    assert len(found) == 1
    assert found[0].startswith(f"docs/a.md:2: {what}: ")


def test_addresses_of_the_web_are_not_paths(plant: Plant) -> None:
    fine = "https://lk.example.org/home/page\n./work/x\nGET /readings/work/1\nmastodon\n"

    assert words.problems(plant({"docs/a.md": fine})) == []


def test_in_a_checkout_only_tracked_files_count(plant: Plant) -> None:
    root = plant({"docs/a.md": "# TODO", "docs/b.md": "fine"})
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "docs/b.md"], cwd=root, check=True)

    assert words.problems(root) == []
    subprocess.run(["git", "add", "docs/a.md"], cwd=root, check=True)
    assert len(words.problems(root)) == 1
