"""Papers: tagged PDF/UA with the brand's look and fonts inside, the same bytes for the same values, and nothing fetched."""

from __future__ import annotations

import builtins
import logging
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest
import zxingcpp

from lkportal import themes
from lkportal.core.language.formats import Locale
from lkportal.theming.faces import Faces, assemble, load_locales
from lkportal.theming.papers import pdf
from lkportal.theming.papers.pdf import NoPress, Press, printed, why_no_press
from lkportal.theming.papers.samples import sample_paper

Brand = Callable[..., Faces]


@pytest.fixture
def brand(tmp_path: Path) -> Brand:
    """A brand folder made of what a test says, as faces."""

    def made(
        toml: str = "",
        *,
        name: str = "Аква",
        legal: str = "",
        colour: str = "#0B3F86",
        files: dict[str, str] | None = None,
    ) -> Faces:
        for file, body in (files or {}).items():
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(body, "utf-8")
        named = f'name = "{name}"\nlegal_name = "{legal or name}"'
        (tmp_path / "brand.toml").write_text(f'[brand]\n{named}\n[color]\nprimary = "{colour}"\n{toml}', "utf-8")
        return assemble({"main": tmp_path}, "default", [], {})

    return made


def words(faces: Faces, code: str = "ru") -> Locale:
    """A language of the portal these faces belong to."""
    return load_locales(["ru", "en"], [], faces.faces[0].layers).get(code)


def press(faces: Faces, code: str = "ru") -> Press:
    """The press of the only brand."""
    locale = words(faces, code)
    return Press(faces.face("main").theme, faces.environment("main", locale), faces.assets, locale)


def read(paper: bytes) -> pypdf.PdfReader:
    """The paper as its readers see it."""
    return pypdf.PdfReader(BytesIO(paper))


def tags(reader: pypdf.PdfReader) -> list[tuple[str, str]]:
    """The structure of a paper in reading order: (tag, description)."""
    root: Any = reader.trailer["/Root"]
    found: list[tuple[str, str]] = []
    waiting = [root["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, pypdf.generic.DictionaryObject):
            continue
        if "/S" in node:
            found.append((str(node["/S"]), str(node.get("/Alt", ""))))
        inner = node.get("/K", [])
        inner = inner.get_object() if hasattr(inner, "get_object") else inner
        children = inner if isinstance(inner, list) else [inner]
        waiting += [child.get_object() for child in reversed(children) if hasattr(child, "get_object")]
    return found


def colours(paper: bytes) -> set[tuple[int, ...]]:
    """The colours of the first page as it is seen."""
    with pypdfium2.PdfDocument(paper) as document:
        page = document[0].render(scale=1).to_pil().convert("RGB")
    return {pixel for _, pixel in page.getcolors(1_000_000) or [] if isinstance(pixel, tuple)}


def test_a_paper_is_tagged_and_says_its_language_and_title(brand: Brand) -> None:
    reader = read(sample_paper(brand(), "main", words(brand())))
    catalogue: Any = reader.trailer["/Root"]

    assert 'pdfuaid:part="1"' in catalogue["/Metadata"].get_object().get_data().decode()
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"] == "ru"
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.author) == ("Счёт за октябрь", "Аква")


def test_its_structure_is_what_a_screen_reader_walks(brand: Brand) -> None:
    found = tags(read(sample_paper(brand(), "main", words(brand()))))
    names = [name for name, _ in found]

    assert names.count("/H1") == 1
    assert names.count("/Table") == 1
    assert names.count("/TH") == 2
    assert "/Caption" in names
    figures = [said for name, said in found if name == "/Figure"]
    assert figures == ["Образец QR-кода"], "the rosette and the mark are decoration, the code is described"


def test_every_font_is_inside(brand: Brand) -> None:
    reader = read(sample_paper(brand(), "main", words(brand())))
    fonts: Any = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]

    assert {font["/BaseFont"].split("+")[1] for font in fonts} == {"Onest", "Onest-Semi-Bold"}
    for font in fonts:
        assert "/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()


def test_font_files_of_the_brand_are_used_even_when_a_family_comes_in_pieces(brand: Brand, tmp_path: Path) -> None:
    own = Path(themes.__path__[0]) / "default" / "static" / "fonts"
    for piece in ("latin", "cyrillic"):
        (tmp_path / f"{piece}.woff2").write_bytes((own / f"onest-{piece}.woff2").read_bytes())
    pieces = "".join(
        f'[[type.fonts]]\nfamily = "Zx Sans"\nfile = "{piece}.woff2"\nweight = "400 800"\n'
        for piece in ("latin", "cyrillic")
    )
    faces = brand(f'[type]\nbody = ["Zx Sans"]\n{pieces}')
    reader = read(sample_paper(faces, "main", words(faces)))
    fonts: Any = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]  # type: ignore[index]

    named = {font["/BaseFont"].split("+")[1] for font in fonts}
    assert named >= {"Zx-Sans", "Zx-Sans-Semi-Bold"}
    said = reader.pages[0].extract_text().replace("\u00a0", " ")
    assert "Горячая вода" in said
    assert "1 482,60" in said


