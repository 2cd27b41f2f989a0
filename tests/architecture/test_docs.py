"""The documentation tells of everything one can set, hook into, listen to, call or run; and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import click
import pytest

from tests.architecture.conftest import Plant
from tools import changelog, discover, reference
from tools.tree import ROOT

_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")


def broken_links(root: Path) -> list[str]:
    """Return the links of README, CONTRIBUTING and docs/ that lead to no file."""
    pages = [*root.glob("*.md"), *(root / "docs").rglob("*.md"), *(root / "examples").rglob("*.md")]
    return [
        f"{page.relative_to(root).as_posix()}: {target} is not there"
        for page in sorted(pages)
        for target in _LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]


def test_everything_is_told_and_the_pages_are_fresh() -> None:
    assert reference.problems(ROOT) == []


def test_links_lead_somewhere() -> None:
    assert broken_links(ROOT) == []


def test_a_broken_link_is_named(plant: Plant) -> None:
    root = plant({"docs/a.md": "[b](b.md) [c](c.md#x) [web](https://example.org) [here](#x)", "docs/b.md": ""})

    assert broken_links(root) == ["docs/a.md: c.md is not there"]


def build(builder: str, out: Path) -> str:
    """Build the documentation as `make docs` does and return what Sphinx complains of."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "--keep-going",
        "-c",
        "docs",
        "-b",
        builder,
        "-d",
        str(out / "doctrees"),
        ".",
    ]
    return subprocess.run([*command, str(out / "pages")], cwd=ROOT, capture_output=True, text=True, check=False).stderr


def test_every_page_is_in_the_contents_and_every_link_and_anchor_is_there(tmp_path: Path) -> None:
    assert build("dummy", tmp_path) == ""


@pytest.mark.proof
def test_built_pages_ask_nothing_of_other_hosts(tmp_path: Path) -> None:
    assert build("html", tmp_path) == ""

    pages = list((tmp_path / "pages").rglob("*.html"))
    fetched = r"""<(?:script|img|iframe|source)[^>]+src=["']?(?:https?:)?//|<link[^>]+href=["']?(?:https?:)?//"""
    assert len(pages) > 80
    assert [page.name for page in pages if re.search(fetched, page.read_text("utf-8"))] == []
    styles = (tmp_path / "pages/_static").rglob("*.css")
    assert [
        style.name
        for style in styles
        if re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", style.read_text("utf-8"))
    ] == []


@pytest.fixture
def conf() -> ModuleType:
    """docs/conf.py."""
    spec = spec_from_file_location("docs_conf", ROOT / "docs/conf.py")
    assert spec
    assert spec.loader
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_contents_are_the_links_of_the_pages_that_list_others(conf: ModuleType) -> None:
    words = "# All\n\n[in](#first)\n\n## First\n\n[a](a.md), [b](deploy/b.md#part) [web](https://example.org/c.md)\n\n## Then\n\n[a](a.md) [up](../README.md)\n"

    assert conf.contents("docs/README", words) == [("First", ["docs/a", "docs/deploy/b"]), ("Then", ["README"])]


TREE = {
    "src/lkportal/core/hookspecs.py": "@hookspec\ndef cards() -> list[Card]:\n    '''Cards of the dashboard.'''\n"
    "@hookspec(firstresult=True)\ndef choose_brand(request: Any) -> str | None:\n    '''Which brand.'''\n",
    "src/lkportal/core/settings.py": "class WebTable(Table):\n    '''[web]: the edge.'''\n"
    "    hosts: tuple[str, ...] = Field((), description='answered hosts')\n    root: str\n    '''Prefix of paths.'''\n"
    "class PortalSettings(ModuleSettings):\n    web: WebTable = WebTable()\n    key: str = Field(description='a key')\n",
    "src/lkportal/modules/meters/settings.py": "class MeterSettings(ModuleSettings):\n    '''Rules. `days` of the window.'''\n"
    "    days: int = 5\n",
    "src/lkportal/modules/meters/contract.py": "class Sent(Event):\n    '''A reading came.'''\n"
    "    name: ClassVar[str] = 'meters.sent'\n    reading: str\nclass Lookup(Protocol):\n    '''Finds a meter.'''\n",
    "src/lkportal/modules/meters/handlers.py": "def remind(ctx): \n    '''Remind those who wait.'''\n",
    "src/lkportal/modules/meters/hooks.py": "from lkportal.modules.meters import handlers\n"
    "from lkportal.modules.meters.contract import Lookup\nJOBS = [JobSpec('meters.remind', handlers.remind)]\n"
    "PORTS = [PortBinding(Lookup, make)]\n",
}


