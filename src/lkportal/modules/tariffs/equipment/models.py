"""The table of equipment, told by the company's system."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import Provenance, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class Device(Provenance, Base):
    """Something that stands at a customer: `rented` from the company or their own. `silent_since` is when contact was lost, empty while it
    works; `last_seen_at` when it last answered the company's system. One `given_back` is shown to nobody."""

    __tablename__ = "tariffs_devices"
    __table_args__ = (
        Index(None, "account_id", "id"),
        CheckConstraint("kind IN ('router', 'box', 'sim', 'other')", name="kind"),
    )

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    service_id: Mapped[int | None] = mapped_column(big_key(), ForeignKey("tariffs_services.id"), index=True)
    kind: Mapped[str] = mapped_column(String(6), nullable=False)
    model: Mapped[str] = mapped_column(String(120), nullable=False)
    serial: Mapped[str] = mapped_column(String(60), default="", nullable=False)
    rented: Mapped[bool] = mapped_column(Boolean, default=True, nullable=False)
    silent_since: Mapped[datetime | None] = mapped_column(UTCDateTime())
    last_seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    given_back: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)
