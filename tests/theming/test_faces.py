"""The faces of a portal: what templates find in them wherever the portal and its files stand."""

from __future__ import annotations

from lkportal.theming.faces import assemble, load_locales


def test_icons_stay_on_the_pages_own_origin_when_files_move_to_another_host() -> None:
    faces = assemble({}, "default", (), {}, assets_url="https://cdn.example.org", root="/lk")
    locale = load_locales(("en",), ()).get("en")
    drawn = faces.environment("main", locale).from_string("{{ icon('check') }}").render()
    assert 'href="/lk/static/icons.' in drawn
    assert "cdn.example.org" not in drawn
    assert faces.assets.url("portal.css", "main").startswith("https://cdn.example.org/static/portal.")
