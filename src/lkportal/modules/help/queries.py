"""Prepared reads of help: what everybody may read on the pages of a brand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from lkportal.accounts.models import Brand
from lkportal.modules.help.models import Article, Section, Vote

Found = Sequence[Row[*tuple[Any, ...]]]
MOST = 1000
"""Articles that are looked through."""
_OF_BRAND = or_(
    Article.brand_id.is_(None),
    Article.brand_id == select(Brand.id).where(Brand.key == bindparam("brand")).scalar_subquery(),
)
_PUBLISHED = (
    select(
        Article.id,
        Article.public_id,
        Article.section_id,
        Article.texts,
        Article.types,
        Article.changed_at,
        Section.titles,
        Section.public_id.label("section"),
    )
    .join(Section, Section.id == Article.section_id)
    .where(Article.state == "published", _OF_BRAND)
    .order_by(Section.position, Section.id, Article.position, Article.id)
    .limit(MOST)
)
_ONE = _PUBLISHED.where(Article.public_id == bindparam("article"))
_MINE = select(Vote.clear).where(Vote.article_id == bindparam("article_id"), Vote.identity_id == bindparam("person_id"))


def published(connection: Connection, brand: str) -> Found:
    """Return the articles of a brand (its key) by section, as everybody may read them."""
    return connection.execute(_PUBLISHED, {"brand": brand}).all()


def one(connection: Connection, brand: str, article: str) -> Row[*tuple[Any, ...]] | None:
    """Return a published article of a brand, or None."""
    return connection.execute(_ONE, {"brand": brand, "article": article}).first()


def said(connection: Connection, article_id: int, person_id: int) -> bool | None:
    """Return whether an article was clear to a person; None when they did not say."""
    return connection.execute(_MINE, {"article_id": article_id, "person_id": person_id}).scalar()
