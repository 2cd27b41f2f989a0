"""Settings of reconciliation."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lkportal.core.settings import Table

_ADDRESS = r"^[^@\s]+@[^@\s]+$"


class ReconciliationTable(Table):
    """[payments.reconciliation]: comparing each day with the provider's own records."""

    days: int = Field(3, ge=0, le=14, description="past days compared each morning; 0: only when somebody asks")
    letters_to: tuple[Annotated[str, Field(pattern=_ADDRESS)], ...] = Field(
        (),
        description="e-mail addresses of colleagues who are told of new differences: of those who may see payments, and shared mailboxes",
    )
