"""The people of a scripted day: residents who pay, send readings, ask and agree; clerks who answer, publish and load statements; managers
who work in the CRM and the bookkeeping in the ERP. What each did is noted, so that it can be looked for when the day is over."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import httpx2
from PIL import Image
from sqlalchemy import text

from lkportal.app import Portal
from lkportal.connectors.bank.tests.statements import Paid, written
from lkportal.core.policy import AccountRef, Actor
from lkportal.testing.forms import forms_of
from tests.faults.day.outages import Systems
from tests.faults.payers import Payer, signed_in

DEBTS = "InformationRegister_Задолженность"
MARK = "Клиенту: "


@dataclass(frozen=True, slots=True)
class Said:
    """Something written about a request: its words hold a tag of their own. `inner`: for the company alone; `kept`: the portal took it."""

    ticket: str
    side: str
    inner: bool = False
    kept: bool = True


@dataclass
class Notes:
    """What was done, by whoever did it. Tags are words that stand nowhere else."""

    asked: dict[str, str] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    said: dict[str, Said] = field(default_factory=dict)
    readings: dict[str, list[int]] = field(default_factory=dict)
    transfers: dict[str, int] = field(default_factory=dict)
    documents: dict[str, str] = field(default_factory=dict)
    agreed: set[str] = field(default_factory=set)
    news: int = 0
    debts: dict[str, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    _tags: int = 0

    def tag(self) -> str:
        """Return a word that nobody said yet."""
        with self.lock:
            self._tags += 1
            return f"z{self._tags:05}q"


@dataclass
class Resident(Payer):
    """Somebody with an account, a meter, requests and documents."""

    notes: Notes = field(default_factory=Notes)
    register: str = ""
    milli: int = 100_000
    tickets: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def look(self) -> None:
        """Open some pages."""
        own = self.account.public_id
        for path in self.dice.sample((f"/payments/{own}/", f"/readings/{own}/", f"/tickets/{own}/", "/notices"), 2):
            assert self.send("GET", path).status_code == 200, path

    def pay_something(self) -> None:
        """Pay a bill of some size."""
        self.pay(100 * self.dice.randint(10, 900))

    def read_the_meter(self) -> None:
        """Send a reading that is a little more than the last, often twice."""
        value = self.milli + 1_000 * self.dice.randint(1, 3)
        typed = {f"readings[{self.register}]": str(value // 1_000), f"confirmed[{self.register}]": "1"}
        page = f"/readings/{self.account.public_id}/"
        self.twice(page, page, typed)
        self.milli = value
        self.notes.readings.setdefault(self.register, []).append(value)

    def ask(self) -> None:
        """Send a request."""
        tag, page = self.notes.tag(), f"/tickets/{self.account.public_id}/new/tickets.other"
        answer = self.twice(page, page, {"body": f"{tag} The water is brown"})
        ticket = answer.headers["location"].rstrip("/").rpartition("/")[2]
        self.tickets.append(ticket)
        self.notes.asked[tag] = ticket

    def write(self) -> None:
        """Write in a request; now and then take one back."""
        if not self.tickets:
            return self.ask()
        ticket = self.dice.choice(self.tickets)
        page = f"/tickets/{self.account.public_id}/{ticket}/"
        if self.dice.random() < 0.08:
            self.tickets.remove(ticket)
            self.notes.withdrawn.add(ticket)
            self.twice(page, f"{page}withdraw", {})
            return None
        tag = self.notes.tag()
        self.twice(page, f"{page}say", {"body": f"{tag} It is still brown"})
        self.notes.said[tag] = Said(ticket, "customer", kept=was_written(self.portal, tag))
        return None

    def agree(self) -> None:
        """Agree to a document that waits, if there is one."""
        own = self.account.public_id
        waiting = [each for each, whose in self.notes.documents.items() if whose == own]
        waiting = [each for each in waiting if each not in self.notes.agreed]
        if not waiting:
            return self.look()
        page = f"/documents/{own}/{waiting[0]}/"
        self.twice(page, f"{page}agree", {})
        self.notes.agreed.add(waiting[0])
        return None

    def twice(self, page: str, action: str, typed: Mapping[str, str]) -> httpx2.Response:
        """Fill in the form of a page and send it, now and then twice; return the last answer."""
        return sent(self.send, page, action, typed, times=1 + (self.dice.random() < 0.25))


@dataclass
class Clerk:
    """Somebody of the company at the desk. `addresses` are those of the processes that serve."""

    portal: Portal
    actor: Actor
    addresses: Sequence[str]
    notes: Notes
    dice: random.Random
    client: httpx2.Client
    lock: Lock = field(default_factory=Lock)

    def enter(self) -> None:
        """Sign in: at the desk one is soon signed out."""
        self.client.headers.update(signed_in(self.portal, self.actor))

    def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Ask one of the processes."""
        return self.client.request(method, self.dice.choice(list(self.addresses)) + path, **more)

    def answer(self, ticket: str) -> None:
        """Answer a request, or note something for colleagues."""
        tag, page = self.notes.tag(), f"/staff/tickets/{ticket}/"
        inner = self.dice.random() < 0.3
        typed = {"body": f"{tag} We come tomorrow", "after": "open"} | ({"inner": "1"} if inner else {})
        sent(self.send, page, f"{page}answer", typed)
        self.notes.said[tag] = Said(ticket, "company", inner, was_written(self.portal, tag))

    def publish(self, account: AccountRef) -> None:
        """Publish a document that asks for agreement."""
        page = f"/staff/documents/new/{account.public_id}"
        typed = {"kind": "documents.contract", "title": f"Contract {self.notes.tag()}", "asks": "agree"}
        files = {"file": ("contract.pdf", PAPER, "application/octet-stream")}
        answer = sent(self.send, page, page, typed, files=files)
        self.notes.documents[answer.headers["location"].rstrip("/").rpartition("/")[2]] = account.public_id

    def tell_news(self) -> None:
        """Publish an announcement for everybody."""
        page, tag = "/staff/news/announcement", self.notes.tag()
        typed = {"title[en]": f"News {tag}", "body[en]": "We open at 8.", "title[ru]": f"News {tag}", "body[ru]": "8."}
        shown = sent(self.send, page, page, typed).headers["location"]
        sent(self.send, shown, f"{shown}publish", {"when": "now"})
        self.notes.news += 1

    def load_statement(self, accounts: list[AccountRef], day: str) -> None:
        """Load a statement of the bank, and the same once more: overlapping statements bring each transfer once."""
        paid = []
        for account in accounts:
            number, amount = self.notes.tag()[1:-1], self.dice.randint(100, 900)
            self.notes.transfers[number] = amount * 100
            paid.append(Paid(number, day, f"{amount}.00", f"ЖКУ, л/с {account.number}"))
        for _ in range(2):
            files = {"statement": ("kl_to_1c.txt", written(paid), "text/plain")}
            sent(self.send, "/staff/bank/", "/staff/bank/", {}, files=files)


