"""What is installed is pinned by hash, says nothing of where it comes from, and fits what pyproject.toml promises."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.tree import ROOT

FILES = ("run", "dev", "build", "bench", "pins")
_PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^ ;\\]+)")


def pins(path: Path) -> dict[str, str]:
    """Return {package: version} of a requirement file; raise on a line that is not pinned by hash."""
    found: dict[str, str] = {}
    unhashed = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("--hash=sha256:"):
            unhashed = ""
        elif line and not line.startswith("#"):
            pin = _PIN.match(line)
            if unhashed or pin is None:
                raise ValueError(f"{path.name}: {unhashed or line} is not pinned by hash")
            found[pin["name"]] = pin["version"]
            unhashed = line
    return found


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_a_version_and_its_hashes(name: str) -> None:
    assert pins(ROOT / "requirements" / f"{name}.txt")


def test_a_line_without_hash_or_with_a_source_is_refused(tmp_path: Path) -> None:
    for text in ("a==1\nb==2\n    --hash=sha256:00\n", "--index-url https://example.org\n", "a>=1\n"):
        (tmp_path / "x.txt").write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match="is not pinned by hash"):
            pins(tmp_path / "x.txt")


def test_development_and_benchmarks_run_what_is_shipped() -> None:
    run = pins(ROOT / "requirements/run.txt").items()

    assert run <= pins(ROOT / "requirements/dev.txt").items()
    assert run <= pins(ROOT / "requirements/bench.txt").items()


def test_the_pins_fit_what_the_project_asks_for() -> None:
    run = pins(ROOT / "requirements/run.txt")
    declared = project()["project"]
    wanted = [*declared["dependencies"], *chain.from_iterable(declared["optional-dependencies"].values())]

    for text in wanted:
        requirement = Requirement(text)
        version = run.get(canonicalize_name(requirement.name))
        assert version is not None, f"{text} is not pinned: run `make pins`"
        assert requirement.specifier.contains(version), f"{text} is pinned to {version}: run `make pins`"


def test_the_commands_that_scripts_rely_on_stand() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for command in ("demo", "test", "check", "bench", "proof", "docs", "pins", "clean"):
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), f"make {command} is gone"


@pytest.mark.parametrize("group", sorted(path.name for path in (ROOT / "requirements/npm").iterdir()))
def test_npm_packages_are_pinned_by_checksum_without_an_address(group: str) -> None:
    folder = ROOT / "requirements/npm" / group
    asked = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]
    locked = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]

    assert locked.pop("")["dependencies"] == asked, "run `make pins`"
    for name, package in locked.items():
        assert package["integrity"].startswith("sha512-"), f"{name} has no checksum"
        assert "resolved" not in package, f"{name} says where it comes from: run `make pins`"
    for name, version in asked.items():
        assert locked[f"node_modules/{name}"]["version"] == version
