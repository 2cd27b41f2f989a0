"""The columns of an AccountRef, in its order: what a statement reads when it finds an account to speak of."""

from __future__ import annotations

from sqlalchemy import select

from lkportal.accounts.models import Account, Brand

PLACE = (
    Account.id,
    Account.public_id,
    Account.number,
    Account.title,
    Account.time_zone,
    Account.currency,
    Brand.key.label("brand"),
    Account.organisation_id,
)
"""For statements that join the brand themselves."""
PLACES = select(*PLACE).join(Brand, Brand.id == Account.brand_id)
"""All accounts: to be narrowed with `where`."""
