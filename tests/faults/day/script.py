"""A scripted day of a portal with everything that exchanges with others: people act, the CRM, the ERP, the mail server and the worker are
killed and come back at moments drawn from a seed, time goes on. Who acts how stands in day_people, what must hold in judging."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
from sqlalchemy import Select, bindparam, select

from lkportal.app import Portal
from lkportal.connectors.bank.tests.statements import OURS
from lkportal.core.policy import AccountRef
from lkportal.core.tables import jobs, outbox
from lkportal.modules.readings.models import Meter, Register
from lkportal.testing import Recipe, SandboxDriver, World, portals
from lkportal.testing.clients import PortalClient
from lkportal.testing.crashes import work_off
from lkportal.testing.sandbox import SECRET, sandbox_process
from lkportal.testing.systems.onec import LOGIN, PASSWORD
from tests.faults import processes
from tests.faults.day.outages import Systems, systems
from tests.faults.day.people import DEBTS, Clerk, Notes, Others, Resident
from tests.faults.fast_clock import FastClock

SPEED = 6.0
"""So many times faster than the machine's runs the portal's clock while people act: a lease of a minute is ten seconds."""
CHAPTER = timedelta(minutes=20)
CALM_SECONDS = 60
TOKEN = "token of the outgoing webhook"
MODULES = ("payments", "readings", "tickets", "documents", "news", "onec", "bitrix24", "bank")
ACTS: dict[str, int] = {
    "look": 26, "pay": 13, "read": 8, "ask": 9, "write": 11, "agree": 4, "answer": 9, "publish": 2, "load": 2,
    "comment": 9, "drag": 3, "debt": 4,
}  # fmt: skip
"""How often each act comes, of a hundred. News come a few times a day, whatever its length."""
_BUSY = (select(jobs.c.id).where(jobs.c.state == "running", jobs.c.worker.like(bindparam("mine"))),)
_LEFT = (
    select(outbox.c.id).where(outbox.c.number.is_(None)),
    select(jobs.c.id).where(jobs.c.state.in_(("running", "handed"))),
    select(jobs.c.id).where(jobs.c.state == "waiting", jobs.c.run_at <= bindparam("now")),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One act of the script: what, by which of those who do such things, with which luck."""

    act: str
    who: int
    luck: int


