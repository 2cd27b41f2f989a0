"""Calls of the API about accounts: those that a customer reaches, all of them for systems of the company."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from lkportal.accounts import queries
from lkportal.accounts.directory import Directory
from lkportal.core.i18n import text
from lkportal.core.rest import PUBLIC_ID, ApiModel, ApiRoute, ApiScope, ListPage
from lkportal.web import Request

_SEE = ApiScope("accounts.read", text("accounts.scope.read", "See accounts"))


class AccountOut(ApiModel):
    """An account. `open` is false once it was closed."""

    id: str = Field(pattern=PUBLIC_ID)
    number: str
    title: str
    brand: str
    currency: str
    time_zone: str
    open: bool


class Asked(ApiModel):
    """Only accounts of this number."""

    number: Annotated[str, StringConstraints(max_length=40)] = ""


def accounts(request: Request, asked: Asked, page: ListPage) -> list[AccountOut]:
    """Return the accounts that the caller reaches."""
    if request.actor.kind == "system":
        rows = queries.every(request.db, page.wanted, page.after, asked.number)
    else:
        now = request.portal.clock.now()
        rows = queries.reached(request.db, request.actor.id or 0, now, page.wanted, page.after, asked.number)
    directory = request.portal.ports.get(Directory)
    return [_account(row, directory.brand(request.db, row.brand_id)) for row in rows]


def account(request: Request, _asked: None) -> AccountOut:
    """Return one account."""
    row = queries.told(request.db, request.own_account.id)
    return _account(row, request.own_account.brand)


def _account(row: Any, brand: str) -> AccountOut:
    return AccountOut(
        id=row.public_id,
        number=row.number,
        title=row.title,
        brand=brand,
        currency=row.currency,
        time_zone=row.time_zone,
        open=row.closed_at is None,
    )


_ACCOUNT = {
    "id": "Ac1qN2sP3tQ4uR5v",
    "number": "0412778215",
    "title": "ул. Садовая, 14, кв. 27",
    "brand": "main",
    "currency": "RUB",
    "time_zone": "Europe/Moscow",
    "open": True,
}
CALLS = [
    ApiRoute(
        "GET",
        "/accounts",
        "accounts",
        text("accounts.call.accounts", "Accounts"),
        _SEE,
        accounts,
        AccountOut,
        _ACCOUNT,
        Asked,
        {"number": "0412778215"},
        listed=True,
    ),
    ApiRoute(
        "GET",
        "/accounts/{account}",
        "account",
        text("accounts.call.account", "An account"),
        _SEE,
        account,
        AccountOut,
        _ACCOUNT,
    ),
]
