"""What the pages tell people to type is what the program understands: commands, settings, variables, settings files, templates."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from lkportal.app import ROOMS
from lkportal.cli import main
from lkportal.core.registry.discovery import installed_modules
from lkportal.core.settings import read_configuration
from tests.architecture.conftest import Plant
from tools import snippets
from tools.tree import ROOT

PAGES = list(snippets.pages(ROOT))
BOOK = {"brand", "color", "shape", "type", "logo", "voice", "email", "policy"}
SECRETS = {
    "yookassa": ("SECRET_KEY",),
    "stripe": ("SECRET_KEY", "WEBHOOK_SECRET"),
    "tbank": ("PASSWORD",),
    "atol": ("PASSWORD",),
}
"""What pages leave to the environment, by the table of [payments] it belongs to."""


def written(page: Path, language: str) -> list[str]:
    return [block.text for block in snippets.blocks(page) if block.language == language]


def own_tables(page: Path) -> frozenset[str]:
    """The modules that a page writes itself: their settings are not among ours."""
    return frozenset(re.findall(r"""name=["'](\w+)["']""", "\n".join(written(page, "python"))))


def test_every_command_is_one() -> None:
    wrong = {
        f"{page.relative_to(ROOT)}: lkportal {line}: {problem}"
        for page in PAGES
        for line in snippets.command_lines(page)
        if (problem := snippets.command_problem(ROOT, line, main))
    }
    assert wrong == set()


def test_every_setting_and_variable_is_one() -> None:
    assert [wrong for page in PAGES for wrong in snippets.setting_problems(ROOT, page, own_tables(page))] == []


def test_every_settings_file_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {module.name: module for module in [*ROOMS, *installed_modules()]}
    tried = 0
    for page in PAGES:
        for text in written(page, "toml"):
            tables = tomllib.loads(text)
            for table, names in SECRETS.items():
                for name in (f"LKPORTAL_PAYMENTS__{table.upper()}__{name}" for name in names):
                    monkeypatch.delenv(name, raising=False)
                    if table in tables.get("payments", {}):
                        monkeypatch.setenv(name, "secret")
            if not tables.keys() - BOOK or tables.keys() & {"theme", "static", "project"} or "." in next(iter(tables)):
                continue
            file = tmp_path / "portal.toml"
            file.write_text(text, "utf-8")
            read = read_configuration(file)
            read.refuse_unknown_tables([*known, *own_tables(page)])
            for name in read.tables.keys() & known.keys():
                model: Any = known[name].settings
                read.of_module(name, model)
            tried += 1
    assert tried > 30


def test_every_template_and_every_json_is_read() -> None:
    environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)
    for page in PAGES:
        for text in written(page, "jinja"):
            environment.parse(text)
        for text in written(page, "json"):
            json.loads(text)


def test_all_python_compiles_imports_what_is_there_and_is_run_by_a_test() -> None:
    assert [wrong for page in PAGES for wrong in snippets.broken_python(ROOT, page)] == []
    assert snippets.unrun(ROOT) == []


WRONG = """
`lkportal modules of NAME` and `[web] host` and `LKPORTAL_WEB__HOST`

```sh
lkportal serve --prot 8000
LKPORTAL_WEB__HOSTS='[]' lkportal serve --port 8000   # this one is right
```

```python
from lkportal import create_apps, create_app
```
"""


def test_what_is_not_there_is_named(plant: Plant) -> None:
    hosts = 'class WebTable(Table):\n    """[web]: the edge."""\n    hosts: tuple[str, ...] = Field((), description="hosts")\n'
    root = plant({"docs/a.md": WRONG, "src/lkportal/core/settings.py": hosts})
    page = root / "docs/a.md"

    lines = snippets.command_lines(page)
    assert [snippets.command_problem(root, line, main) for line in lines] == [
        "there is no option --prot",
        "",
        "there is no command 'of'",
    ]
    assert snippets.setting_problems(root, page) == [
        "docs/a.md: there is no setting LKPORTAL_WEB__HOST",
        "docs/a.md: there is no setting [web] host",
    ]
    assert snippets.broken_python(root, page) == ["docs/a.md:10: lkportal has no create_apps"]
    assert snippets.unrun(root) == ["docs/a.md"]