@dataclass
class Day:
    """The portal of the day, in this process too, and everybody in it."""

    portal: Portal
    clock: FastClock
    provider: SandboxDriver
    systems: Systems
    served: Sequence[processes.Served]
    overrides: dict[str, Any]
    dice: random.Random
    notes: Notes = field(default_factory=Notes)
    residents: list[Resident] = field(default_factory=list)
    clerks: list[Clerk] = field(default_factory=list)
    cold: list[AccountRef] = field(default_factory=list)
    acted: Counter[str] = field(default_factory=Counter)

    @property
    def letters(self) -> Path:
        """The folder that the mail server fills."""
        return Path(self.systems.post.args[0])

    def live(self, actions: int, outages: int, *, chapters: int) -> None:
        """Let `actions` happen in so many chapters, `outages` of each system at seeded moments; then let everything settle."""
        script, deaths = self._script(actions), self._deaths(actions, outages)
        self.systems.revive("worker")
        size = -(-actions // chapters)
        for begin in range(0, actions, size):
            for clerk in self.clerks:
                clerk.enter()
            self._chapter(script[begin : begin + size], {at - begin: what for at, what in deaths.items()})
            self._calm(5)
            self._pass(CHAPTER)
        self._settle()

    def _script(self, actions: int) -> list[Step]:
        acts = self.dice.choices(list(ACTS), list(ACTS.values()), k=actions)
        for place in self.dice.sample(range(actions), min(3, actions // 100)):
            acts[place] = "news"
        return [Step(act, self.dice.randrange(1_000_000), self.dice.randrange(1_000_000)) for act in acts]

    def _deaths(self, actions: int, outages: int) -> dict[int, list[tuple[str, str]]]:
        """Return what is killed and revived before which act."""
        found: dict[int, list[tuple[str, str]]] = {}
        for name in ("crm", "erp", "post", "worker"):
            moments = sorted(self.dice.sample(range(2, actions), 2 * outages))
            for number, moment in enumerate(moments):
                found.setdefault(moment, []).append((name, "revive" if number % 2 else "kill"))
        return found

    def _chapter(self, script: Sequence[Step], deaths: dict[int, list[tuple[str, str]]]) -> None:
        with ThreadPoolExecutor(4) as crowd:
            begun: list[Future[None]] = []
            for number, step in enumerate(script):
                for name, what in deaths.get(number, ()):
                    if begun:
                        begun[-1].exception()
                    getattr(self.systems, what)(name)
                begun.append(crowd.submit(self._act, step))
            for each in begun:
                each.result()

    def _act(self, step: Step) -> None:
        """Do one act; nobody does two things at once."""
        by_residents: dict[str, Callable[[Resident], object]] = {
            "look": Resident.look, "pay": Resident.pay_something, "read": Resident.read_the_meter, "ask": Resident.ask,
            "write": Resident.write, "agree": Resident.agree,
        }  # fmt: skip
        resident, clerk = self.residents[step.who % len(self.residents)], self.clerks[step.who % len(self.clerks)]
        others = Others(self.systems, self.notes, random.Random(step.luck), self._hint)
        if step.act in by_residents:
            with resident.lock:
                by_residents[step.act](resident)
        elif step.act in ("comment", "drag"):
            getattr(others, step.act)()
        elif step.act == "debt":
            others.set_debt(self.cold[step.who % len(self.cold)].number)
        else:
            with clerk.lock:
                self._at_desk(step, clerk, resident)
        with self.notes.lock:
            self.acted[step.act] += 1

    def _at_desk(self, step: Step, clerk: Clerk, resident: Resident) -> None:
        tickets = list(self.notes.asked.values())
        if step.act == "news":
            clerk.tell_news()
        elif step.act == "load":
            day = self.clock.now().astimezone(ZoneInfo("Europe/Moscow")).strftime("%d.%m.%Y")
            clerk.load_statement([resident.account, self.cold[step.who % len(self.cold)]], day)
        elif step.act == "publish" or not tickets:
            clerk.publish(resident.account)
        else:
            clerk.answer(tickets[step.luck % len(tickets)])

    def _hint(self) -> None:
        """The CRM says that something changed."""
        form = {"event": "ONCRMTIMELINECOMMENTADD", "auth[application_token]": TOKEN}
        clerk = self.clerks[0]
        assert clerk.send("POST", "/bitrix24/hook", data=form).status_code == 204

    def _pass(self, delta: timedelta) -> None:
        self.clock.advance(delta)
        self.provider.move_clock(delta.total_seconds())

    def _calm(self, seconds: float = CALM_SECONDS) -> None:
        """Wait until nothing is under way or due, at most so long; without a worker nothing is waited for.

        Then wait until the worker does nothing, whatever is due: while a job runs, time must not jump over its lease.
        """
        self._until(_LEFT, seconds)
        self._until(_BUSY, CALM_SECONDS)

    def _until(self, none_of: Sequence[Select[tuple[int]]], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while "worker" in self.systems.alive and time.monotonic() < deadline:
            values = {"now": self.clock.now(), "mine": f"%:{self.systems.worker.pid}:%"}
            with self.portal.database.reading() as connection:
                if not any(connection.execute(each, values).first() for each in none_of):
                    return
            time.sleep(0.05)

    def _settle(self) -> None:
        """Let everything live again and do what waits; then let time go on, hours and days, with this process at work."""
        for name in ("crm", "erp", "post", "worker"):
            self.systems.revive(name)
        if self.served:
            self.provider.settled(15)
        self._calm()
        self.systems.worker.leave()
        self.systems.alive.discard("worker")
        for each in self.served:
            each.stop()
        for minutes in (1, 2, 6, 12, 30, 70, 150, 400, 1_440, 5, 60, 600):
            self._pass(timedelta(minutes=minutes))
            work_off(self.portal)


@contextmanager
def day(url: str, folder: Path, seed: int, *, residents: int, served: int) -> Iterator[Day]:
    """Open a portal on the migrated database at `url`, served by so many processes, or by this one alone when 0."""
    with ExitStack() as standing:
        made = standing.enter_context(systems(folder))
        made.erp.sets[DEBTS] = []
        port = standing.enter_context(processes.shared_port())
        address = f"http://127.0.0.1:{port}"
        hook = f"{address}/payments/hooks/yookassa" if served else ""
        provider = standing.enter_context(sandbox_process(notify=hook))
        overrides = settings(url, folder, address, made, provider)
        clock = FastClock.made(folder / "clock", datetime.now(UTC), SPEED)
        portal = standing.enter_context(Recipe(overrides).running(clock))
        several = standing.enter_context(processes.several(overrides, port, folder, served, clock.file))
        made.worker.args = (overrides, str(clock.file))
        whole = Day(portal, clock, provider, made, several, overrides, random.Random(seed))
        move_in(whole, residents, [address, *(each.own for each in several)] if served else [""])
        yield whole


def settings(url: str, folder: Path, address: str, made: Systems, provider: SandboxDriver) -> dict[str, Any]:
    """Return the settings of the portal: all that exchanges with others, with short time limits."""
    shop = provider.settings(timeout=2.0).model_dump(mode="json", exclude={"secret_key"})
    debts = {
        "kind": "registry", "entity": DEBTS, "fields": {"account": "ЛицевойСчет", "amount": "Сумма"},
        "order": "ЛицевойСчет", "minutes": 15,
    }  # fmt: skip
    return portals.settings(
        url,
        str(folder),
        {
            "portal": {"public_url": address, "log_level": "error"},
            "modules": {"enabled": MODULES},
            "mail": {"host": "127.0.0.1", "port": made.post.args[1]},
            "payments": {"gateway": "yookassa", "yookassa": {**shop, "secret_key": SECRET}},
            "onec": {"address": made.erp.root, "login": LOGIN, "password": PASSWORD, "timeout": 1.0, "pulls": [debts],
                     "payments": {"entity": made.erp.documents}},
            "bitrix24": {"webhook": made.crm.webhook, "timeout": 1.0, "hook_token": TOKEN},
            "bank": {"accounts": [OURS]},
        },
    )  # fmt: skip


def move_in(whole: Day, residents: int, addresses: list[str]) -> None:
    """Let people live in the portal: residents with a meter each, accounts that nobody enters, clerks."""
    portal, dice = whole.portal, whole.dice
    world = World(portal.database, whole.clock, portal.ports)  # type: ignore[arg-type]

    def client() -> httpx2.Client:
        if addresses != [""]:
            return httpx2.Client(trust_env=False, timeout=60)
        return PortalClient(portal, base_url=portal.sites[0].public_url)

    for number in range(residents):
        account = world.account(f"07{number:08}")
        actor = world.customer(f"resident{number}@example.org", account)
        with world.unit() as db:
            meter = Meter(account_id=account.id, resource="cold_water", unit="m3", serial=str(number))
            db.add(meter)
            db.flush()
            register = Register(meter_id=meter.id, last_milli=100_000)
            db.add(register)
            db.flush()
            public = register.public_id
        whole.residents.append(
            Resident(
                portal,
                whole.provider,
                actor,
                account,
                addresses,
                random.Random(dice.random()),
                client=client(),
                notes=whole.notes,
                register=public,
            )
        )
    whole.cold += [world.account(f"09{number:08}") for number in range(5)]
    for number in range(2):
        actor = world.staff(f"clerk{number}@example.org", "operator", "accountant", "specialist")
        own = Clerk(portal, actor, addresses, whole.notes, random.Random(dice.random()), client())
        whole.clerks.append(own)
