"""A paper wears the brand of its account, on whatever host it was asked for."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pypdf
import pypdfium2
import pytest

from lkportal.accounts.models import Brand
from lkportal.app import Portal
from lkportal.core.policy import AccountRef
from lkportal.testing import Visitor

BRANDS = {"south": ("Южная вода", "#0B3F86"), "north": ("Северная вода", "#B4232A")}


@pytest.fixture
def portal_overrides(tmp_path: Path) -> dict[str, object]:
    """A portal of two brands."""
    for key, (name, colour) in BRANDS.items():
        (tmp_path / key).mkdir()
        book = f'[brand]\nname = "{name}"\nlegal_name = "АО «{name}»"\n[color]\nprimary = "{colour}"\n'
        (tmp_path / key / "brand.toml").write_text(book, "utf-8")
    return {"portal": {"brand_dir": str(tmp_path / "south"), "brands": {"north": str(tmp_path / "north")}}}


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("key", "own", "other"), [("main", "south", "north"), ("north", "north", "south")])
def test_two_brands_print_each_their_own(
    portal: Portal, account: AccountRef, customer: Visitor, key: str, own: str, other: str
) -> None:
    with portal.database.unit() as db:
        brand = db.query(Brand).filter(Brand.key == key).one()
        db.connection().exec_driver_sql(f"UPDATE accounts_accounts SET brand_id = {brand.id}")
    paper = customer.get(customer.url("payments:statement")).content
    said = pypdf.PdfReader(BytesIO(paper)).pages[0].extract_text().replace("\u00a0", " ")
    with pypdfium2.PdfDocument(paper) as document:
        pixels = {pixel for _, pixel in document[0].render(scale=1).to_pil().convert("RGB").getcolors(1_000_000) or []}

    assert BRANDS[own][0] in said
    assert BRANDS[other][0] not in said
    assert tuple(bytes.fromhex(BRANDS[own][1][1:])) in pixels
    assert tuple(bytes.fromhex(BRANDS[other][1][1:])) not in pixels
