"""The documentation tells of everything one can set, hook into, listen to, call or run; and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import click

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