def test_its_words_can_be_read_and_copied(brand: Brand) -> None:
    page = read(sample_paper(brand('[voice]\nsupport_phone = "8 800 100-41-27"'), "main", words(brand()))).pages[0]
    said = page.extract_text().replace("\u00a0", " ")

    for words_ in ("Аква", "Счёт за октябрь", "1 482,60 ₽", "−73,24 ₽", "Горячая вода", "Страница 1 из 1"):
        assert words_ in said


def test_the_same_values_give_the_same_bytes(brand: Brand) -> None:
    faces = brand()
    assert sample_paper(faces, "main", words(faces)) == sample_paper(faces, "main", words(faces))


def test_the_code_can_be_read_back(brand: Brand) -> None:
    paper = sample_paper(brand(), "main", words(brand()))
    with pypdfium2.PdfDocument(paper) as document:
        picture = document[0].render(scale=3).to_pil()
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["https://example.org/"]


def test_the_brands_fill_and_name_reach_the_paper_and_the_defaults_do_not(brand: Brand) -> None:
    paper = sample_paper(brand(name="Zzqx", colour="#8A2BE2"), "main", words(brand(name="Zzqx", colour="#8A2BE2")))

    assert (0x8A, 0x2B, 0xE2) in colours(paper)
    assert (0x0B, 0x3F, 0x86) not in colours(paper)
    said = read(paper).pages[0].extract_text()
    assert "Zzqx" in said
    assert "lkportal" not in paper.decode("latin-1").lower()
    assert "lkportal" not in said.lower()


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.png",
        "https://example.org/x.png",
        "file:///etc/hostname",
        "ftp://127.0.0.1/x.png",
        "//example.org/x.png",
        "/static/../../../etc/hostname",
        "/etc/hostname",
        "data:image/png;base64,AAAA",
    ],
)
def test_what_is_no_file_of_the_portal_is_never_fetched(
    brand: Brand, address: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **_rest: Any) -> Any:
        raise AssertionError(f"fetched {args}")

    monkeypatch.setattr("urllib.request.OpenerDirector.open", refuse)
    asked: list[str] = []
    faces = brand()

    def known(path: str) -> Any:
        asked.append(path)
        return faces.assets.lookup(path.removeprefix("/static/")) if path.startswith("/static/") else None

    html = f'<html lang="en"><title>x</title><p>Text <img src="{address}" alt="x"><p style="background: url({address})">more'
    paper = printed(html, known)

    assert "Text" in read(paper).pages[0].extract_text()
    assert "is no file of this portal" in caplog.text
    assert all(not path.startswith("http") for path in asked)


def test_without_the_extra_the_reader_is_told_what_to_do_and_the_log_what_to_install(
    brand: Brand, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = builtins.__import__

    def gone(name: str, *args: Any, **rest: Any) -> Any:
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real(name, *args, **rest)

    faces = brand()
    locale = words(faces)
    monkeypatch.setattr(builtins, "__import__", gone)
    with caplog.at_level(logging.ERROR), pytest.raises(NoPress) as told:
        sample_paper(faces, "main", locale)

    assert why_no_press() == "cannot load library 'libpango-1.0-0'"
    assert told.value.status == 503
    assert "Распечатайте страницу" in locale.render(told.value.message)
    assert 'pip install "lkportal[pdf]"' in caplog.text
    assert "libpango-1.0-0" in caplog.text


def test_a_long_table_repeats_its_head_on_every_page_and_pages_are_counted(brand: Brand) -> None:
    template = (
        '{% extends "layouts/paper.html" %}{% import "parts/paper.html" as paper with context %}{% set title = "Long" %}'
        '{% block content %}{{ paper.table("Rows", ["Service", {"label": "Sum", "kind": "num"}], rows, [["Total", "1"]]) }}{% endblock %}'
    )
    faces = brand(files={"templates/paper/long.html": template}, legal="АО «Аква»")
    rows = [[f"Row {n}", {"text": str(n), "note": "a note"}] for n in range(120)]
    pages = read(press(faces, "en").pdf("paper/long.html", {"rows": rows})).pages

    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        said = page.extract_text()
        assert "Service" in said
        assert "АО «Аква»" in said
        assert f"Page {number} of {len(pages)}" in said


def test_nothing_of_the_engine_is_imported_with_the_portal() -> None:
    source = Path(pdf.__file__).read_text("utf-8")
    assert not re.search(r"^(import|from) weasyprint", source, re.MULTILINE)
