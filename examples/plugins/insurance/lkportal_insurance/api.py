"""Calls of the open API: the policies of an account, for programs of customers and of the company."""

from typing import Any

from pydantic import Field

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.rest import PUBLIC_ID, ApiModel, ApiMoney, ApiRoute, ApiScope, ListPage
from lkportal.web import Request
from lkportal_insurance import queries, views
from lkportal_insurance.settings import Insurer

SEE = ApiScope("insurance.read", text("insurance.scope.read", "See insurance policies"), "insurance.view")
_DAY = r"^\d{4}-\d{2}-\d{2}$"


class InsuredOut(ApiModel):
    """Something that a policy insures."""

    name: str
    detail: str
    insured_sum: ApiMoney


class PremiumOut(ApiModel):
    """A premium: `state` is planned, asked, paid or withdrawn; `bill` the public id of its bill, empty before it is asked for."""

    amount: ApiMoney
    due_on: str = Field(pattern=_DAY)
    state: str
    bill: str


class PolicyOut(ApiModel):
    """An insurance policy. `state`: waits, active, ending, ended, cancelled; `days_left` counts the last day too."""

    id: str = Field(pattern=PUBLIC_ID)
    number: str
    kind: str
    state: str
    starts_on: str = Field(pattern=_DAY)
    ends_on: str = Field(pattern=_DAY)
    days_left: int
    insured_sum: ApiMoney
    deductible: ApiMoney
    risks: list[str]


class PolicyWhole(PolicyOut):
    """A policy with what it insures and its premiums, the newest first."""

    objects: list[InsuredOut]
    premiums: list[PremiumOut]


def policies(request: Request, _asked: Any, part: ListPage) -> list[PolicyOut]:
    """Return a part of the policies of the account."""
    rows = queries.policies(request.db, request.own_account.id)
    return [PolicyOut(**_told(request, row)) for row in part.cut(rows, lambda row: str(row.public_id))]


def policy(request: Request, _asked: Any) -> PolicyWhole:
    """Return one policy."""
    account = request.own_account
    row = queries.policy(request.db, account.id, request.path_params["policy"])
    if row is None:
        raise NotFound
    objects = [
        InsuredOut(name=each.name, detail=each.detail, insured_sum=_money(request, each.insured_sum))
        for each in queries.objects(request.db, row.id)
    ]
    premiums = [
        PremiumOut(
            amount=_money(request, each.amount), due_on=each.due_on.isoformat(), state=each.state, bill=each.bill
        )
        for each in queries.premiums(request.db, row.id)
    ]
    return PolicyWhole(**_told(request, row), objects=objects, premiums=premiums)


def _told(request: Request, row: Any) -> dict[str, Any]:
    insurer = request.portal.ports.get(Insurer)
    seen = views.shown(row, insurer.today(request.portal.clock.now()), insurer.settings.ending_days)
    return {
        "id": seen.public_id, "number": seen.number, "kind": seen.kind, "state": seen.state,
        "starts_on": seen.starts_on.isoformat(), "ends_on": seen.ends_on.isoformat(), "days_left": seen.days,
        "insured_sum": _money(request, seen.insured_sum), "deductible": _money(request, seen.deductible),
        "risks": list(seen.risks),
    }  # fmt: skip


def _money(request: Request, amount: int) -> ApiMoney:
    return ApiMoney(minor=amount, currency=request.own_account.currency)


_SUM = {"minor": 300000000, "currency": "RUB"}
_POLICY = {
    "id": "Po1iC2yN3tA4bC5d", "number": "HM-104227", "kind": "home", "state": "ending", "starts_on": "2025-12-12",
    "ends_on": "2026-12-11", "days_left": 18, "insured_sum": _SUM, "deductible": {"minor": 1000000, "currency": "RUB"},
    "risks": ["Fire", "Flood"],
}  # fmt: skip
_WHOLE = {
    **_POLICY,
    "objects": [{"name": "Flat", "detail": "54 m²", "insured_sum": _SUM}],
    "premiums": [
        {
            "amount": {"minor": 640000, "currency": "RUB"},
            "due_on": "2026-12-04",
            "state": "asked",
            "bill": "Bi1l2N3tA4bC5d6e",
        }
    ],
}
_LIST = "/accounts/{account}/policies"
CALLS = [
    ApiRoute(
        "GET",
        _LIST,
        "policies",
        text("insurance.call.list", "Insurance policies"),
        SEE,
        policies,
        PolicyOut,
        _POLICY,
        listed=True,
    ),
    ApiRoute(
        "GET",
        _LIST + "/{policy}",
        "policy",
        text("insurance.call.one", "A policy"),
        SEE,
        policy,
        PolicyWhole,
        _WHOLE,
    ),
]
