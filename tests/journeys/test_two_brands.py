"""Two brands of one portal on two hosts: each host has its own stylesheet, icons, name and manifest, and nothing of the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lkportal.app import Portal
from lkportal.testing.clients import PortalClient

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
BRANDS = {"main": ("Северная вода", "#00AA44", "lk.sever.test"), "zarechye": ("Заречье", "#AA0044", "lk.zarechye.test")}


@pytest.fixture
def portal_overrides(tmp_path: Path) -> Mapping[str, Any]:
    for key, (name, colour, host) in BRANDS.items():
        folder = tmp_path / key
        folder.mkdir()
        text = f'[brand]\nname = "{name}"\nhosts = ["{host}"]\npublic_url = "http://{host}"\n[color]\nprimary = "{colour}"\n'
        (folder / "brand.toml").write_text(text, "utf-8")
    return {"portal": {"brand_dir": str(tmp_path / "main"), "brands": {"zarechye": str(tmp_path / "zarechye")}}}


@ON_SQLITE
@pytest.mark.parametrize("key", BRANDS)
def test_a_host_shows_its_own_brand_alone(portal: Portal, key: str) -> None:
    name, colour, host = BRANDS[key]
    ((other, other_colour, _),) = [brand for known, brand in BRANDS.items() if known != key]
    visitor = PortalClient(portal.edge, base_url=f"http://{host}", headers={"accept-language": "ru"})
    html = visitor.get("/login").text
    said = visitor.get("/manifest.webmanifest").json()
    sheet = re.findall(r'rel="stylesheet" href="(/static/brand/[^"]+)"', html)

    assert (name in html, other in html) == (True, False)
    assert (said["name"], said["start_url"]) == (name, "/")
    assert len(sheet) == 1
    css = visitor.get(sheet[0]).text
    assert (f"--brand:{short(colour)}" in css, short(other_colour) in css) == (True, False)
    icons = re.findall(r'href="(/static/brand/[^"]+\.(?:png|svg))"', html)
    assert icons
    assert all(f"/static/brand/{key}-" in address for address in icons)


def short(colour: str) -> str:
    """A colour as the stylesheet writes it."""
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    twice = all(pair[0] == pair[1] for pair in (red, green, blue))
    return (f"#{red[0]}{green[0]}{blue[0]}" if twice else colour).lower()
