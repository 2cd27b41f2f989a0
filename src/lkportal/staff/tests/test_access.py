"""The desk prints letters with codes, verifies people after seeing a passport, makes codes and takes links back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from lkportal.accounts.contract import GuestLinks
from lkportal.app import Portal
from lkportal.core.policy import AccountRef
from lkportal.testing import Visitor, World
from lkportal.testing.world import rows

ON_SQLITE = pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)


def levels(portal: Portal) -> list[tuple[object, ...]]:
    """Return (role, level) of everybody who has an account."""
    return [*rows(portal.database, "SELECT role, level FROM accounts_memberships WHERE revoked_at IS NULL ORDER BY id")]


@ON_SQLITE
def test_a_letter_is_asked_for_printed_and_opens_the_account(
    portal: Portal,
    world: World,
    account: AccountRef,
    staff: Visitor,
    visit: Callable[..., Visitor],
    work_off: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newcomer = visit(world.customer("new@example.org"))
    newcomer.post("/claim/letter", {"number": account.number})
    work_off()
    page = staff.get("/staff/letters").text
    assert account.number in page
    monkeypatch.setattr("lkportal.accounts.claims.codes.new_code", lambda: "K7M2P-9XRTA")
    action = re.search(r'action="(/staff/letters/\w+/print)"', page)
    assert action is not None

    letter = staff.post(action[1], page="/staff/letters")

    assert letter.headers["content-type"] == "application/pdf"
    assert letter.content.startswith(b"%PDF")
    assert account.number not in staff.get("/staff/letters").text, "a printed letter waits no more"
    assert (
        newcomer.post("/claim", {"number": account.number, "by": "accounts.post", "proof": "k7m2p 9xrta"}).headers[
            "location"
        ]
        == f"/home/{account.public_id}/"
    )
    assert levels(portal) == [("owner", 2)]
    assert "K7M2P" not in str(rows(portal.database, "SELECT * FROM accounts_proof_codes"))
    assert staff.post(action[1], page="/staff/letters").status_code == 404


@ON_SQLITE
def test_the_desk_verifies_makes_codes_and_takes_links_back(
    portal: Portal, world: World, account: AccountRef, customer: Visitor, staff: Visitor, visit: Callable[..., Visitor]
) -> None:
    where = f"/staff/access/{account.public_id}"
    assert f'href="{where}"' in staff.get(f"/staff/accounts/{account.public_id}").text
    membership = re.search(r'name="membership" value="(\w+)"', staff.get(where).text)
    assert membership is not None
    form = {"membership": membership[1]}
    assert staff.post(where, {**form, "level": "0"}).status_code == 303
    assert customer.get(f"/home/{account.public_id}/newcomers").status_code == 403
    assert staff.post(where, {**form, "level": "2"}).status_code == 422, "nobody looked at a passport"
    assert levels(portal) == [("owner", 0)]
    assert staff.post(where, {**form, "level": "2", "seen": "on"}).status_code == 303
    assert customer.get(f"/home/{account.public_id}/newcomers").status_code == 200
    assert (
        rows(
            portal.database,
            "SELECT detail FROM audit_records WHERE action = 'accounts.level_raised' ORDER BY id DESC LIMIT 1",
        )[0][0]
        == '{"document":"passport","level":2}'
    )

    code = re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", staff.post(f"{where}/code", page=where).text)
    assert code is not None
    second = visit(world.customer("second@example.org"))
    typed = {"number": account.number, "by": "accounts.paper", "proof": code[0]}
    assert second.post("/claim", typed).status_code == 303

    with world.unit() as db:
        maker = portal.ports.get(GuestLinks)  # type: ignore[type-abstract]
        path = maker.make(db, "readings.submit", account).removeprefix(portal.sites[0].public_url)
    assert second.get(path).status_code == 200
    link = re.search(r'name="link" value="(\w+)"', staff.get(where).text)
    assert link is not None
    assert staff.post(f"{where}/revoke", {"link": link[1]}, page=where).status_code == 303
    assert second.get(path).status_code == 410

    auditor = visit(world.staff("auditor@example.org", "auditor"))
    assert auditor.get(where).status_code == 403
    assert auditor.get("/staff/letters").status_code == 403
