"""A portal of auth, accounts and audit with a postbox instead of a mail server, and browsers to visit it with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from httpx2 import Response
from sqlalchemy import delete, insert, inspect, select, text

from lkportal import accounts, audit, auth
from lkportal.accounts.models import Account, Membership
from lkportal.accounts.models import Brand as BrandRow
from lkportal.app import Portal
from lkportal.auth import identities
from lkportal.auth.guard import on_account, signed_in, staff
from lkportal.auth.passwords import Passwords
from lkportal.auth.second import totp
from lkportal.core.asked.letters import Letters, Mailer
from lkportal.core.clock import MovableClock
from lkportal.core.contributions import JobSpec, PortBinding, RouteSpec
from lkportal.core.db import Base
from lkportal.core.hookspecs import hookimpl
from lkportal.core.module import Module
from lkportal.core.policy import Permission
from lkportal.core.protection.crypto import new_key
from lkportal.core.settings import read_configuration
from lkportal.core.unit import open_unit
from lkportal.testing.clients import PortalClient
from lkportal.testing.schemas import bring_up
from lkportal.testing.world import NOON
from lkportal.theming.papers.letters import letter_html, letter_look
from lkportal.web import Request, route

PASSWORD = "kettle under nine maps"
OTHER = "lantern by the seventh gate"
KEY = new_key("k1")
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)

yard = Module(
    "yard",
    "Yard",
    "1",
    "lkportal.auth.tests",
    hooks="lkportal.auth.tests.house",
    requires=("accounts",),
    always_on=True,
    permissions=(
        Permission("yard.see", "See", roles=("owner", "reader")),
        Permission("yard.work", "Work", roles=("owner",)),
        Permission("yard.desk", "Desk", staff=("operator",)),
    ),
)


@dataclass(frozen=True)
class Letter:
    """A letter as it was handed over."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str

    @property
    def link(self) -> str:
        """The path of the only link in its text."""
        found: str = re.findall(r"http://testserver(/\S*)", self.text)[0]
        return found


@dataclass
class Postbox:
    """Fills the port Mailer: keeps letters, rendered as notify renders them."""

    portal: Any
    letters: list[Letter] = field(default_factory=list)

    def deliver(
        self, *, to: str, template: str, values: Mapping[str, Any], locale: str, brand: str, message_id: str
    ) -> None:
        words = self.portal.locales.get(locale or None)
        theme = self.portal.theme(brand or "default")
        look = letter_look(theme)
        given = {
            **values,
            **look,
            "brand": theme.book.sheet,
            "locale_code": words.code,
            "home_url": "http://testserver/",
        }
        plain = self.portal.environment(brand or "default", words, html=False).get_template(f"{template}.txt")
        html = self.portal.environment(brand or "default", words).get_template(f"{template}.html")
        subject = "".join(plain.blocks["subject"](plain.new_context(given))).strip()
        shown = letter_html(html.render({**given, "subject": subject}), plain.environment, look)
        self.letters.append(Letter(to, subject, plain.render(given), shown, message_id))


class Posted:
    """Fills the port Letters: a queued letter is in the postbox at once."""

    def __init__(self, portal: Any) -> None:
        self._portal = portal

    def send(
        self, db: Any, *, to: str, template: str, values: Mapping[str, Any], locale: str, brand: str, kind: str
    ) -> None:
        """Put a letter into the postbox."""
        postbox = self._portal.ports.get(Mailer)
        if to.startswith("+"):
            postbox.letters.append(Letter(to, template, "", "", kind))
            return
        postbox.deliver(to=to, template=template, values=values, locale=locale, brand=brand, message_id=kind)


def _hello(request: Request) -> Any:
    from starlette.responses import PlainTextResponse

    return PlainTextResponse(f"{request.actor.name} {request.account.number if request.account else '-'}")


@hookimpl
def routes() -> list[RouteSpec]:
    return [
        route("/me", _hello, name="me", policy=signed_in()),
        route("/pay", _hello, name="pay", policy=signed_in(step_up="payment")),
        route("/sign", _hello, name="sign", policy=signed_in(step_up="signature")),
        route("/{account}/see", _hello, name="see", policy=on_account("yard.see")),
        route("/{account}/work", _hello, name="work", policy=on_account("yard.work")),
        route("/{account}/vault", _hello, name="vault", policy=on_account("yard.see", step_up=True)),
    ]


@hookimpl
def staff_pages() -> list[RouteSpec]:
    return [route("/desk", _hello, name="desk", policy=staff("yard.desk"))]


@hookimpl
def jobs() -> list[JobSpec]:
    return []


@hookimpl
def ports() -> list[PortBinding]:
    return [PortBinding(Mailer, Postbox), PortBinding(Letters, Posted)]