@dataclass
class Others:
    """Managers in the CRM and bookkeepers in the ERP: they work while their system lives."""

    systems: Systems
    notes: Notes
    dice: random.Random
    hint: Callable[[], object]

    def comment(self) -> None:
        """Write a comment at a deal: for the customer, or for colleagues."""
        with self._at("crm") as lives:
            deals = list(self.systems.crm.deals.items()) if lives else []
            if deals:
                number, deal = self.dice.choice(deals)
                tag, inner = self.notes.tag(), self.dice.random() < 0.35
                self.systems.crm.manager(number, f"{'' if inner else MARK}{tag} The pipes are flushed")
                self.notes.said[tag] = Said(deal["originId"], "crm", inner)
        if deals and self.dice.random() < 0.5:
            self.hint()

    def drag(self) -> None:
        """Move a deal."""
        with self._at("crm") as lives:
            deals = list(self.systems.crm.deals) if lives else []
            if deals:
                self.systems.crm.drag(
                    self.dice.choice(deals), self.dice.choice(("EXECUTING", "EXECUTING", "WON", "C7:EXECUTING"))
                )

    def set_debt(self, number: str) -> None:
        """Book a debt in the ERP."""
        with self._at("erp") as lives, self.systems.erp.lock:
            if lives:
                minor = 100 * self.dice.randint(1, 5_000)
                rows = self.systems.erp.sets[DEBTS]
                rows[:] = [row for row in rows if row["ЛицевойСчет"] != number]
                rows.append({"ЛицевойСчет": number, "Сумма": minor / 100})
                self.notes.debts[number] = minor

    @contextmanager
    def _at(self, name: str) -> Iterator[bool]:
        """Nobody works in a system that is dead, and it dies behind nobody's back."""
        with self.systems.lock:
            yield name in self.systems.alive


def sent(
    send: Any, page: str, action: str, typed: Mapping[str, str], *, times: int = 1, files: Any = None
) -> httpx2.Response:
    """Send the form of a page that leads to `action`, as often as told: what is hidden in it and what was typed. Return the answer."""
    shown = send("GET", page)
    assert shown.status_code == 200, f"{page} answers {shown.status_code}"
    found = [form for form in forms_of(shown.text) if form.method == "post" and (form.action or page) == action]
    if not found:  # nothing of the kind may be done here any more: what is sent all the same must change nothing
        token = next(dict(form.fields)["csrf_token"] for form in forms_of(shown.text) if form.method == "post")
        hidden = {"csrf_token": token}
    else:
        hidden = {name: value for name, value in found[0].fields if name in ("csrf_token", "token", "seen")}
    for _ in range(times):
        answer: httpx2.Response = send("POST", action, data={**hidden, **typed}, files=files)
        if found:
            assert answer.status_code == 303, f"{action} answers {answer.status_code}: {answer.text[:2000]}"
    return answer


def was_written(portal: Portal, tag: str) -> bool:
    """Whether the portal holds a message with this tag: a request may have been closed before somebody pressed the button."""
    with portal.database.reading() as connection:
        query = text("SELECT count(*) FROM tickets_messages WHERE body LIKE :words")
        return bool(connection.execute(query, {"words": f"{tag} %"}).scalar())


def _paper() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (120, 160), "white").save(made, "PDF")
    return made.getvalue()


PAPER = _paper()
