"""Signing by a code: what it takes, what is kept of it, what does not sign."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from lkportal.core.clock import MovableClock
from lkportal.modules.documents.evidence import chain
from lkportal.modules.documents.models import Agreement, Happening, KeptText, Signature, SigningCode
from lkportal.modules.documents.tests.conftest import House, field_of, of_anna, pdf, published, step
from lkportal.testing import Mailbox
from lkportal.testing.races import race


def rows(house: House, statement: Any) -> Any:
    with house.anna.portal.database.reading() as connection:
        return connection.execute(statement).all()


def coded(house: House, page: str, mailbox: Mailbox, work_off: Any, **typed: str) -> str:
    """Ask for a code and return it from its letter."""
    mailbox.clear()
    answer = house.anna.post(f"{page}code", typed, page=f"{page}sign")
    assert answer.status_code == 303, answer.text
    work_off()
    letter = next(each for each in mailbox.to("anna@example.org") if "signing" in each.subject)
    return letter.subject.partition(" ")[0].replace("-", "")


def signed(house: House, page: str, code: str, **typed: str) -> Any:
    shown = house.anna.get(f"{page}sign").text
    values = {name: field_of(shown, f"{page}sign", name) for name in ("token", "seen")} | {"code": code, **typed}
    return house.anna.post(f"{page}sign", values, page=f"{page}sign")


def test_a_document_is_signed_and_all_that_the_law_asks_is_kept(house: House, mailbox: Mailbox, work_off: Any) -> None:
    body = pdf()
    desk = published(house, asks="sign", body=body)
    page = of_anna(house, desk)
    assert house.anna.post(f"{page}code", {}, page=f"{page}sign").status_code == 422

    code = coded(house, page, mailbox, work_off, agreed="on")
    answer = signed(house, page, code)

    assert answer.headers["location"] == page
    shown = house.anna.get(page).text
    assert "Signed." in shown
    assert "You signed" in shown
    assert "The customer signed" in house.olga.get(desk).text
    ((event,),) = [(each,) for each in rows(house, select(Happening.__table__).where(Happening.act == "sign"))]
    ((signature,),) = [(each,) for each in rows(house, select(Signature.__table__))]
    facts, private = event.facts, event.private
    assert signature.sha256 == event.hash
    assert facts["sha256"] == chain.sha256(body)
    assert private["address"] == "anna@example.org"
    assert private["name"]
    assert private["network"]
    assert facts["private"] == chain.sha256(chain.canonical(private))
    assert facts["code"]["guesses"] == 1
    assert (
        facts["code"]["asked_at"] <= facts["code"]["sent_at"] <= facts["code"]["typed_at"] < facts["code"]["expires_at"]
    )
    assert code not in json.dumps([facts, private])
    assert facts["proof"]["session"]
    texts = {each.hash: each.body for each in rows(house, select(KeptText.__table__))}
    assert facts["sha256"] in texts[facts["shown"]]
    assert "simple electronic signature" in texts[facts["agreement"]["sha256"]]


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_code_signs_only_what_it_was_sent_for(
    house: House, clock: MovableClock, mailbox: Mailbox, work_off: Any
) -> None:
    desk, other = published(house, asks="sign"), published(house, asks="sign", body=pdf(2), title="Another")
    page, second = of_anna(house, desk), of_anna(house, other)
    code = coded(house, page, mailbox, work_off, agreed="on")
    coded(house, second, mailbox, work_off)

    assert signed(house, second, code).status_code == 422
    assert signed(house, page, "0000000").status_code == 422
    step(house.olga, desk, "version", files={"file": ("new.pdf", pdf(3), "")})
    assert "Get a code" in house.anna.get(f"{page}sign").text
    late = coded(house, page, mailbox, work_off)
    shown = house.anna.get(f"{page}sign").text
    values = {name: field_of(shown, f"{page}sign", name) for name in ("token", "seen")}
    clock.advance(timedelta(minutes=6))
    assert house.anna.post(f"{page}sign", {**values, "code": late}, page=f"{page}sign").status_code == 422
    assert rows(house, select(func.count()).select_from(Signature)) == [(0,)]


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_five_guesses_and_some_codes_an_hour_are_all_there_are(house: House, mailbox: Mailbox, work_off: Any) -> None:
    page = of_anna(house, published(house, asks="sign"))
    code = coded(house, page, mailbox, work_off, agreed="on")
    shown = house.anna.get(f"{page}sign").text
    values = {name: field_of(shown, f"{page}sign", name) for name in ("token", "seen")}
    for _ in range(5):
        assert house.anna.post(f"{page}sign", {**values, "code": "1111111"}, page=f"{page}sign").status_code == 422
    assert house.anna.post(f"{page}sign", {**values, "code": code}, page=f"{page}sign").status_code == 422
    assert rows(house, select(func.count()).select_from(Signature)) == [(0,)]
    for _ in range(7):
        house.anna.post(f"{page}code", {}, page=f"{page}sign")
    assert "Too many codes" in house.anna.get(f"{page}sign").text
    assert rows(house, select(func.count()).select_from(SigningCode)) == [(6,)]


def test_a_doubled_click_signs_once(house: House, mailbox: Mailbox, work_off: Any) -> None:
    page = of_anna(house, published(house, asks="sign"))
    code = coded(house, page, mailbox, work_off, agreed="on")
    shown = house.anna.get(f"{page}sign").text
    values = {name: field_of(shown, f"{page}sign", name) for name in ("token", "seen")} | {"code": code}
    values["csrf_token"] = house.anna.token(f"{page}sign")

    answers = race(lambda _: house.anna.client.post(f"{page}sign", data=values), range(2))

    assert [each.headers.get("location") for each in answers] == [page, page]
    assert rows(house, select(func.count()).select_from(Signature)) == [(1,)]
    assert rows(house, select(func.count()).select_from(Agreement)) == [(1,)]


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_who_signed_in_long_ago_proves_first_who_they_are(house: House, clock: MovableClock) -> None:
    page = of_anna(house, published(house, asks="sign"))
    clock.advance(timedelta(minutes=11))
    answer = house.anna.get(f"{page}sign")
    assert answer.status_code == 303
    assert "/step-up?" in answer.headers["location"]
    assert "for=signature" in answer.headers["location"]


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_who_may_only_agree_does_not_sign(house: House, world: Any, visit: Any) -> None:
    page = of_anna(house, published(house, asks="sign"))
    bookkeeper = visit(world.customer("vera@example.org", house.home, role="accountant"), house.home)
    assert f'href="{page}sign"' not in bookkeeper.get(page).text
    assert bookkeeper.get(f"{page}sign").status_code == 403