class House:
    """The portal with its clock and postbox."""

    def __init__(self, url: str, folder: str, **settings: Any) -> None:
        also: tuple[Module, ...] = settings.pop("also", ())
        overrides = {
            "secret_key": "k" * 32,
            "encryption_keys": [KEY],
            "portal": {"data_dir": folder, "public_url": settings.pop("public_url", "http://testserver")},
            "database": {"url": url},
            "jobs": {"in_web": False, "engine": "table"},
            "auth": {"hash_memory_kib": 8192, "hash_passes": 1, **settings},
        }
        self.clock = MovableClock(NOON)
        known = [auth.module, accounts.module, audit.module, yard, *also]
        self.portal = Portal(read_configuration(None, overrides), known, self.clock)
        bring_up(self.portal.database, known)
        self.portal.start()

    @property
    def letters(self) -> list[Letter]:
        """Do what waits, then return every letter so far."""
        self.portal.worker().run_once()
        postbox = self.portal.ports.get(Mailer)  # type: ignore[type-abstract]
        assert isinstance(postbox, Postbox)
        return postbox.letters

    def person(self, login: str, kind: str = "customer", password: str = PASSWORD) -> int:
        """Return the key of a new person."""
        made = self.portal.ports.get(Passwords).make(password)
        with open_unit(self.portal.database, self.portal.unit_context()) as db:
            email = login if "@" in login else ""
            identities.create(db, kind=kind, login=login, name=login[:4], password_hash=made, email=email)
            found = identities.by_login(db.connection(), login)
            assert found is not None
            return int(found.id)

    def account(self, number: str, *owners: int, role: str = "owner") -> str:
        """Return the public id of a new account."""
        with open_unit(self.portal.database, self.portal.unit_context()) as db:
            brand = db.scalars(select(BrandRow.id)).first()
            row = Account(
                brand_id=brand,
                number=number,
                title=number,
                time_zone="Europe/Moscow",
                currency="RUB",
                opened_at=self.clock.now(),
            )
            db.add(row)
            db.flush()
            for owner in owners:
                values = {"identity_id": owner, "account_id": row.id, "role": role, "created_at": self.clock.now()}
                db.execute(insert(Membership), values)
            return row.public_id

    def browser(self, address: str = "203.0.113.7", base_url: str = "http://testserver", **headers: str) -> Browser:
        """Return a new browser that comes from `address`."""
        return Browser(self, address, base_url, headers)

    def count(self, statement: str) -> int:
        """Return the number that a plain SQL statement finds."""
        with self.portal.database.reading() as connection:
            return int(connection.execute(text(statement)).scalar_one())

    def dump(self) -> str:
        """Return everything in the database, as a thief of a copy would read it."""
        with self.portal.database.reading() as connection:
            names = [name for name in inspect(connection).get_table_names() if name != "sqlite_sequence"]
            return "\n".join(
                f"{name}: {tuple(row)}"
                for name in sorted(names)
                for row in connection.exec_driver_sql(f'SELECT * FROM "{name}"')
            )

    def empty(self) -> None:
        """Forget every person, account and letter; brands and the schema stay. The clock goes back to noon."""
        with self.portal.database.unit() as db:
            for table in reversed(Base.metadata.sorted_tables):
                if table.name.partition("_")[0] in ("core", "auth", "accounts") and table.name != "accounts_brands":
                    db.execute(delete(table))
        self.clock.set(NOON)
        self.letters.clear()

    def close(self) -> None:
        """Stop the portal."""
        self.portal.stop()


class Browser:
    """A browser: cookies, a CSRF token from each page, no scripts."""

    def __init__(self, house: House, address: str, base_url: str, headers: Mapping[str, str]) -> None:
        self.house = house
        self.client = PortalClient(
            house.portal,
            base_url=base_url,
            client=(address, 50_000),
            headers={"accept-language": "en", "user-agent": CHROME, **headers},
        )

    def get(self, path: str) -> Response:
        """Open a page."""
        return self.client.get(path)

    def send(self, path: str, page: str = "", **fields: str) -> Response:
        """Fill in the form of `page` (the same path, unless named) and send it to `path`."""
        token = token_in(self.get(page or path).text)
        return self.client.post(path, data={"csrf_token": token, **fields})

    def sign_in(self, login: str, password: str = PASSWORD, **fields: str) -> Response:
        """Sign in."""
        return self.send("/login", login=login, password=password, **fields)

    def set_up_app(self) -> tuple[str, list[str]]:
        """Set up an authenticator app; return its seed and the recovery codes. The half minute of the first code goes by."""
        shown = self.get("/settings/second/app").text
        sealed, seed = re.findall(r'name="seed" value="([^"]+)"', shown)[0], seed_in(shown)
        answer = self.send("/settings/second/app", seed=sealed, code=self.code(seed))
        assert answer.status_code == 200, answer.text
        self.house.clock.advance(timedelta(seconds=totp.STEP))
        return seed, re.findall(r"<strong>([0-9a-z-]{14})</strong>", answer.text)

    def code(self, seed: str, later: int = 0) -> str:
        """Return the code an app shows now, or so many half minutes later."""
        return totp.code_at(seed, totp.step_at(self.house.clock.now()) + later)

    def second_step(self, code: str, kind: str = "totp") -> Response:
        """Take the second step of a sign-in."""
        return self.send("/login/second", code=code, kind=kind)

    def inside(self) -> bool:
        """Whether a page for signed-in people opens."""
        return self.get("/settings/sessions").status_code == 200


def seed_in(html: str) -> str:
    """Return the seed that a page shows to authenticator apps."""
    found = re.search(r"secret=([A-Z2-7]+)", html)
    assert found is not None, html[:2000]
    return found[1]


def token_in(html: str) -> str:
    """Return the CSRF token of the first form of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found is not None, html[:2000]
    return found[1]


def settled(house: House) -> tuple[Browser, str, list[str]]:
    """Return Anna's browser with an app set up, its seed, the recovery codes."""
    house.person("anna@example.org")
    browser = house.browser()
    browser.sign_in("anna@example.org")
    seed, codes = browser.set_up_app()
    return browser, seed, codes
