"""Tables of help: sections, articles in each language, what readers said of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import JSONText, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class Section(Base):
    """A part of help: titles by language, {"ru": "Оплата"}. Those of a smaller `position` come first."""

    __tablename__ = "help_sections"

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    titles: Mapped[dict[str, str]] = mapped_column(JSONText(), nullable=False)
    position: Mapped[int] = mapped_column(Integer, default=100, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Article(Base):
    """An article. `state` is draft or published; `texts` by language: {"ru": {"title": "", "body": "", "words": ""}}, where `words`
    are what people call it besides.

    `types` are the request types it may spare ("tickets.charge"); `brand_id` narrows it to one brand. `version` grows with each
    change: whoever edits an older one is told.
    """

    __tablename__ = "help_articles"
    __table_args__ = (Index(None, "section_id"), Index(None, "state"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    section_id: Mapped[int] = mapped_column(big_key(), ForeignKey("help_sections.id"), nullable=False)
    brand_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_brands.id"))
    state: Mapped[str] = mapped_column(String(12), default="draft", nullable=False)
    texts: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    types: Mapped[list[str]] = mapped_column(JSONText(), nullable=False)
    position: Mapped[int] = mapped_column(Integer, default=100, nullable=False)
    version: Mapped[int] = mapped_column(Integer, default=1, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Vote(Base):
    """Whether an article was clear to somebody, and what was not. `token` is of the form: sent twice, it counts once; a person who is
    signed in is counted once for an article, with what they said last."""

    __tablename__ = "help_votes"
    __table_args__ = (UniqueConstraint("article_id", "token"), UniqueConstraint("article_id", "identity_id"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    article_id: Mapped[int] = mapped_column(big_key(), ForeignKey("help_articles.id"), nullable=False)
    identity_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"), index=True)
    token: Mapped[str] = mapped_column(String(16), nullable=False)
    clear: Mapped[bool] = mapped_column(Boolean, nullable=False)
    remark: Mapped[str] = mapped_column(String(500), default="", nullable=False)
    given_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
