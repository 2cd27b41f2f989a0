"""Hashed files: what an address means, who overrides whom, and that old pages keep their files."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from lkportal.theming import AssetIndex, BrandError, Layer, build_theme, load_book, plain_book
from lkportal.theming.files.smaller import smaller
from tests.theming.conftest import FOUR_LINES, WriteBrand, put


def layer(root: Path, kind: str, files: dict[str, str | bytes]) -> Layer:
    """A layer of static files only."""
    return Layer(kind, kind, None, put(root / kind, files))  # type: ignore[arg-type]


def served(index: AssetIndex, url: str) -> bytes:
    """What the route would answer."""
    found = index.lookup(url.partition("/static/")[2])
    assert found is not None
    return found.body


def test_an_address_holds_the_hash_of_its_bytes(tmp_path: Path) -> None:
    """Long caching is safe because other bytes have another address."""
    index = AssetIndex([layer(tmp_path, "theme", {"js/portal.js": "let a = 1;\n" * 40, "a.woff2": b"wOF2\x00"})])
    mark = hashlib.sha256(b"let a = 1;\n" * 40).hexdigest()[:12]
    assert index.url("js/portal.js") == f"/static/js/portal.{mark}.js"
    found = index.lookup(f"js/portal.{mark}.js")
    assert found is not None
    assert (found.media_type, found.immutable) == ("text/javascript; charset=utf-8", True)
    assert gzip.decompress(found.gzipped or b"") == found.body
    font = index.lookup(index.url("a.woff2").removeprefix("/static/"))
    assert font is not None
    assert (font.media_type, font.gzipped) == ("font/woff2", None)


def test_a_plain_name_is_served_but_not_for_good_and_a_wrong_hash_is_not(tmp_path: Path) -> None:
    """`favicon.svg` may be asked for by its plain name; an old hash must not answer new bytes."""
    index = AssetIndex([layer(tmp_path, "theme", {"favicon.svg": "<svg/>", ".hidden": "x"})])
    plain = index.lookup("favicon.svg")
    assert plain is not None
    assert plain.immutable is False
    assert index.lookup("favicon.000000000000.svg") is None
    assert index.lookup("../theme/favicon.svg") is None
    assert index.names() == ("favicon.svg",)


def test_another_host_or_a_prefix_stands_before_the_address(tmp_path: Path) -> None:
    """`assets_url` sends files elsewhere; a mounted portal keeps its prefix."""
    theme = [layer(tmp_path, "theme", {"a.css": "a{}"})]
    plain = AssetIndex(theme).url("a.css")
    assert AssetIndex(theme, assets_url="https://cdn.example/").url("a.css") == f"https://cdn.example{plain}"
    assert AssetIndex(theme, prefix="/lk").url("a.css") == f"/lk{plain}"


def test_a_stylesheet_points_to_hashed_files_beside_it(tmp_path: Path) -> None:
    """Fonts and pictures named by url() keep their query and fragment; data: and other hosts are left alone."""
    css = """@font-face{src:url("../fonts/o.woff2") format("woff2")} a{background:url(dot.svg#x)}
    b{background:url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E")} c{mask:url(#m)}"""
    index = AssetIndex(
        [layer(tmp_path, "theme", {"css/a.css": css, "fonts/o.woff2": b"font", "css/dot.svg": "<svg/>"})]
    )
    body = served(index, index.url("css/a.css")).decode()
    font = index.url("fonts/o.woff2").removeprefix("/static/")
    dot = index.url("css/dot.svg").removeprefix("/static/css/")
    assert f'url("../{font}") format("woff2")' in body
    assert f'url("{dot}#x")' in body
    assert "url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E\")" in body
    assert "url(#m)" in body


def test_another_font_gives_the_stylesheet_another_address(tmp_path: Path) -> None:
    """The hash of a stylesheet covers the files it names."""
    files: dict[str, str | bytes] = {"a.css": "a{src:url(f.woff2)}", "f.woff2": b"one"}
    before = AssetIndex([layer(tmp_path / "1", "theme", files)]).url("a.css")
    after = AssetIndex([layer(tmp_path / "2", "theme", files | {"f.woff2": b"two"})]).url("a.css")
    assert before != after


def test_a_stylesheet_that_points_nowhere_stops_the_start(tmp_path: Path) -> None:
    """A broken url() would be a missing font for every customer."""
    with pytest.raises(BrandError, match=r"static/css/a\.css points to url\(gone\.woff2\)"):
        AssetIndex([layer(tmp_path, "theme", {"css/a.css": "a{src:url(gone.woff2)}"})])


def test_a_name_that_is_not_there_tells_the_nearest(tmp_path: Path) -> None:
    """A template with a typing mistake says what it meant."""
    index = AssetIndex([layer(tmp_path, "theme", {"portal.css": "a{}"})])
    with pytest.raises(BrandError, match=r"Did you mean portal\.css\?"):
        index.url("portl.css")


def test_the_stronger_layer_wins_for_its_brand_only(tmp_path: Path, brand: WriteBrand) -> None:
    """A brand replaces the theme's picture and the theme the core's; another brand does not see it."""
    core = layer(tmp_path, "core", {"a.svg": "core", "b.svg": "core", "c.svg": "core"})
    theme = layer(tmp_path, "theme", {"a.svg": "theme", "b.svg": "theme"})
    own = layer(tmp_path, "brand", {"a.svg": "brand"})
    aqua, plain = build_theme(load_book(brand())), build_theme(plain_book("Plain", "#E30611"))
    index = AssetIndex([theme, core]).with_brand(aqua, [own, theme, core]).with_brand(plain, [theme, core])
    assert [served(index, index.url(name, "aqua")) for name in ("a.svg", "b.svg", "c.svg")] == [
        b"brand",
        b"theme",
        b"core",
    ]
    assert served(index, index.url("a.svg", "plain")) == b"theme"
    assert served(index, index.url("a.svg", "unknown")) == b"theme"


def test_a_brands_stylesheet_and_mark_are_files_too(brand: WriteBrand) -> None:
    """The virtual files of a brand: its CSS under its key, its mark."""
    theme = build_theme(load_book(brand()))
    index = AssetIndex().with_brand(theme, [])
    assert served(index, index.url("brand/aqua.css", "aqua")).decode() == smaller(theme.css)
    assert served(index, index.url("brand/aqua-mark.svg", "aqua")) == theme.logos.mark.body
    assert index.has("brand/aqua-light.svg", "aqua") is False


def test_a_page_sent_before_a_publication_keeps_its_files(brand: WriteBrand) -> None:
    """A new colour is a new address; the old one still answers, and the index it came from is untouched."""
    first = AssetIndex().with_brand(build_theme(load_book(brand())), [])
    old = first.url("brand/aqua.css", "aqua")
    second = first.with_brand(build_theme(load_book(brand(FOUR_LINES.replace("#0B3F86", "#E30611")))), [])
    assert second.url("brand/aqua.css", "aqua") != old
    assert served(second, old) == served(first, old)
    assert first.url("brand/aqua.css", "aqua") == old


def test_a_brands_own_css_may_name_its_fonts(tmp_path: Path, brand: WriteBrand) -> None:
    """brand.css lands above the components, and its url() is relative to /static/brand/."""
    face = '@font-face{font-family:"Acme";src:url("../fonts/acme.woff2")}'
    folder = brand(files={"brand.css": face, "static/fonts/acme.woff2": b"font"})
    theme = build_theme(load_book(folder))
    index = AssetIndex().with_brand(theme, [Layer("brand", "aqua", None, folder / "static")])
    css = served(index, index.url("brand/aqua.css", "aqua")).decode()
    assert index.url("fonts/acme.woff2", "aqua").removeprefix("/static/") in css
    assert css.index("@layer tokens") < css.index("@layer brand{@font-face")
