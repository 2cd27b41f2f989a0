"""A small town for the tests of notify: a whole portal on a real database, a real mail server, an account with its people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from sqlalchemy import update

from lkportal.accounts.brands import remember_brands
from lkportal.accounts.models import Brand, Membership
from lkportal.app import Portal, create_app
from lkportal.auth import sessions
from lkportal.auth.models import Identity
from lkportal.auth.settings import AuthSettings
from lkportal.core.clock import MovableClock
from lkportal.core.policy import AccountRef, Actor
from lkportal.core.protection.crypto import new_key
from lkportal.modules.readings.models import Meter, Register
from lkportal.modules.readings.service import Submission, submit
from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import window
from lkportal.notify.tests.probe import module as probe
from lkportal.notify.tests.probe.hooks import DONE
from lkportal.testing.clients import PortalClient
from lkportal.testing.schemas import bring_up
from lkportal.testing.world import NOON, World, rows

URL = "http://lk.example.org"
_READINGS = ReadingsSettings()


@dataclass
class PostOffice:
    """A real mail server. `answers` are what it says to the next letters instead of 250, by the command it says it to."""

    letters: list[EmailMessage] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)
    host: str = "127.0.0.1"
    port: int = 0

    def _answer(self, command: str) -> str:
        if self.answers and self.answers[0][0] == command:
            return self.answers.pop(0)[1]
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take or refuse a recipient."""
        answer = self._answer("RCPT")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        """Take or refuse a letter."""
        answer = self._answer("DATA")
        if answer.startswith("250"):
            self.letters.append(message_from_bytes(envelope.content, policy=default))
        return answer

    def to(self, address: str) -> list[EmailMessage]:
        """Return the letters that came for an address."""
        return [letter for letter in self.letters if letter["To"] == address]


class _AnyPort(Controller):
    """A controller that knocks at the port the system chose."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def post_office(**options: Any) -> Iterator[PostOffice]:
    """Run a mail server on a free port; `options` are those of aiosmtpd's Controller."""
    office = PostOffice()
    controller = _AnyPort(office, hostname=office.host, port=0, **options)
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()


@dataclass
class Town:
    """The portal, its mail server, and an account with a meter."""

    portal: Portal
    office: PostOffice
    world: World
    account: AccountRef
    register: str

    def person(self, login: str, *accounts: AccountRef, role: str = "owner", locale: str = "") -> Actor:
        """Return a new customer whose mailbox is confirmed, a member of `accounts`."""
        actor = self.world.customer(login, *accounts, role=role)
        self.change(actor, email_confirmed_at=NOON, locale=locale)
        return actor

    def change(self, actor: Actor, **values: Any) -> None:
        """Change columns of a person."""
        with self.world.unit() as db:
            db.execute(update(Identity).where(Identity.id == actor.id).values(**values))

    def revoke(self, actor: Actor) -> None:
        """Take all memberships from a person."""
        with self.world.unit() as db:
            db.execute(update(Membership).where(Membership.identity_id == actor.id).values(revoked_at=NOON))

    def send_reading(self, actor: Actor, cubic_metres: int = 416) -> None:
        """Send a reading as `actor`: the event that people are told about."""
        today = date(2026, 11, 22)
        with self.world.unit(actor) as db:
            data = Submission({self.register: cubic_metres * 1000}, frozenset({self.register}))
            submit(db, self.account, data, window(today, _READINGS), _READINGS)

    def work(self) -> None:
        """Do all work that is due."""
        self.portal.worker().run_once()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what plain SQL finds."""
        return list(rows(self.portal.database, statement))

    def client(self, actor: Actor | None = None, language: str = "ru") -> PortalClient:
        """Return a browser, signed in as `actor`."""
        cookies = {}
        if actor is not None and actor.id is not None:
            with self.world.unit(actor) as db:
                begun = sessions.begin(db, actor.id, actor.kind, sessions.Origin(), AuthSettings())
            cookies = {sessions_cookie(): begun.token}
        headers = {"accept-language": language}
        return PortalClient(self.portal, base_url=URL, cookies=cookies, headers=headers)


def sessions_cookie() -> str:
    """The name of the session cookie over http."""
    return "lk_session"


@contextmanager
def town(database_url: str, folder: Path, office: PostOffice, *, notify: Any = None, **portal: Any) -> Iterator[Town]:
    """Found a town on an empty or migrated database. `portal` adds to the table [portal], `notify` is the table [notify]."""
    DONE.clear()  # what one town has done is not done in the next
    clock = MovableClock(NOON)
    overrides = {
        "secret_key": "k" * 40,
        "encryption_keys": [new_key("k1")],
        "portal": {"public_url": URL, "data_dir": folder, **portal},
        "database": {"url": database_url},
        "modules": {"enabled": ["readings", "probe"]},
        "jobs": {"engine": "table", "in_web": False},
        "mail": {"host": office.host, "port": office.port, "timeout_seconds": 5},
        "notify": notify or {},
    }
    made = create_app(overrides=overrides, clock=clock, modules=[probe])
    bring_up(made.database, made.known)
    world = World(made.database, clock, made.ports)
    with world.unit() as db:
        remember_brands(db, [(face.key, face.theme.book) for face in made.live.faces.faces])
    account = world.account()
    try:
        yield Town(made, office, world, account, _meter(world, account))
    finally:
        made.stop()


def wear(town: Town, brand: str) -> None:
    """Make the account one of another brand."""
    with town.world.unit() as db:
        chosen = db.query(Brand).filter(Brand.key == brand).one()
        db.connection().exec_driver_sql(f"UPDATE accounts_accounts SET brand_id = {chosen.id}")


def _meter(world: World, account: AccountRef) -> str:
    with world.unit() as db:
        meter = Meter(account_id=account.id, resource="cold_water", unit="m3", serial="18-1", place="kitchen")
        db.add(meter)
        db.flush()
        register = Register(
            meter_id=meter.id,
            last_milli=412_000,
            last_on=date(2026, 10, 18),
            last_period=date(2026, 10, 1),
            usual_milli=4_000,
        )
        db.add(register)
        db.flush()
        return register.public_id
