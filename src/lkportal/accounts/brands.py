"""Brand rows: the database's memory of the brands that the portal shows, so that accounts can belong to one."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.accounts.models import Brand
from lkportal.theming import BrandBook


def remember_brands(db: Session, books: Iterable[tuple[str, BrandBook]]) -> None:
    """Write a row for each brand (key, book), or bring it up to date. A brand that left its folder keeps its row."""
    known = {brand.key: brand for brand in db.scalars(select(Brand))}
    for key, book in books:
        brand = known.get(key)
        if brand is None:
            brand = Brand(key=key)
            db.add(brand)
        brand.name, brand.hosts, brand.public_url = book.name, list(book.hosts), book.public_url
