"""Who takes care of a request: rules of the company asked in their order, and a classifier whose guess is checked. No HTTP here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.accounts.models import Account, StaffRole
from lkportal.auth.models import Identity
from lkportal.core.contributions import JobSpec, Listener
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext, enqueue
from lkportal.core.policy import SYSTEM, AuditLog
from lkportal.core.ports import port
from lkportal.core.search import Typed, words_of
from lkportal.core.unit import context
from lkportal.core.work.states import changed
from lkportal.modules.tickets import states
from lkportal.modules.tickets.contract import Classifier, Guess, TicketOpened, Unsorted
from lkportal.modules.tickets.models import Message, Rule, Ticket
from lkportal.modules.tickets.office import Office

CLASSIFY = "tickets.classify"
SURE = 0.7
"""A guess that is less sure than this is left alone."""
_LONGEST = 8_000
# A rule that names somebody who left the company fits as ever, and gives the request to nobody.
_RULES = (
    select(Rule.title, Rule.type, Rule.words, Rule.segment, Rule.urgent, Identity.id.label("assignee_id"))
    .outerjoin(
        Identity,
        (Identity.id == Rule.assignee_id)
        & Identity.disabled_at.is_(None)
        & select(StaffRole.identity_id).where(StaffRole.identity_id == Identity.id).exists(),
    )
    .order_by(Rule.position, Rule.id)
    .limit(500)
)
_SEGMENT = select(Account.organisation_id).where(Account.id == bindparam("of"))
_OPENED = (
    select(Ticket.id, Ticket.public_id, Ticket.account_id, Ticket.type, Ticket.subject, Message.body)
    .join(Message, Message.ticket_id == Ticket.id)
    .where(Ticket.public_id == bindparam("ticket"), Message.side == "customer")
    .order_by(Message.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What rules say of a request: `rule` is the title of the one that fits, "" for none."""

    assignee_id: int | None = None
    urgent: bool = False
    rule: str = ""


def decide(db: Session, account_id: int, kind: str, *said: str) -> Decision:
    """Return what the first rule that fits says of a request of type `kind` in which `said` is written."""
    rules = db.execute(_RULES).all()
    if not rules:
        return Decision()
    segment = ""
    if any(each.segment for each in rules):
        segment = "company" if db.execute(_SEGMENT, {"of": account_id}).scalar() else "household"
    return fitting(rules, kind, segment, said)


def fitting(rules: Iterable[Any], kind: str, segment: str, said: Iterable[str]) -> Decision:
    """Return what the first rule that fits says. Pure."""
    texts = [each[:_LONGEST] for each in said]
    for rule in rules:
        if rule.type in ("", kind) and rule.segment in ("", segment) and _is_said(rule.words, texts):
            return Decision(rule.assignee_id, rule.urgent, rule.title)
    return Decision()


def checked(guess: object, types: Iterable[str]) -> Guess:
    """Return a guess as far as it may be believed: a type there is, being sure as a number from 0 to 1. Anything else is no guess."""
    if not isinstance(guess, Guess) or isinstance(guess.sure, bool) or not isinstance(guess.sure, int | float):
        return Guess()
    if not (isfinite(guess.sure) and SURE <= guess.sure <= 1):
        return Guess()
    return Guess(guess.type if guess.type in set(types) else "", guess.urgent is True, float(guess.sure))


def ask_classifier(db: Session, envelope: Envelope) -> None:
    """Leave work for the classifier, where there is one."""
    if db.info["unit"].ports.find(Classifier) is not None:
        enqueue(db, CLASSIFY, {"ticket": envelope.body["ticket"]}, dedup=f"{CLASSIFY}:{envelope.body['ticket']}")


def classify(ctx: JobContext, *, ticket: str) -> None:
    """Ask the classifier about a request, check what it says, and hurry or hand over what nobody took meanwhile."""
    classifier = ctx.ports.find(Classifier)  # type: ignore[type-abstract]
    with ctx.reading() as connection:
        row = connection.execute(_OPENED, {"ticket": ticket}).first()
    if classifier is None or row is None:
        return
    types = ctx.ports.get(Office).types
    asked = Unsorted(row.type, row.subject, row.body[:_LONGEST], tuple((each.name, str(each.title)) for each in types))
    guess = checked(classifier.classify(asked), (each.name for each in types))
    with ctx.unit(finish=True) as db:
        found = decide(db, row.account_id, guess.type or row.type, row.subject, row.body)
        apply(db, row.id, ticket, Decision(found.assignee_id, found.urgent or guess.urgent, found.rule))


def apply(db: Session, key: int, ticket: str, found: Decision) -> None:
    """Give a request that is new and nobody's to whom rules name; hurry it. What somebody of the company did meanwhile stands."""
    hand = update(Ticket).where(Ticket.id == key, Ticket.state == states.NEW, Ticket.assignee_id.is_(None))
    hurry = update(Ticket).where(Ticket.id == key, Ticket.state == states.NEW, Ticket.urgent.is_(False))
    done = 0
    if found.assignee_id is not None:
        done += changed(db.connection().execute(hand.values(assignee_id=found.assignee_id)))
    if found.urgent:
        done += changed(db.connection().execute(hurry.values(urgent=True)))
    if done:
        note(db, ticket, found)


def note(db: Session, ticket: str, found: Decision) -> None:
    """Write into the audit by which rule a request was handed over or hurried; the customer's history does not know of it."""
    detail: dict[str, str | int] = {"rule": found.rule, "urgent": int(found.urgent)}
    before = context(db)  # that of the customer who asked: neither they nor their account did it
    db.info["unit"] = replace(before, actor=SYSTEM, account_public=None, organisation_public=None)
    try:
        port(db, AuditLog).record(db, "tickets.routed", target=ticket, detail=detail)  # type: ignore[type-abstract]
    finally:
        db.info["unit"] = before


def _is_said(lines: Iterable[str], texts: list[str]) -> bool:
    lines = list(lines)
    return not lines or any(Typed(words_of(line)).fits(*texts) for line in lines)


LISTENERS = (
    Listener(
        TicketOpened.name, CLASSIFY, ask_classifier, text("tickets.work.ask_classifier", "Asks the reader of requests")
    ),
)
ROUTING_JOBS = (
    JobSpec(CLASSIFY, classify, attempts=3, title=text("tickets.work.classify", "Sorts a request by what it says")),
)
