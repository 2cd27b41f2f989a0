"""The tables. Their names begin with the module's, their rows lead to an account."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lkportal.core.columns import UTCDateTime, big_key, pk, public_id_column
from lkportal.core.db import Base


class Entry(Base):
    """An entry on an account. `token` is that of the form it was sent with: the same form sent twice is one entry."""

    __tablename__ = "things_entries"
    __table_args__ = (Index(None, "account_id", "added_at"), UniqueConstraint("account_id", "token"))

    id: Mapped[int] = pk()
    public_id: Mapped[str] = public_id_column()
    account_id: Mapped[int] = mapped_column(big_key(), ForeignKey("accounts_accounts.id"), nullable=False)
    title: Mapped[str] = mapped_column(String(100), nullable=False)
    remark: Mapped[str] = mapped_column(String(500), nullable=False)
    token: Mapped[str] = mapped_column(String(16), nullable=False)
    added_at: Mapped[datetime] = mapped_column(UTCDateTime(), nullable=False)
