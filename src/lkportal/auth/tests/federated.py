"""A house that people enter through an issuer: what its browser and its issuer do between the button and the return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from httpx2 import Response

from lkportal.auth.external import links
from lkportal.auth.external.vouched import Vouched
from lkportal.auth.tests.house import Browser, House
from lkportal.auth.tests.issuer import CLIENT, SECRET, Issuer
from lkportal.core.unit import open_unit

NAME = "company"
BACK = f"/oidc/{NAME}/callback"


def provider(issuer: Issuer, **more: Any) -> dict[str, Any]:
    """Return the settings of a provider."""
    return {"issuer": issuer.url, "client_id": CLIENT, "client_secret": SECRET, "title": "Company", **more}


def leave(browser: Browser, name: str = NAME, **fields: str) -> str:
    """Press the button; return the address the browser is sent to."""
    answer = browser.send(f"/oidc/{name}", "/login", **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def come_back(browser: Browser, said: Mapping[str, str] | list[tuple[str, str]], name: str = NAME) -> Response:
    """Return from the issuer with a query."""
    return browser.get(f"/oidc/{name}/callback?{urlencode(said)}")


def enter(browser: Browser, issuer: Issuer, name: str = NAME, **fields: str) -> Response:
    """Go to the issuer and come back, as an honest person does."""
    return come_back(browser, issuer.authorize(leave(browser, name, **fields)), name)


def link(house: House, identity_id: int, issuer: str, subject: str = "u-1", name: str = NAME) -> None:
    """Link a person elsewhere to one of ours, the short way."""
    with open_unit(house.portal.database, house.portal.unit_context()) as db:
        assert links.link(db, Vouched(issuer, subject, name, label="somebody there"), identity_id)


def refusals(house: House) -> list[str]:
    """Return why sign-ins elsewhere were refused, as the audit tells it."""
    with house.portal.database.reading() as connection:
        rows = connection.exec_driver_sql(
            "SELECT detail FROM audit_records WHERE outcome = 'refused' ORDER BY id"
        ).all()
    return [str(row[0]) for row in rows]
