"""What a password source says is a person's, given within their sign-in: accounts to customers, roles to staff. Fills the port Holdings."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lkportal.accounts import service
from lkportal.accounts.contract import CUSTOMER_ROLES, STAFF_ROLES
from lkportal.accounts.desk.roles import give_role, take_role
from lkportal.accounts.models import Account, Brand, StaffRole
from lkportal.accounts.references import PLACES
from lkportal.core.asked.vouching import AccountThere
from lkportal.core.policy import AccountRef
from lkportal.core.unit import context

_BY_NUMBER = PLACES.where(Account.number.in_(bindparam("numbers", expanding=True)), Brand.key == bindparam("of_brand"))
_ROLES = select(StaffRole.role).where(StaffRole.identity_id == bindparam("person"))


class Givings:
    """Gives in the unit of a sign-in. A role nobody knows is passed over: a source may know more than the portal."""

    def give_accounts(self, db: Session, identity_id: int, accounts: tuple[AccountThere, ...]) -> int:
        """Grant a customer these accounts; see core.vouching.Holdings."""
        numbers = {each.number: each.role for each in accounts if each.role in CUSTOMER_ROLES}
        values = {"numbers": sorted(numbers), "of_brand": context(db).brand or ""}  # numbers repeat between brands
        rows = db.connection().execute(_BY_NUMBER, values).all()
        for row in rows:
            service.grant(db, identity_id, AccountRef(*row), numbers[row.number])
        return len(numbers) - len({row.number for row in rows})

    def set_staff_roles(self, db: Session, identity_id: int, identity: str, roles: tuple[str, ...]) -> None:
        """Give one of the company's people these roles and take all others back."""
        wanted = {role for role in roles if role in STAFF_ROLES}
        held = set(db.connection().scalars(_ROLES, {"person": identity_id}))
        for role in sorted(wanted - held):
            give_role(db, identity_id, identity, role)
        for gone in sorted(held - wanted):
            take_role(db, identity_id, identity, gone)