def test_things_are_found_where_they_are_defined(plant: Plant) -> None:
    root = plant(TREE)

    settings = {(thing.group, thing.name): thing.about for thing in discover.settings(root)}
    assert settings == {
        ("[web]", "hosts"): "answered hosts",
        ("[web]", "root"): "Prefix of paths.",
        ("at the top", "key"): "a key",
        ("[meters]", "days"): "`days` of the window.",
    }
    assert [(thing.name, thing.group) for thing in discover.hooks(root)] == [
        ("cards", "at start"),
        ("choose_brand", "for a request"),
    ]
    assert [(thing.name, thing.facts) for thing in discover.events(root)] == [("meters.sent", ("Sent", "reading: str"))]
    assert [(thing.name, thing.about) for thing in discover.jobs(root)] == [("meters.remind", "Remind those who wait.")]
    assert [(thing.name, thing.about) for thing in discover.ports(root)] == [("Lookup", "Finds a meter.")]


def test_commands_are_found_by_walking_the_group() -> None:
    @click.group()
    def shell() -> None: ...

    @shell.group()
    def theme() -> None: ...

    @theme.command()
    @click.argument("folder")
    @click.option("--out")
    def check(folder: str, out: str) -> None:
        """Judge a brand book."""

    assert list(discover.commands(shell)) == [
        discover.Thing("", "lkportal theme check", "Judge a brand book.", ("FOLDER, --out",))
    ]


def test_what_says_nothing_of_itself_and_what_fell_behind_are_named(plant: Plant) -> None:
    root = plant(TREE)
    reference.main(root)
    assert reference.problems(root) == []

    plant({"src/lkportal/core/hookspecs.py": "@hookspec\ndef menu() -> list[MenuItem]: ...\n"})

    assert reference.problems(root) == [
        "hooks: at start menu says nothing of itself: describe it where it is defined",
        "docs/reference/hooks.md has fallen behind: run `python -m tools.reference`",
    ]


def test_the_fragments_of_the_changelog_are_sound() -> None:
    assert changelog.problems(ROOT) == []


def test_fragments_become_a_version(plant: Plant) -> None:
    root = plant(
        {
            "CHANGELOG.md": "# Changes\n\nWords.\n\n## 0.1.0 (2026-01-01)\n\n### Added\n\n- It began.\n",
            "docs/changes/README.md": "how",
            "docs/changes/pay.added.md": "Bills are paid\nin parts.\n",
            "docs/changes/race.fixed.md": "No reading below the last.\n",
        }
    )

    changelog.gather(root, "0.2.0", "2026-02-01")

    assert (root / "CHANGELOG.md").read_text(encoding="utf-8") == (
        "# Changes\n\nWords.\n\n## 0.2.0 (2026-02-01)\n\n### Added\n\n- Bills are paid in parts.\n\n### Fixed\n\n"
        "- No reading below the last.\n\n## 0.1.0 (2026-01-01)\n\n### Added\n\n- It began.\n"
    )
    assert [path.name for path in (root / "docs/changes").iterdir()] == ["README.md"]


def test_a_bad_fragment_is_named(plant: Plant) -> None:
    root = plant({"docs/changes/Pay.new.md": "Words.", "docs/changes/b.added.md": "- a bullet"})

    assert [found.split(":")[0] for found in changelog.problems(root)] == [
        "docs/changes/Pay.new.md",
        "docs/changes/b.added.md",
    ]
