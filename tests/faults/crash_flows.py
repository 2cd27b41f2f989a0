"""The pay flow as a person and a provider walk it, written so that it can be begun again after a crash: a form sent again is
the same form, a paid payment is not paid again. Runs in a process that may die at any step."""

from __future__ import annotations

import base64
import json
import re
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.error import HTTPError

from sqlalchemy import insert, text

from lkportal.app import Portal
from lkportal.auth import sessions
from lkportal.auth.settings import AuthSettings
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.unit import open_unit
from lkportal.modules.payments.books import ledger
from lkportal.modules.payments.methods import agreeing
from lkportal.modules.payments.methods.agreeing import Agreement
from lkportal.staff.reports.models import Count
from lkportal.testing.clients import PortalClient
from lkportal.testing.sandbox import SECRET, SHOP
from lkportal.testing.world import NOON, World
from lkportal.web.cookies import SESSION, cookie_name

AMOUNT = 148_260
LOGIN = "anna@example.org"
FORM = "theSameFormAgain"
_CHARGE = NOON.replace(hour=10, minute=30) + timedelta(days=2)
Flow = Callable[[Portal], None]
_TOKEN = re.compile(r'name="csrf_token"\s+value="([^"]+)"')


def move_in(portal: Portal) -> None:
    """Make an account with its owner and her session; let the provider forget what was before and live in the same time."""
    world = World(portal.database, _clock(portal), portal.ports)
    account = world.account()
    anna = world.customer(LOGIN, account)
    settings: AuthSettings = portal.settings_of("auth")
    with open_unit(portal.database, portal.unit_context("test")) as db:
        begun = sessions.begin(db, anna.id or 0, "customer", sessions.Origin(), settings)
        # The desk's numbers were counted before, as on every day but the first: it takes the longest of all and moves no money.
        measures = [each.name for report in portal.registry.reports for each in report.measures]
        db.execute(insert(Count), [{"measure": name, "counted_at": NOON, "since": NOON.date()} for name in measures])
    keep = {"session": begun.token, "account": account.public_id}
    (portal.data_dir / "anna.json").write_text(json.dumps(keep), "utf-8")
    control(portal, "reset")
    control(portal, "clock", seconds=NOON.timestamp() - control(portal, "clock")["now"])
    portal.worker().run_once()  # schedules begin to count from here


def by_notice(portal: Portal) -> None:
    """Pay and leave; the provider's notice comes and the worker follows it."""
    with browser(portal) as anna:
        _send_form(portal, anna)
        _notify(anna, use_card(portal))
    portal.worker().run_once()


def by_return(portal: Portal) -> None:
    """Pay and come back before the notice; then it comes twice."""
    with browser(portal) as anna:
        _send_form(portal, anna)
        notices = use_card(portal)
        _come_back(portal, anna)
        _notify(anna, notices * 2)
    portal.worker().run_once()


def by_itself(portal: Portal) -> None:
    """Pay and leave, and the notice is lost: the portal finds out by itself."""
    with browser(portal) as anna:
        _send_form(portal, anna)
    use_card(portal)
    recover(portal)


def recover(portal: Portal) -> None:
    """Let a quarter of an hour pass, minute by minute at first, and do what waits."""
    for minutes in (0, 1, 2, 5, 7):
        _clock(portal).advance(timedelta(minutes=minutes))
        portal.worker().run_once()


def restart(portal: Portal) -> None:
    """Recover after a crash. The flow itself took up to a quarter of an hour, which a new process's clock must not live again: what
    was begun at its end would still be held."""
    _clock(portal).advance(timedelta(minutes=15))
    recover(portal)


def use_card(portal: Portal) -> list[bytes]:
    """Pay whatever the provider holds unpaid; return the bodies of its notices."""
    for payment in control(portal, "", path="/v3/payments?limit=100")["items"]:
        if payment["status"] == "pending":
            control(portal, "pay", payment_id=payment["id"], card="success")
    return [json.dumps(each["body"]).encode() for each in control(portal, "", path="/_control/notices")["items"]]


def browser(portal: Portal) -> PortalClient:
    """Return the owner's browser."""
    site = portal.sites[0]
    cookie = f"{cookie_name(site, SESSION)}={_kept(portal)['session']}"
    return PortalClient(
        portal.edge,
        base_url=site.public_url,
        client=("127.0.0.1", 50_000),
        headers={"cookie": cookie, "origin": site.origin, "accept-language": "en"},
    )


