"""Settings of accounts, the table [accounts] of portal.toml."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, field_validator

from lkportal.core.settings import ModuleSettings, Table

_ADDRESS = r"^[^@\s]+@[^@\s]+$"
_ROLE = re.compile(r"[a-z][a-z0-9_]{1,19}")
Level = Annotated[int, Field(ge=0, le=2)]
NEXT_ROLES = "^(|payer|reader|accountant|signer)$"


class ClaimTable(Table):
    """[accounts.claim]: how a newcomer finds their account, and what opens at which level of verification."""

    proofs: dict[str, Level] = Field(
        {"payments.amount": 0, "readings.serial": 1, "accounts.paper": 1, "accounts.post": 2},
        description="proofs that are taken, each with the level it gives (0 to 2); empty: nobody claims an account",
    )
    levels: dict[str, Level] = Field(
        {"accounts.holder": 1, "accounts.manage": 1},
        description="rights that open from a level on; all others open at once",
    )
    first_role: str = Field("owner", description="role of who claims an account that nobody has at that level")
    next_role: str = Field(
        "reader", pattern=NEXT_ROLES, description="role of who comes later; empty: an account is claimed once"
    )
    refuse_days: int = Field(14, ge=1, le=90, description="days in which owners may refuse who came later")
    person_day: int = Field(5, ge=1, description="wrong proofs a day of one person")
    number_day: int = Field(5, ge=1, description="wrong proofs a day for one number, of all strangers together")
    number_month: int = Field(20, ge=1, description="wrong proofs in 30 days for one number, of all strangers together")
    network_day: int = Field(50, ge=1, description="wrong proofs a day from one network")
    post_person: int = Field(3, ge=1, description="letters with a code that one person may ask for in 30 days")
    post_days: int = Field(30, ge=1, le=90, description="days a code sent by post works")


class GuestTable(Table):
    """[accounts.guest]: what may be done without registering."""

    on: bool = Field(
        False, description="show the public page where a number and a proof are enough to pay or send readings"
    )
    minutes: int = Field(30, ge=5, le=1440, description="minutes a link lives that was opened by number and proof")


class RoleTable(Table):
    """[accounts.roles.NAME]: a role of the company's own, or a change of a built-in one."""

    title: str | dict[str, str] = Field("", description="what people read, one text or one for each language")
    rights: tuple[str, ...] | None = Field(None, description="all rights of the role, such as payments.pay")
    more: tuple[str, ...] = Field((), description="rights a built-in role has besides its own")
    less: tuple[str, ...] = Field((), description="rights a built-in role has no more")

    @property
    def titles(self) -> dict[str, str]:
        """The title by language; one text stands for all."""
        if isinstance(self.title, str):
            return {"en": self.title} if self.title else {}
        return self.title


class AccountsSettings(ModuleSettings):
    """How an account is claimed and opened to guests, the roles of customers, how long invitations work, and how long the
    parts of a page may take that others bring to it."""

    claim: ClaimTable = Field(ClaimTable(), description="how a newcomer finds their account")
    guest: GuestTable = Field(GuestTable(), description="what may be done without registering")
    card_ms: int = Field(400, ge=50, le=5_000, description="longest the statements of one card may take, milliseconds")
    page_ms: int = Field(1_500, ge=100, le=15_000, description="longest all cards of a page may take together")
    roles: dict[str, RoleTable] = Field({}, description="roles of customers besides owner, payer, reader ...")
    invitation_days: int = Field(14, ge=1, le=90, description="how long the link of an invitation works, days")
    invitations_a_day: int = Field(50, ge=1, le=10_000, description="invitations one person may send in a day")
    shared_mailboxes: tuple[Annotated[str, Field(pattern=_ADDRESS)], ...] = Field(
        (),
        description="mailboxes of the company that several colleagues read: letters for staff may go there, though nobody signs in by them",
    )

    @field_validator("roles")
    @classmethod
    def _plain_names(cls, value: dict[str, RoleTable]) -> dict[str, RoleTable]:
        for name in value:
            if not _ROLE.fullmatch(name):
                raise ValueError(
                    f"the role {name!r} needs a name of 2 to 20 small letters, digits and _, such as tenant"
                )
        return value
