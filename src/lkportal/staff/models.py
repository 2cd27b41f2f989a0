"""Tables of the desk: what staff changed of a brand (only differences from the company's files, never a resolved copy), acts that
wait for a second person, and changes of the switchboard."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import JSONText, UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base
from lkportal.staff.behaviour import models as _behaviour  # noqa: F401 - its tables are ours
from lkportal.staff.reports import models as _reports  # noqa: F401 - its tables are ours


class BrandDraft(Base):
    """What is being changed of a brand, seen by nobody but through a signed link. One a brand; `version` guards two writers."""

    __tablename__ = "staff_brand_drafts"

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    brand: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    changed_by: Mapped[str] = mapped_column(String(16), default="", nullable=False)


class BrandVersion(Base):
    """Changes of a brand as they were published. The highest number holds; going back publishes earlier changes anew."""

    __tablename__ = "staff_brand_versions"
    __table_args__ = (UniqueConstraint("brand", "number"),)

    id: Mapped[int] = pk()
    brand: Mapped[str] = mapped_column(String(40), nullable=False)
    number: Mapped[int] = mapped_column(Integer, nullable=False)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    published_by: Mapped[str] = mapped_column(String(16), default="", nullable=False)


class BrandFile(Base):
    """A picture uploaded for a brand, already made safe. `name` is the hash of its bytes and its suffix."""

    __tablename__ = "staff_brand_files"

    id: Mapped[int] = pk()
    name: Mapped[str] = mapped_column(String(80), unique=True, nullable=False)
    body: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)


class Approval(Base):
    """A form that waits for a second person, exactly as it was sent. `seal` is a keyed hash of it and of who asked when and why.

    `told` is what it would do, in the words the requester read: it stays readable when the form can no more be explained.
    """

    __tablename__ = "staff_approvals"
    __table_args__ = (Index(None, "state", "id"), Index(None, "asked_by"), Index(None, "decided_by"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    route: Mapped[str] = mapped_column(String(80), nullable=False)
    action: Mapped[str] = mapped_column(String(80), nullable=False)
    form: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    told: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    reason: Mapped[str] = mapped_column(String(500), nullable=False)
    seal: Mapped[str] = mapped_column(String(64), nullable=False)
    asked_by: Mapped[int] = mapped_column(big_key(), ForeignKey("auth_identities.id"), nullable=False)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    state: Mapped[str] = mapped_column(String(12), nullable=False)
    decided_by: Mapped[int | None] = mapped_column(big_key(), ForeignKey("auth_identities.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    note: Mapped[str] = mapped_column(String(500), default="", server_default="", nullable=False)


class Switching(Base):
    """One change at the switchboard: of a module ("readings") or a setting ("readings.window_last"), what it was, what it is."""

    __tablename__ = "staff_switchings"
    __table_args__ = (Index(None, "subject", "id"),)

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    subject: Mapped[str] = mapped_column(String(120), nullable=False)
    before: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    after: Mapped[dict[str, Any]] = mapped_column(JSONText(), nullable=False)
    reason: Mapped[str] = mapped_column(String(500), nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
    changed_by: Mapped[str] = mapped_column(String(16), default="", nullable=False)
