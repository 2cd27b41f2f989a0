"""Prepared reads of the desk about help: drafts too, with what readers said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, select

from lkportal.accounts.models import Brand
from lkportal.modules.help.models import Article, Section, Vote

Found = Sequence[Row[*tuple[Any, ...]]]
_VOTES = (
    select(
        Vote.article_id,
        func.count(case((Vote.clear, 1))).label("clear"),
        func.count().label("said"),
    )
    .group_by(Vote.article_id)
    .subquery("votes")
)
_ROW = (
    select(
        Article.id,
        Article.public_id,
        Article.section_id,
        Article.brand_id,
        Article.state,
        Article.texts,
        Article.types,
        Article.position,
        Article.version,
        Article.changed_at,
        Article.published_at,
        Section.public_id.label("section"),
        Section.titles,
        func.coalesce(_VOTES.c.clear, 0).label("clear"),
        func.coalesce(_VOTES.c.said, 0).label("said"),
    )
    .join(Section, Section.id == Article.section_id)
    .outerjoin(_VOTES, _VOTES.c.article_id == Article.id)
)
_ALL = (
    _ROW.order_by(Section.position, Section.id, Article.position, Article.id)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_ONE = _ROW.where(Article.public_id == bindparam("article"))
_REMARKS = (
    select(Vote.public_id, Vote.remark, Vote.given_at)
    .where(Vote.article_id == bindparam("article_id"), Vote.remark != "")
    .order_by(Vote.id.desc())
    .limit(20)
)
_SECTIONS = (
    select(Section.id, Section.public_id, Section.titles, Section.position, func.count(Article.id).label("articles"))
    .outerjoin(Article, Article.section_id == Section.id)
    .group_by(Section.id, Section.public_id, Section.titles, Section.position)
    .order_by(Section.position, Section.id)
    .limit(200)
)
_BRANDS = select(Brand.id, Brand.key, Brand.name).order_by(Brand.id)


def articles(connection: Connection, limit: int, offset: int) -> Found:
    """Return articles by section, drafts too."""
    return connection.execute(_ALL, {"limit": limit, "offset": offset}).all()


def one(connection: Connection, article: str) -> Row[*tuple[Any, ...]] | None:
    """Return an article, or None."""
    return connection.execute(_ONE, {"article": article}).first()


def remarks(connection: Connection, article_id: int) -> Found:
    """Return what readers did not understand, newest first."""
    return connection.execute(_REMARKS, {"article_id": article_id}).all()


def sections(connection: Connection) -> Found:
    """Return the sections with how many articles stand in each."""
    return connection.execute(_SECTIONS).all()


def brands(connection: Connection) -> Found:
    """Return the brands of the portal."""
    return connection.execute(_BRANDS).all()
