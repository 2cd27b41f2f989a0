"""What templates know of a brand: its logo in the reader's mode, its place kept free."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lkportal.theming import build_theme, load_book
from lkportal.web.page.brand_view import brand_view

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40"><rect width="9" height="9" fill="{}"/></svg>'


def view_of(folder: Path, **logos: str) -> str:
    folder.mkdir(exist_ok=True)
    named = "\n".join(f'{use} = "{use}.svg"' for use in logos)
    (folder / "brand.toml").write_text(
        f'[brand]\nname = "Aqua"\n[color]\nprimary = "#0B3F86"\n[logo]\n{named}\n', "utf-8"
    )
    for use, colour in logos.items():
        (folder / f"{use}.svg").write_text(LOGO.format(colour), "utf-8")
    asset: Callable[[str], str] = lambda name: f"/static/{name}"  # noqa: E731
    return str(brand_view(build_theme(load_book(folder, "aqua")), asset).logo_svg)


def test_a_logo_of_two_modes_is_two_pictures_of_which_one_is_shown(tmp_path: Path) -> None:
    assert view_of(tmp_path, light="#000000", dark="#FFFFFF") == (
        '<picture class="by-light"><img src="/static/brand/aqua-light.svg" alt="" width="102" height="34" loading="lazy"></picture>'
        '<picture class="by-dark"><img src="/static/brand/aqua-dark.svg" alt="" width="102" height="34" loading="lazy"></picture>'
    )


def test_one_logo_is_one_picture_and_none_is_none(tmp_path: Path) -> None:
    assert view_of(tmp_path, light="#000000") == (
        '<picture><img src="/static/brand/aqua-light.svg" alt="" width="102" height="34"></picture>'
    )
    assert view_of(tmp_path) == ""
