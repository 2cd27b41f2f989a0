"""A portal with readings and a module that breaks, people at its desk, customers with accounts; several processes of it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from httpx2 import Response
from sqlalchemy import select

from lkportal.accounts.models import Account, Brand, Membership, Organisation, Premise, StaffRole
from lkportal.app import Portal, create_app
from lkportal.auth import identities
from lkportal.auth.passwords import Passwords
from lkportal.core.asked.letters import Mailer
from lkportal.core.clock import MovableClock
from lkportal.core.contributions import Section
from lkportal.core.hookspecs import hookimpl
from lkportal.core.logs import json_logger
from lkportal.core.module import Module
from lkportal.core.unit import open_unit
from lkportal.modules import readings
from lkportal.testing.clients import PortalClient
from lkportal.testing.schemas import bring_up
from lkportal.testing.world import NOON, rows

PASSWORD = "kettle under nine maps"
PROCESSES = "http://testserver"
broken = Module(
    "broken", "Broken", "1", "lkportal.staff.tests", hooks="lkportal.staff.tests.office", requires=("accounts",)
)


def _fail(_rows: Any, _shown: Any) -> dict[str, Any]:
    raise RuntimeError("anna@example.org broke it")


@hookimpl
def sections() -> list[Section]:
    """One section that always fails."""
    return [Section("staff:customer", "broken.section", "broken/none.html", {}, _fail)]


@dataclass
class Office:
    """Portals over one database. `portal` is the first process, `another()` starts one more; `brands` are folders by key."""

    url: str
    folder: Path
    clock: MovableClock = field(default_factory=lambda: MovableClock(NOON))
    said: io.StringIO = field(default_factory=io.StringIO)
    brands: Mapping[str, str] = field(default_factory=dict)
    portals: list[Portal] = field(default_factory=list)
    staff: Mapping[str, Any] = field(default_factory=dict)
    letters: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        first = self._made()
        bring_up(first.database, first.known)
        first.start()
        first.edge.log = json_logger("info", self.said)
        self._hash = first.ports.get(Passwords).make(PASSWORD)

    @property
    def portal(self) -> Portal:
        """The first process."""
        return self.portals[0]

    def another(self) -> Portal:
        """Return one more process of the same portal."""
        made = self._made()
        made.start()
        return made

    def browser(self, login: str, portal: Portal | None = None) -> Browser:
        """Return a browser signed in as `login` at one process."""
        browser = Browser(portal or self.portal)
        answer = browser.send("/login", login=login, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return browser

    def person(self, login: str, name: str, *roles: str, email: str = "") -> int:
        """Return the key of a new person: one of the company's people when there are roles, else a customer."""
        kind = "staff" if roles else "customer"
        with open_unit(self.portal.database, self.portal.unit_context()) as db:
            mailbox = email or (login if "@" in login else "")
            identities.create(db, kind=kind, login=login, name=name, password_hash=self._hash, email=mailbox)
            found = identities.by_login(db.connection(), login)
            assert found is not None
            for role in roles:
                db.add(StaffRole(identity_id=found.id, role=role, granted_at=self.clock.now()))
            return int(found.id)

    def account(self, number: str, title: str, *owners: int, holder: str = "", address: str = "", org: str = "") -> str:
        """Return the public id of a new account. Owners of one with `org` reach it through the organisation."""
        now = self.clock.now()
        with open_unit(self.portal.database, self.portal.unit_context()) as db:
            premise = Premise(address=address or title)
            organisation = Organisation(name=org, tax_number="2900000000") if org else None
            db.add_all([each for each in (premise, organisation) if each])
            db.flush()
            row = Account(
                brand_id=db.scalars(select(Brand.id)).one(),
                premise_id=premise.id,
                organisation_id=organisation.id if organisation else None,
                number=number,
                title=title,
                holder=holder,
                time_zone="Europe/Moscow",
                currency="RUB",
                opened_at=now,
            )
            db.add(row)
            db.flush()
            for owner in owners:
                scope = {"organisation_id": organisation.id} if organisation else {"account_id": row.id}
                db.add(Membership(identity_id=owner, role="owner", created_at=now, **scope))
            return row.public_id

    def audit(self, action: str) -> list[tuple[object, ...]]:
        """Return (actor's kind, outcome, account, target) of the records of an action."""
        found = rows(
            self.portal.database, "SELECT action, actor, outcome, account, target FROM audit_records ORDER BY id"
        )
        return [(str(who).partition(":")[0], *rest) for what, who, *rest in found if what == action]

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        return [tuple(row) for row in rows(self.portal.database, statement)]

    def letter_link(self, to: str) -> str:
        """Do the work that waits and return the path of the link in the last letter to somebody."""
        self.portal.ports._filled[Mailer] = _Box(self.letters)
        while self.portal.worker().run_once():
            pass
        values = next(values for name, _, values in reversed(self.letters) if name == to)
        return str(values["link"]).removeprefix(PROCESSES)

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The log's lines about one kind of event."""
        read = [json.loads(line) for line in self.said.getvalue().splitlines()]
        return [line for line in read if line["event"] == event]

    def close(self) -> None:
        """Stop all processes."""
        for portal in self.portals:
            portal.stop()

    def _made(self) -> Portal:
        overrides: dict[str, Any] = {
            "secret_key": "k" * 32,
            "portal": {"data_dir": str(self.folder), "public_url": PROCESSES, "log_level": "error"},
            "database": {"url": self.url},
            "modules": {"enabled": ["readings", "broken"]},
            "jobs": {"in_web": False, "engine": "table"},
            "auth": {"hash_memory_kib": 8192, "hash_passes": 1},
            "staff": {"late_hours": {"meters": 26}, **self.staff},
        }
        if self.brands:
            overrides["portal"]["brands"] = dict(self.brands)
        made = create_app(overrides=overrides, modules=[readings.module, broken], clock=self.clock)
        self.portals.append(made)
        return made


class _Box:
    """Keeps letters in place of sending them."""

    def __init__(self, letters: list[tuple[str, str, Mapping[str, Any]]]) -> None:
        self._letters = letters

    def deliver(self, *, to: str, template: str, values: Mapping[str, Any], **_rest: str) -> None:
        self._letters.append((to, template, values))


class Browser:
    """A browser without scripts: cookies, and a CSRF token from the page a form stands on."""

    def __init__(self, portal: Portal) -> None:
        self.client = PortalClient(portal, base_url=PROCESSES, headers={"accept-language": "en"})

    def get(self, path: str) -> Response:
        """Open a page."""
        return self.client.get(path)

    def find(self, typed: str) -> Response:
        """Type into the field of the desk."""
        return self.client.get("/staff/", params={"q": typed})

    def send(self, path: str, page: str = "", **fields: str | list[str]) -> Response:
        """Fill in the form of `page` (the same path, unless named) and send it to `path`."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page or path).text)
        assert token is not None
        return self.client.post(path, data={"csrf_token": token[1], **fields})
