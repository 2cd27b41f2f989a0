"""A portal with every module and connector of ours on, and something of each on one account: what is switched off must hide it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lkportal.accounts.contract import STAFF_ROLES
from lkportal.app import ROOMS, Portal
from lkportal.connectors.bank.models import Operation
from lkportal.core.clock import MovableClock
from lkportal.core.connecting.tables import connections, dispatches
from lkportal.core.ids import public_id
from lkportal.core.imports import run_import
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.registry.discovery import installed_modules
from lkportal.core.unit import open_unit
from lkportal.modules.documents.seed import Example, settle_documents
from lkportal.modules.tariffs.seed import ordered_moves
from lkportal.notify.models import Message
from lkportal.testing import portals, utility
from lkportal.testing.town import Town
from lkportal.testing.world import World

KNOWN = (*ROOMS, *installed_modules())
SWITCHABLE = tuple(module.name for module in KNOWN if not module.always_on)
NUMBER, ANNA, CHIEF = "0412778215", "anna@example.org", "chief@example.org"
NOBODY = "http://127.0.0.1:9"
_TARIFFS = {
    "offerings": "code;kind;family;title;price;price_since;connect_price;segment;until\n"
    "fly100;plan;Internet;Flight 100;450,00;;500,00;;\ntv;addon;Television;TV 180;290,00;;0,00;;\n",
    "services": f"account;code;since;where;state\n{NUMBER};fly100;12.03.2024;Garden street 8, 15;active\n",
}
_PAPERS = (
    Example("documents.contract", "Contract of supply", "12-7", "We agree.", asks="agree"),
    Example("documents.act", "Act of works", "3", "The meter was changed."),
)


def settings(url: str, folder: Path, enabled: tuple[str, ...] = SWITCHABLE) -> dict[str, Any]:
    """Return the settings of a portal with these modules on; the tables of the others stay in the file, as companies leave them."""
    own: Mapping[str, Any] = {
        "modules": {"enabled": enabled},
        "payments": {
            "gateway": "yookassa",
            "yookassa": {"shop_id": "1", "secret_key": "x", "base_url": f"{NOBODY}/v3"},
        },
        "onec": {"address": f"{NOBODY}/odata/", "payments": {"entity": "Document_1"}, "timeout": 0.5},
        "bitrix24": {"webhook": f"{NOBODY}/rest/1/x/", "timeout": 0.5},
        "mail": {"host": "127.0.0.1", "port": 9},
    }
    return portals.settings(url, str(folder), own)


def furnish(portal: Portal, clock: MovableClock) -> tuple[AccountRef, Actor, Actor]:
    """Put something of every module onto an account; return it, its owner and somebody of the company who may do everything."""
    town = Town(portal, World(portal.database, clock, portal.ports))
    account = town.world.account(NUMBER, holder="Anna")
    anna = town.world.customer(ANNA, account)
    chief = town.world.staff(CHIEF, *STAFF_ROLES)
    for put in utility.PLANTS.values():
        put(town, account)
    _plant_tariffs(portal, Path(portal.data_dir))
    settle_documents(portal, NUMBER, ANNA, _PAPERS)
    with town.world.unit() as db:
        _plant_exchanges(db, account, clock)
        for notice in portal.registry.notices.values():
            told = {"notice": notice.name, "topic": notice.topic, "template": notice.template, "route": notice.route}
            mine = {"identity_id": anna.id or 0, "account_id": account.id, "created_at": clock.now()}
            words = {"texts": {}, "anyhow": {"title": notice.name, "body": ""}}
            db.add(Message(event_id=public_id(), facts=words, **mine, **told))
    return account, anna, chief


def _plant_exchanges(db: Session, account: AccountRef, clock: MovableClock) -> None:
    """Put a transfer of the bank that nobody knows whose, and what two other systems refused, into the portal."""
    payer = {"payer": "Boris", "payer_inn": "", "payer_account": "", "payer_bank": "", "purpose": "for water"}
    money = {"own_account": "4" * 20, "number": "7", "day": date(2026, 11, 20), "amount": 100_00}
    candidates = [account.public_id]
    db.add(
        Operation(
            key="1", import_id="1", state="unmatched", candidates=candidates, seen_at=clock.now(), **payer, **money
        )
    )
    waits = {"kind": "payment", "facts": {}, "state": "refused", "attempt": 1, "error": "no", "external_id": ""}
    for number, name in enumerate(("onec", "bitrix24")):
        at = {"due_at": clock.now(), "created_at": clock.now()}
        db.execute(insert(dispatches).values(key=public_id(), connector=name, subject=str(number), **waits, **at))
        db.execute(insert(connections).values(name=name, failures=0, error="", holder="", cursor={}))


def _plant_tariffs(portal: Portal, folder: Path) -> None:
    for kind, rows in _TARIFFS.items():
        file = folder / f"{kind}.csv"
        file.write_text(rows, encoding="utf-8")
        report = run_import(portal.database, portal.unit_context("plant"), portal.registry.import_kinds[kind], file)
        assert not report.rejected, report
    with open_unit(portal.database, portal.unit_context("plant")) as db:
        ordered_moves(db, [(NUMBER, "Field street 1")])