def post(portal: Portal, module: str, fields: dict[str, str]) -> None:
    """Send the form of a module's first page: done, or refused since it was done before."""
    path = f"/{module}/{_kept(portal)['account']}/"
    with browser(portal) as anna:
        token = _TOKEN.search(anna.get(path).text)
        assert token is not None
        answer = anna.post(path, data={"csrf_token": unescape(token[1]), **fields})
        assert answer.status_code in (303, 422), answer.text


def control(portal: Portal, act: str, *, path: str = "", **body: Any) -> dict[str, Any]:
    """Pull a string behind the provider's stage, or ask its API. Not through the client whose calls are crash points."""
    shop = portal.settings_of("payments").yookassa
    address = shop.base_url.removesuffix("/v3") + (path or f"/_control/{act}")
    request = urllib.request.Request(address, None if path else json.dumps(body).encode())
    request.add_header("Authorization", "Basic " + base64.b64encode(f"{SHOP}:{SECRET}".encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found
    except HTTPError as error:
        raise AssertionError(error.read()) from error


def _send_form(portal: Portal, anna: PortalClient, **more: str) -> None:
    page = anna.get(_home(portal) + "/pay")
    token = _TOKEN.search(page.text)
    assert token is not None, page.text
    form = {"csrf_token": unescape(token[1]), "token": FORM, "amount": "1482,60", **more}
    assert anna.post(_home(portal) + "/pay", data=form).status_code == 303


def _notify(anna: PortalClient, notices: list[bytes]) -> None:
    for body in notices:
        assert anna.post("/payments/hooks/yookassa", content=body).status_code == 200


def _come_back(portal: Portal, anna: PortalClient) -> None:
    _clock(portal).advance(timedelta(seconds=5))
    for payment in _payments(portal):
        assert anna.get(f"{_home(portal)}/payments/{payment}").status_code == 200


def _clock(portal: Portal) -> MovableClock:
    assert isinstance(portal.clock, MovableClock)
    return portal.clock


def _home(portal: Portal) -> str:
    return f"/payments/{_kept(portal)['account']}"


def _kept(portal: Portal) -> dict[str, str]:
    kept: dict[str, str] = json.loads((portal.data_dir / "anna.json").read_text("utf-8"))
    return kept


def _anna(portal: Portal) -> Actor:
    with portal.database.reading() as connection:
        public = connection.execute(
            text("SELECT public_id FROM auth_identities WHERE login = :login"), {"login": LOGIN}
        )
        return Actor("customer", public_id=public.scalar_one(), login=LOGIN)


def _payments(portal: Portal) -> list[str]:
    with portal.database.reading() as connection:
        return list(connection.execute(text("SELECT public_id FROM payments_payments ORDER BY id")).scalars())


def agree_to_autopay(portal: Portal) -> None:
    """Live where a card was remembered, autopay agreed to, and a charge told of."""
    move_in(portal)
    with browser(portal) as anna:
        _send_form(portal, anna, amount="1,00", save="1")
        use_card(portal)
        _come_back(portal, anna)
    with open_unit(portal.database, replace(portal.unit_context("test"), actor=_anna(portal))) as db:
        account = db.execute(text("SELECT id, currency FROM accounts_accounts")).one()
        mine = ledger.customer(db, account.id, account.currency)
        other = ledger.shared(db, "opening", "test", account.currency)
        ledger.book(db, "opening:autopay", "opening", mine, other, AMOUNT + 100, account.currency, NOON.date())
        method = db.execute(text("SELECT public_id FROM payments_methods")).scalar_one()
        about = AccountRef(account.id, _kept(portal)["account"], "", "", "Europe/Moscow", account.currency, "default")
        agreeing.switch_on(db, about, Agreement(str(method), "bill", _CHARGE.day, AMOUNT, "I agree", "Autopay"))
    _clock(portal).set(_CHARGE - timedelta(hours=20))
    portal.worker().run_once()


def by_autopay(portal: Portal) -> None:
    """The day of the charge comes, and the hour after it."""
    _live(portal, _CHARGE)


def after_autopay(portal: Portal) -> None:
    """The portal is started again and goes on by itself for some hours."""
    for hours in (1, 2, 3):
        _live(portal, _CHARGE + timedelta(hours=hours))


def _live(portal: Portal, since: datetime) -> None:
    for minutes in (0, 2, 15):
        _clock(portal).set(since + timedelta(minutes=minutes))
        portal.worker().run_once()
