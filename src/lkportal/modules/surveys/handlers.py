"""What surveys listen to: contacts after which somebody is asked some hours later, ratings given elsewhere, and telling who is asked."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lkportal.accounts.contract import Accounts, Member
from lkportal.core.contributions import JobSpec, Listener, Notice, NoticeSender
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.core.jobs import JobContext, enqueue
from lkportal.core.notices import Due
from lkportal.core.policy import AccountRef
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.modules.surveys import queries, service, views
from lkportal.modules.surveys.contract import SurveyAsked
from lkportal.modules.surveys.occasions import KNOWN, OCCASIONS, SOLVED
from lkportal.modules.surveys.office import Office
from lkportal.modules.tickets.contract import TicketRated, TicketRatings
from lkportal.privacy.contract import Consents

ASK, RIGHT = "surveys.ask", "surveys.answer"


def noticed(db: Session, envelope: Envelope) -> None:
    """Leave work for later: to ask about a contact, when it is one after which people are asked."""
    wait = timedelta(hours=port(db, Office).settings.wait_hours)
    for each in OCCASIONS:
        if each.event == envelope.name and envelope.account and each.fits(envelope.body):
            contact = str(envelope.body[each.field])
            args = {"occasion": each.name, "contact": contact, "account": envelope.account, "actor": envelope.actor}
            enqueue(db, ASK, args, run_at=now(db) + wait, dedup=f"{each.name}:{contact}")


def ask(ctx: JobContext, *, occasion: str, contact: str, account: str, actor: str) -> None:
    """Ask one person about a contact, if there is still something to ask, they may be asked, and were not asked lately."""
    office = ctx.ports.get(Office)
    with ctx.reading() as connection:
        asking = views.asking(occasion, queries.questions(connection).get(occasion))
        about = ctx.ports.get(Accounts).by_public_id(connection, account)  # type: ignore[type-abstract]
        if not asking.on or about is None:
            return
        person = _person(ctx, connection, occasion, contact, actor)
        member = _member(ctx, connection, about, person) if person is not None else None
        if member is None or not _agreed(ctx, connection, member, office.settings.consent):
            return
    with suppress(service.NotNow), ctx.unit() as db:
        service.ask(db, about, member, (occasion, contact), (asking.scale, asking.low), office.settings)


def rated(db: Session, envelope: Envelope) -> None:
    """Count the rating of a request as the answer to the question about it."""
    account = port(db, Accounts).by_public_id(db, envelope.account or "")  # type: ignore[type-abstract]
    if account is None:
        return
    asking = views.asking(SOLVED, queries.questions(db.connection()).get(SOLVED))
    members = port(db, Accounts).members(db, account.id)  # type: ignore[type-abstract]
    who = next((each.identity_id for each in members if envelope.actor == f"customer:{each.public_id}"), None)
    body = envelope.body
    service.rated(db, account, body["ticket"], int(body["rating"]), (asking.scale, asking.low), who)


def tell(db: Session, envelope: Envelope) -> None:
    """Tell the person who is asked, and nobody else of the account."""
    asked = replace(envelope, actor=f"customer:{envelope.body['person']}")
    port(db, NoticeSender).tell(db, NOTICE, asked)  # type: ignore[type-abstract]


def facts(_db: Session, envelope: Envelope) -> Mapping[str, Any]:
    """Return what is told of a question."""
    answer, known = envelope.body["answer"], KNOWN[envelope.body["occasion"]]
    return {"about": answer, "said": known.said, "link_params": {"answer": answer}}


def still_open(connection: Connection, due: Due) -> bool:
    """Whether the question may still be answered."""
    row = connection.execute(queries.OF_NOTICE, {"answer": due.about}).first()
    return row is not None and row.score is None and row.until >= due.now.date()


def _person(ctx: JobContext, connection: Connection, occasion: str, contact: str, actor: str) -> str | None:
    """Return the public id of who had the contact, "" where nobody knows; None when there is nothing to ask about any more."""
    if KNOWN[occasion].is_rating:
        ratings = ctx.ports.find(TicketRatings)  # type: ignore[type-abstract]
        help_given = ratings.read(connection, contact) if ratings else None
        return help_given.person if help_given and help_given.may_rate and help_given.person else None
    kind, _, person = actor.partition(":")
    return person if kind == "customer" else ""


def _member(ctx: JobContext, connection: Connection, account: AccountRef, person: str) -> Member | None:
    """Return whom to ask: the person themself if they still have the right, else, where nobody is known, the first of the account."""
    members = ctx.ports.get(Accounts).members(connection, account.id, RIGHT)  # type: ignore[type-abstract]
    return next((each for each in members if person in ("", each.public_id)), None)


def _agreed(ctx: JobContext, connection: Connection, member: Member, purpose: str) -> bool:
    consents = ctx.ports.get(Consents)  # type: ignore[type-abstract]
    return not purpose or consents.given(connection, member.identity_id, purpose)


NOTICE = Notice(
    "surveys.asked",
    "",
    "surveys.asked",
    "surveys/notices/asked",
    facts,
    audience="actor",
    action=RIGHT,
    route="surveys:answer",
    still_due=still_open,
    guest=RIGHT,
)
_NOTICED = text("surveys.work.noticed", "Notes contacts to ask about")
LISTENERS = (
    *(
        Listener(event, f"surveys noticed {event}", noticed, _NOTICED)
        for event in dict.fromkeys(each.event for each in OCCASIONS)
    ),
    Listener(TicketRated.name, "surveys rated", rated, text("surveys.work.rated", "Counts ratings of requests")),
    Listener(SurveyAsked.name, "surveys tell", tell, text("surveys.work.tell", "Asks how it went")),
)
JOBS = (JobSpec(ASK, ask, title=text("surveys.work.ask", "Chooses whom to ask how it went")),)
