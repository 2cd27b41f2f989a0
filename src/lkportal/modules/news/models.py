"""Tables of news: items (announcements and outages), what was added to them, whom they concern, who has read them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import JSONText, Provenance, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class Item(Provenance, Base):
    """An announcement or an outage (`kind`). `state`: draft, waiting (until `publish_at`), published, closed, withdrawn.

    `texts` are the words by language: {"ru": {"title": "", "body": ""}}; an outage has no titles, they follow from service and
    times. Whom it concerns: `brand_id` and `segment` ("household", "company") narrow, each when set; `places` are lines such as
    "Ломоносова, 2-20": with them the accounts stand in `news_concerned` (`targeted`). `show_from` and `show_until` are days at home.
    """

    __tablename__ = "news_items"
    __table_args__ = (Index(None, "state", "show_until"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    kind: Mapped[str] = mapped_column(String(12), nullable=False)
    state: Mapped[str] = mapped_column(String(12), default="draft", nullable=False)
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONText(), nullable=False)
    important: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)
    brand_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("accounts_brands.id"))
    segment: Mapped[str] = mapped_column(String(12), default="", nullable=False)
    places: Mapped[list[str]] = mapped_column(JSONText(), nullable=False)
    targeted: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)
    service: Mapped[str] = mapped_column(String(20), default="", nullable=False)
    cause: Mapped[str] = mapped_column(String(12), default="", nullable=False)
    begins_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    expected_end: Mapped[datetime | None] = mapped_column(UTCDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    show_from: Mapped[date] = mapped_column(Date(), nullable=False)
    show_until: Mapped[date | None] = mapped_column(Date())
    publish_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    made_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    actor: Mapped[str] = mapped_column(String(40), nullable=False)


class Update(Base):
    """What was added to an outage later: words by language, and the term that was promised with them."""

    __tablename__ = "news_updates"
    __table_args__ = (Index(None, "item_id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    item_id: Mapped[int] = mapped_column(big_key(), ForeignKey("news_items.id"), nullable=False)
    texts: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    expected_end: Mapped[datetime | None] = mapped_column(UTCDateTime())
    made_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    actor: Mapped[str] = mapped_column(String(40), nullable=False)


class Concerned(Base):
    """An account that an item with places concerns: found once when it is published, and for accounts that come later."""

    __tablename__ = "news_concerned"
    __table_args__ = (Index(None, "account_id"),)

    item_id: Mapped[int] = mapped_column(big_key(), ForeignKey("news_items.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), primary_key=True)
    found_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Read(Base):
    """A person marked an item as read."""

    __tablename__ = "news_reads"
    __table_args__ = (Index(None, "identity_id"),)

    item_id: Mapped[int] = mapped_column(big_key(), ForeignKey("news_items.id"), primary_key=True)
    identity_id: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
