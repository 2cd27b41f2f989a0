"""Settings of reminders, the table [payments.reminders] of portal.toml."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lkportal.core.settings import Table


class RemindersTable(Table):
    """[payments.reminders]: when those are reminded who have not paid."""

    days: tuple[Annotated[int, Field(ge=-60, le=365)], ...] = Field(
        (-3, 0, 5),
        max_length=12,
        description="days from the term of a bill: -3 is three days before it, 0 the day itself, 5 five days after; "
        "empty: nobody is reminded",
    )
    least: int = Field(5_000, ge=1, description="smallest debt that is worth a reminder, minor units")
    new_bills: bool = Field(True, description="tell people of bills that an import brought")
