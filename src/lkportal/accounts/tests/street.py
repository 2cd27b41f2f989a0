"""A portal with payments, readings and a guest module whose cards behave as a test wants; people who live on a street."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from httpx2 import Response
from sqlalchemy import delete, insert, select, text, update

from lkportal.accounts import service
from lkportal.accounts.brands import remember_brands
from lkportal.accounts.contract import AccountRef, Accounts, Role
from lkportal.accounts.models import Account, Brand, Membership, Organisation
from lkportal.app import Portal, create_app
from lkportal.auth import sessions
from lkportal.auth.models import Identity
from lkportal.auth.sessions import Origin
from lkportal.core.clock import MovableClock
from lkportal.core.contributions import Card, Said, Shown
from lkportal.core.hookspecs import hookimpl
from lkportal.core.i18n import text as words
from lkportal.core.logs import json_logger
from lkportal.core.module import Module
from lkportal.core.policy import SYSTEM, Actor, AuditLog, Permission
from lkportal.core.ports import port
from lkportal.core.protection.crypto import new_key
from lkportal.core.unit import open_unit
from lkportal.modules import payments, readings
from lkportal.modules.readings.models import Meter
from lkportal.testing.canaries import tables_of
from lkportal.testing.clients import PortalClient
from lkportal.testing.schemas import bring_up
from lkportal.testing.world import NOON
from lkportal.web.cookies import SESSION, cookie_name

ADDRESS = "http://testserver"
COUNT_FOR_EVER = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n"
)
guest = Module(
    "guest",
    "Guest",
    "1",
    "lkportal.accounts.tests",
    hooks="lkportal.accounts.tests.street",
    requires=("accounts",),
    permissions=(
        Permission("guest.secret", "See the guest's secret", roles=("owner",)),
        Permission("guest.hang", "See the card that hangs", roles=("payer",)),
        Permission("guest.break", "See the cards that break", roles=("reader",)),
    ),
)


def _greeting(rows: Mapping[str, Sequence[Any]], shown: Shown) -> Mapping[str, Any]:
    return {"words": f"{rows['own'][0].number} on {shown.today}, year from {rows['own'][0].since}"}


def _breaks(_rows: Mapping[str, Sequence[Any]], _shown: Shown) -> Mapping[str, Any]:
    raise RuntimeError("anna@example.org broke it")


def _presses(_rows: Mapping[str, Sequence[Any]], shown: Shown) -> Said:
    looked, look = words("guest.presses", "Somebody looked at the secret"), words("guest.look", "Look")
    return Said(looked, shown.url("accounts:settings"), look)


@hookimpl
def cards() -> list[Card]:
    """A card that greets, one for owners, one that raises, one whose statement hangs, one whose template is missing."""
    own = {"own": text("SELECT number, :since AS since FROM accounts_accounts WHERE id = :account_id")}
    return [
        Card(
            "guest.hangs",
            "guest/card.html",
            {"for_ever": COUNT_FOR_EVER},
            lambda _r, _s: {},
            order=1,
            action="guest.hang",
            urgent=_presses,
        ),
        Card("guest.breaks", "guest/card.html", {}, _breaks, order=2, action="guest.break"),
        Card("guest.lost", "guest/nowhere.html", {}, lambda _r, _s: {}, order=3, action="guest.break"),
        Card("guest.greets", "guest/card.html", own, _greeting, order=4),
        Card(
            "guest.secret",
            "guest/card.html",
            {},
            lambda _r, _s: {"words": "a secret"},
            order=5,
            action="guest.secret",
            urgent=_presses,
        ),
        Card("guest.silent", "guest/card.html", {}, lambda _r, _s: None, order=6),
    ]


@dataclass
class Street:
    """The portal with its clock, its log and ways to people it."""

    url: str
    folder: Path
    clock: MovableClock = field(default_factory=lambda: MovableClock(NOON))
    said: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        overrides = {
            "secret_key": "k" * 32,
            "encryption_keys": [new_key("k1")],
            "portal": {"data_dir": str(self.folder), "public_url": ADDRESS, "log_level": "error"},
            "database": {"url": self.url},
            "modules": {"enabled": ["payments", "readings", "guest"]},
            "jobs": {"in_web": False, "engine": "table"},
            "accounts": {"card_ms": 200, "page_ms": 1000},
        }
        known = [payments.module, readings.module, guest]
        self.portal: Portal = create_app(overrides=overrides, modules=known, clock=self.clock)
        bring_up(self.portal.database, self.portal.known)
        self.portal.start()
        self.portal.edge.log = json_logger("info", self.said)

    def unit(self) -> Any:
        """Open a unit of work as the system."""
        return open_unit(self.portal.database, self.portal.unit_context("test"))

    def person(self, name: str, kind: str = "customer") -> Identity:
        """Return a new person."""
        with self.unit() as db:
            row = Identity(
                kind=kind, login=f"{name.lower()}@example.org", email=f"{name.lower()}@example.org", name=name,
                created_at=self.clock.now(),
            )  # fmt: skip
            db.add(row)
            db.flush()
            return row

    def organisation(self, name: str) -> Organisation:
        """Return a new organisation."""
        with self.unit() as db:
            row = Organisation(name=name, tax_number="2900000007")
            db.add(row)
            db.flush()
            return row

    def accounts(self, count: int, organisation: Organisation | None = None, first: int = 1) -> list[AccountRef]:
        """Return new accounts numbered from `first`, at houses of Lesnaya street."""
        with self.unit() as db:
            brand = db.scalars(select(Brand.id)).one()
            shared = {"brand_id": brand, "organisation_id": organisation.id if organisation else None, "holder": ""}
            shared |= {"time_zone": "Europe/Moscow", "currency": "RUB", "opened_at": self.clock.now()}
            numbers = [f"{first + place:010}" for place in range(count)]
            db.execute(insert(Account), [{"number": n, "title": f"Лесная, {int(n)}", **shared} for n in numbers])
            found = db.scalars(select(Account.public_id).where(Account.number.in_(numbers[:50])).order_by(Account.id))
            directory = self.portal.ports.get(Accounts)  # type: ignore[type-abstract]
            return [ref for public in list(found) if (ref := directory.by_public_id(db, public))]

    def account(self, *owners: Identity, role: Role = "owner", number: int = 1) -> AccountRef:
        """Return a new account that people reach in a role."""
        (made,) = self.accounts(1, first=number)
        for owner in owners:
            self.grant(owner, made, role)
        return made

    def grant(self, person: Identity, scope: AccountRef | Organisation, role: Role = "owner") -> str:
        """Give a person a right; return the membership's public id."""
        with self.unit() as db:
            if isinstance(scope, Organisation):
                return service.grant_organisation(db, person.id, scope, role)
            return service.grant(db, person.id, scope, role)

    def narrow(self, membership: str, right: str) -> None:
        """Switch a right off for a person."""
        with self.unit() as db:
            db.execute(update(Membership).where(Membership.public_id == membership).values(without=right))

    def meter(self, account: AccountRef) -> None:
        """Put a meter on an account."""
        with self.unit() as db:
            db.add(Meter(account_id=account.id, resource="cold_water", unit="m3", serial="18-1", place="Kitchen"))

    def revoke(self, membership: str) -> None:
        """Take a right back."""
        with self.unit() as db:
            service.revoke(db, membership)

    def browser(self, person: Identity | None = None, **headers: str) -> Browser:
        """Return a browser in which a person is signed in."""
        cookies = {}
        if person is not None:
            with self.unit() as db:
                begun = sessions.begin(db, person.id, person.kind, Origin(), self.portal.settings_of("auth"))
            cookies = {cookie_name(self.portal.edge.default_site, SESSION): begun.token}
        return Browser(self, cookies, headers)

    def act(self, action: str, account: AccountRef | None, actor: Actor = SYSTEM, **more: Any) -> None:
        """Write an act into the audit."""
        circumstances = replace(self.portal.unit_context("test"), actor=actor)
        with open_unit(self.portal.database, circumstances) as db:
            port(db, AuditLog).record(db, action, account=account, **more)  # type: ignore[type-abstract]

    def number(self, statement: str) -> int:
        """Return the number that a plain SQL statement finds."""
        with self.portal.database.reading() as connection:
            return int(connection.execute(text(statement)).scalar_one())

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The log's lines about one kind of event."""
        read = [json.loads(line) for line in self.said.getvalue().splitlines()]
        return [line for line in read if line["event"] == event]

    def empty(self) -> None:
        """Forget everybody and everything; the schema and the brand stay."""
        with self.portal.database.unit() as db:
            # Children go first, so nobody has to look for those of each row.
            if db.get_bind().dialect.name == "postgresql":
                db.execute(text("SET LOCAL session_replication_role = replica"))
            for table in reversed(tables_of(["core", *(module.name for module in self.portal.registry.modules)])):
                if table.name != "accounts_brands":
                    db.execute(delete(table))
            remember_brands(db, [(site.key, self.portal.theme(site.key).book) for site in self.portal.sites])
        self.clock.set(NOON)
        self.said.seek(0)
        self.said.truncate()

    def close(self) -> None:
        """Stop the portal."""
        self.portal.stop()


