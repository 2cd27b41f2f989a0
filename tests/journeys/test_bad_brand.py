"""Somebody edits the brand book of a running portal and breaks it: customers see nothing of it, the desk and the log are told why."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lkportal.app import Portal, create_app
from lkportal.core.errors import StartupError
from lkportal.testing import Logs, Recipe, Visitor

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
GOOD = '[brand]\nname = "Северная вода"\n[color]\nprimary = "#00AA44"\n'


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "brand" / "brand.toml"
    path.parent.mkdir()
    path.write_text(GOOD, "utf-8")
    return path


@pytest.fixture
def portal_overrides(book: Path) -> Mapping[str, Any]:
    return {"portal": {"brand_dir": str(book.parent)}}


def stylesheet(visitor: Visitor) -> str:
    found = re.search(r'href="(/static/brand/main\.[0-9a-f]+\.css)"', visitor.get("/login").text)
    assert found
    return found[1]


@ON_SQLITE
@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("brand.toml", GOOD.replace("#00AA44", "sky blue"), r'\[color\] primary = "sky blue" cannot be used'),
        ("brand.toml", "name = ", "is not TOML"),
        ("brand.css", b"\xff\xfe", "is not UTF-8"),
        ("brand.toml", GOOD + '[logo]\nlight = "gone.svg"\n', "does not exist"),
        ("static/a.css", "a{background:url(gone.png)}", r"points to url\(gone\.png\)"),
    ],
)
def test_the_last_good_brand_goes_on_serving(
    portal: Portal, book: Path, anonymous: Visitor, staff: Visitor, logs: Logs, file: str, text: str | bytes, said: str
) -> None:
    before = stylesheet(anonymous)
    broken = book.parent / file
    broken.parent.mkdir(exist_ok=True)
    broken.write_bytes(text.encode() if isinstance(text, str) else text)

    portal.switch_module("readings", on=False)
    portal.see_version(portal.live.version + 1)

    assert "readings" not in [module.name for module in portal.registry.modules], "the rest of the change is taken up"
    page = anonymous.get("/login")
    assert (page.status_code, "Северная вода" in page.text) == (200, True)
    assert stylesheet(anonymous) == before
    assert anonymous.get(before).status_code == 200
    (line,) = logs.events("brand_refused")
    assert line["brand"] == "main"
    assert re.search(said, json.dumps(line["problem"], ensure_ascii=False).replace("\\", ""))
    assert "the last good one goes on" in staff.get("/staff/").text

    broken.unlink() if file != "brand.toml" else broken.write_text(GOOD.replace("#00AA44", "#AA0044"), "utf-8")
    portal.switch_module("readings", on=True)
    portal.see_version(portal.live.version + 1)
    assert portal.refused == {}
    assert "the last good one goes on" not in staff.get("/staff/").text
    assert anonymous.get(before).status_code == 200, "a page sent before keeps its look"
    assert (stylesheet(anonymous) == before) is (file != "brand.toml")


@ON_SQLITE
def test_at_the_first_start_it_is_refused_with_a_sentence(portal_recipe: Recipe, book: Path) -> None:
    book.write_text(GOOD.replace("#00AA44", "sky blue"), "utf-8")
    with pytest.raises(StartupError, match=r'\[color\] primary = "sky blue" cannot be used'):
        create_app(overrides=portal_recipe.overrides)
