"""Reads of customers and the desk, each bound to one account: what is not asked for by account cannot be shown to a stranger."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from lkportal_insurance.models import Insured, Policy, Premium

Found = Sequence[Row[*tuple[Any, ...]]]
_MINE = Policy.account_id == bindparam("account_id")
COLUMNS = (
    Policy.id,
    Policy.public_id,
    Policy.number,
    Policy.kind,
    Policy.risks,
    Policy.insured_sum,
    Policy.deductible,
    Policy.starts_on,
    Policy.ends_on,
    Policy.state,
    Policy.document,
)
_POLICIES: Select[*tuple[Any, ...]] = select(*COLUMNS).where(_MINE).order_by(Policy.ends_on.desc(), Policy.id.desc())
POLICIES = _POLICIES.limit(100)
_POLICY: Select[*tuple[Any, ...]] = select(*COLUMNS).where(_MINE, Policy.public_id == bindparam("policy"))
_OBJECTS: Select[*tuple[Any, ...]] = (
    select(Insured.name, Insured.detail, Insured.insured_sum)
    .where(Insured.policy_id == bindparam("policy_id"))
    .order_by(Insured.id)
)
_PREMIUM = (
    Premium.public_id,
    Premium.policy_id,
    Premium.amount,
    Premium.unpaid,
    Premium.due_on,
    Premium.state,
    Premium.bill,
    Premium.paid_on,
)
_PREMIUMS: Select[*tuple[Any, ...]] = (
    select(*_PREMIUM).where(Premium.policy_id == bindparam("policy_id")).order_by(Premium.due_on.desc())
)
OWED: Select[*tuple[Any, ...]] = (
    select(*_PREMIUM)
    .where(Premium.account_id == bindparam("account_id"), Premium.state == "asked")
    .order_by(Premium.due_on)
    .limit(20)
)
"""Premiums of the account :account_id that wait to be paid."""


def policies(connection: Connection, account_id: int) -> Found:
    """Return the policies of an account, those that end last first."""
    return connection.execute(POLICIES, {"account_id": account_id}).all()


def policy(connection: Connection, account_id: int, public_id: str) -> Row[*tuple[Any, ...]] | None:
    """Return a policy of an account, or None."""
    return connection.execute(_POLICY, {"account_id": account_id, "policy": public_id}).first()


def objects(connection: Connection, policy_id: int) -> Found:
    """Return what a policy insures; it was found through its account."""
    return connection.execute(_OBJECTS, {"policy_id": policy_id}).all()


def premiums(connection: Connection, policy_id: int) -> Found:
    """Return the premiums of a policy that was found through its account, the newest first."""
    return connection.execute(_PREMIUMS, {"policy_id": policy_id}).all()