class Browser:
    """A browser without scripts. `statements` are those of the last page, up to its answer."""

    def __init__(self, street: Street, cookies: Mapping[str, str], headers: Mapping[str, str]) -> None:
        self._street = street
        self.statements: list[str] = []
        self.client = PortalClient(
            street.portal,
            base_url=ADDRESS,
            cookies=dict(cookies),
            headers={"accept-language": "en", **headers},
        )

    def get(self, path: str) -> Response:
        """Open a page; what is written after the answer is not counted."""
        self.statements = []
        with self._street.portal.database.observe(self._count):
            return self.client.get(path)

    def send(self, path: str, **fields: str) -> Response:
        """Fill in the form of a page and send it."""
        token = re.findall(r'name="csrf_token" value="([^"]+)"', self.get(path).text)[0]
        return self.client.post(path, data={"csrf_token": token, **fields})

    def send_to(self, page: str, path: str, **fields: str) -> Response:
        """Send a form of one page to an address of its own."""
        return self.send_many(page, path, fields)

    def send_many(self, page: str, path: str, fields: Mapping[str, str | list[str]]) -> Response:
        """Send a form in which a field may come several times."""
        token = re.findall(r'name="csrf_token" value="([^"]+)"', self.get(page).text)[0]
        return self.client.post(path, data={"csrf_token": token, **fields})

    def _count(self, moment: str, sql: str) -> None:
        if moment == "before_statement" and sql.startswith(("SELECT", "WITH")):
            self.statements.append(sql)
