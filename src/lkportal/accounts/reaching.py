"""What a membership reaches, said once for every statement that asks it: an account, the accounts of a group, all accounts of an
organisation; from when it is given until it is taken back or runs out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from lkportal.accounts.models import Account, GroupAccount, Membership
from lkportal.auth.models import Identity
from lkportal.core.columns import UTCDateTime

NOW: BindParameter[Any] = bindparam("now", type_=UTCDateTime())
"""The moment of the question: every statement made of these conditions has the parameter :now."""


def living(member: Any = Membership) -> ColumnElement[bool]:
    """Whether a membership holds now: not taken back and not run out."""
    return and_(member.revoked_at.is_(None), or_(member.expires_at.is_(None), member.expires_at > NOW))


def holds(group: Any, account: Any = Account) -> ColumnElement[bool]:
    """Whether an entry of a group (GroupAccount) still holds for its account: a group of an organisation lets go of accounts
    that went to another."""
    return or_(group.organisation_id.is_(None), group.organisation_id == account.organisation_id)


def in_group(member: Any = Membership, account: Any = Account) -> ColumnElement[bool]:
    """Whether the group of a membership holds an account."""
    return exists(
        select(1)
        .select_from(GroupAccount)
        .where(
            GroupAccount.group_id == member.group_id,
            GroupAccount.account_id == account.id,
            holds(GroupAccount, account),
        )
        .correlate_except(GroupAccount)
    )


def reaches(*conditions: ColumnElement[bool], member: Any = Membership, account: Any = Account) -> ColumnElement[bool]:
    """Whether a membership of `conditions` reaches an account now.

    Each way is said in full, conditions and all: else SQLite walks all memberships of a person, who may have thousands. For it a
    group's key is "above zero", not "given": only so does it look for groups alone.
    """
    alive = (*conditions, living(member))
    return or_(
        and_(*alive, member.account_id == account.id),
        and_(*alive, member.organisation_id == account.organisation_id),
        and_(*alive, member.group_id > 0, in_group(member, account)),
    )


def of_account(account_id: ColumnElement[int]) -> CompoundSelect[int]:
    """Return the keys of the memberships that reach one account now, each once; every way by its own index."""
    alive, here = living(), Account.id == account_id
    return union_all(
        select(Membership.id).where(alive, Membership.account_id == account_id),
        select(Membership.id).join(Account, Account.organisation_id == Membership.organisation_id).where(alive, here),
        select(Membership.id)
        .join(GroupAccount, GroupAccount.group_id == Membership.group_id)
        .join(Account, Account.id == GroupAccount.account_id)
        .where(alive, here, GroupAccount.account_id == account_id, holds(GroupAccount)),
    )


def of_accounts(
    account_ids: ColumnElement[Any] | Select[int], *conditions: ColumnElement[bool]
) -> CompoundSelect[int, int]:
    """Return (key of a membership, key of an account) for all memberships of `conditions` that reach any of `account_ids` now,
    an expanding parameter or a select; each way by its own index, as in `of_account`."""
    alive = and_(*conditions, living())
    return union_all(
        select(Membership.id.label("member"), Membership.account_id.label("account")).where(
            alive, Membership.account_id.in_(account_ids)
        ),
        select(Membership.id, Account.id)
        .join(Account, Account.organisation_id == Membership.organisation_id)
        .where(alive, Account.id.in_(account_ids)),
        select(Membership.id, GroupAccount.account_id)
        .join(GroupAccount, GroupAccount.group_id == Membership.group_id)
        .join(Account, Account.id == GroupAccount.account_id)
        .where(alive, GroupAccount.account_id.in_(account_ids), holds(GroupAccount)),
    )


def accounts_of(*conditions: ColumnElement[bool]) -> CompoundSelect[int]:
    """Return the keys of the accounts that memberships of `conditions` reach now; an account may come several times.

    `conditions` may speak of Identity: the person of each membership is joined in.
    """
    through = aliased(Account)
    alive = (*conditions, living())

    def mine(column: Any) -> Any:
        return (
            select(column).select_from(Membership).join(Identity, Identity.id == Membership.identity_id).where(*alive)
        )

    return union_all(
        mine(Membership.account_id).where(Membership.account_id.is_not(None)),
        mine(through.id).join(through, through.organisation_id == Membership.organisation_id),
        mine(GroupAccount.account_id)
        .join(GroupAccount, GroupAccount.group_id == Membership.group_id)
        .join(through, through.id == GroupAccount.account_id)
        .where(holds(GroupAccount, through)),
    )
