"""An account with something of every module on it, so that each call of the API finds what it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from lkportal.api.tests.conftest import furnish
from lkportal.app import Portal
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef, Actor
from lkportal.modules.documents import service as documents
from lkportal.modules.documents.files.keeping import Kept as KeptDocument
from lkportal.modules.documents.models import Version
from lkportal.modules.news.models import Item
from lkportal.modules.payments.contract import PaymentIntent
from lkportal.modules.payments.models import Attempt, Payment
from lkportal.modules.payments.paying import intents
from lkportal.modules.tariffs import service as tariffs
from lkportal.modules.tariffs.equipment.models import Device
from lkportal.modules.tariffs.models import Offering, Price, Service
from lkportal.modules.tariffs.orders.quoting import Asked
from lkportal.modules.tariffs.promotions.models import Promotion
from lkportal.modules.tickets import service as tickets
from lkportal.modules.tickets.files import Kept
from lkportal.modules.tickets.models import File, Message
from lkportal.testing import World

EVERYTHING = ("payments", "readings", "tickets", "documents", "tariffs", "news", "help")
WORDS = b"Meter 417, kitchen."
_SINCE, _LAST = date(2026, 1, 1), date(2027, 1, 1)


@dataclass
class Furnished:
    """Ids by what they are, and for calls that change what they are about, ids of their own by operation."""

    ids: dict[str, str]
    own: dict[str, dict[str, str]] = field(default_factory=dict)

    def path(self, template: str, operation: str) -> str:
        """Return the path of a call with the ids of what it is about."""
        return template.format(**{**self.ids, **self.own.get(operation, {})})


def furnish_all(portal: Portal, world: World, account: AccountRef, person: Actor) -> Furnished:
    """Put something of every module onto an account."""
    found = Furnished(furnish(world, account))
    with world.unit(person) as db:
        _requests(found, portal, db, account, person)
        _papers(found, portal, db, account)
        _services(found, world, db, account, person)
        _news(found, world, db)
        _paid(found, world, db, account)
    return found


def _requests(found: Furnished, portal: Portal, db: Session, account: AccountRef, person: Actor) -> None:
    def asked(*, solved: bool = False) -> str:
        draft = tickets.Draft("tickets.other", "The meter", "What does the meter show?", public_id())
        made, _ = tickets.ask(db, account, person.id or 0, draft)
        if solved:
            tickets.answer(db, account, made.public_id, None, tickets.Words("Look now.", state="solved"))
        db.flush()
        db.expire_all()
        return made.public_id

    kept = portal.storage.put("tickets", WORDS)
    words = tickets.Words(
        "Here it is.", files=[Kept("meter.txt", "text/plain", kept.size, kept.sha256, kept.key)], token=public_id()
    )
    found.ids["ticket"] = asked()
    tickets.say(db, account, found.ids["ticket"], person.id or 0, words)
    db.flush()
    found.ids["file"] = db.query(File.public_id).join(Message, Message.id == File.message_id).scalar()
    found.own |= {f"tickets_{step}": {"ticket": asked(solved=True)} for step in ("close", "reopen", "rate")}
    found.own["tickets_withdraw"] = {"ticket": asked()}


def _papers(found: Furnished, portal: Portal, db: Session, account: AccountRef) -> None:
    def published() -> str:
        kept = KeptDocument("act.txt", "text/plain", portal.storage.put("documents", WORDS))
        draft = documents.Draft("documents.act", "Act of work done", public_id(), kept, asks="agree")
        made, _ = documents.publish(db, account, None, draft)
        db.flush()
        return made.public_id

    found.ids["document"] = published()
    found.ids["version"] = db.query(Version.public_id).scalar()
    found.own |= {f"documents_{step}": {"document": published()} for step in ("agree", "remark", "decline")}


def _services(found: Furnished, world: World, db: Session, account: AccountRef, person: Actor) -> None:
    def offered(kind: str, family: str) -> Offering:
        made = Offering(
            public_id=public_id(), kind=kind, family=family, title=family, months=1, since=_SINCE, source="test",
            source_key=family, source_version="1", seen_at=world.clock.now(),
        )  # fmt: skip
        db.add(made)
        db.flush()
        db.add(Price(offering_id=made.id, since=_SINCE, amount=65_000))
        db.flush()
        return made

    def ordered(family: str) -> str:
        asked = Asked("connect", offered("addon", family).public_id, day=world.clock.now().date() + timedelta(days=9))
        made, _ = tariffs.place(db, account, person.id or 0, tariffs.Draft(asked, public_id(), (0, 65_000)))
        db.flush()
        return made.public_id

    plan = offered("plan", "Television")
    kept = Service(
        public_id=public_id(), account_id=account.id, offering_id=plan.id, state="active", since=_SINCE, renews=True,
        changed_at=world.clock.now(),
    )  # fmt: skip
    db.add(kept)
    faster = offered("plan", "Internet")
    found.ids |= {"service": kept.public_id, "offering": faster.public_id}
    _beside(found, world, db, account, faster)
    found.ids["order"] = ordered("Router")
    found.own |= {f"tariffs_{step}": {"order": ordered(step)} for step in ("cancel", "process", "reject")}


def _beside(found: Furnished, world: World, db: Session, account: AccountRef, offering: Offering) -> None:
    fed = {"source": "test", "source_version": "1", "seen_at": world.clock.now()}
    device = Device(account_id=account.id, kind="router", model="AX3000", serial="114", source_key="114", **fed)
    offer = Promotion(
        offering_id=offering.id, title="Three months", since=_SINCE, until=_LAST, price=45_000, months=3, connect_price=0,
        source_key="three", **fed,
    )  # fmt: skip
    db.add_all([device, offer])
    db.flush()
    found.ids |= {"device": device.public_id, "promotion": offer.public_id}


def _news(found: Furnished, world: World, db: Session) -> None:
    moment = world.clock.now()
    said = Item(
        kind="announcement", state="published", texts={"en": {"title": "Hours", "body": "We are here from eight."}},
        places=[], show_from=_SINCE, published_at=moment, made_at=moment, actor="system",
    )  # fmt: skip
    db.add(said)
    db.flush()
    found.ids["item"] = said.public_id


def _paid(found: Furnished, world: World, db: Session, account: AccountRef) -> None:
    """A payment that the provider took, which may be given back."""
    moment = world.clock.now()
    payment = Payment(
        account_id=account.id, actor="system", token=public_id(), amount=148_260, currency="RUB", state="paid",
        created_at=moment, paid_at=moment,
    )  # fmt: skip
    db.add(payment)
    db.flush()
    key = public_id()
    intent = PaymentIntent(payment.public_id, 148_260, "RUB", "Water", "http://lk.test/", key)
    attempt = Attempt(
        payment_id=payment.id, gateway="yookassa", provider_id=public_id(), key=key, intent=intents.written(intent),
        state="succeeded", created_at=moment,
    )  # fmt: skip
    db.add(attempt)
    db.flush()
    found.own |= {f"payments_{name}": {"payment": payment.public_id} for name in ("refund", "refunds")}
