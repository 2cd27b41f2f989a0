"""Rows of payments, readings, news, requests and help for a town, and the events that make letters and notices of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.core.events import emit
from lkportal.core.ids import public_id
from lkportal.core.money import Money
from lkportal.core.policy import AccountRef, AuditLog
from lkportal.core.ports import port
from lkportal.modules.help.models import Article, Section, Vote
from lkportal.modules.news.models import Concerned, Item
from lkportal.modules.payments.contract import PaymentIntent, PaymentSucceeded
from lkportal.modules.payments.models import Assertion, Attempt, Bill, ChargeLine, Entry, Ledger, Payment
from lkportal.modules.payments.paying import intents
from lkportal.modules.readings.contract import ReadingsSubmitted
from lkportal.modules.readings.models import Estimate, FileSending, Home, Meter, Photo, Reading, Register, Review
from lkportal.modules.tickets.models import File, Macro, Message, Ticket
from lkportal.testing.town import Plant, Town
from lkportal.testing.verdicts import Sample

SAMPLES: dict[str, list[Sample]] = {
    "gateway": [Sample("yookassa"), Sample("nobody")],
    "letter": [Sample("1700000000000-00000000", exists=False)],
    "brand": [Sample("main"), Sample("nobody", exists=False)],
    "what": [Sample("letter")],
    "dress": [Sample("nobodys", exists=False)],
    "web:dress_file.file": [Sample("brand.css", exists=False)],
    "privacy:file.kind": [Sample("json")],
    "document": [Sample("nobodys", exists=False)],
    "provider": [Sample("nobodys", exists=False)],
    "source": [Sample("nobodys", exists=False)],
    "connection": [Sample("nobodys", exists=False)],
    "type": [Sample("tickets.other"), Sample("tickets.nothing", exists=False)],
}
"""What stands for the params of routes that no table is named after."""
_MONTHS = (date(2026, 9, 1), date(2026, 10, 1))
# Values the modules' own code compares; `last_milli` stays so that a reading can be sent.
CODES = (
    "payments_charge_lines.kind",
    "readings_registers.last_milli",
    "readings_registers.usual_milli",
    "readings_readings.value_milli",
    "readings_photos.file_key",
    "readings_reviews.state",
    "readings_reviews.why",
    "readings_estimates.basis",
    "readings_file_sendings.file_key",
    "readings_file_sendings.state",
    "tickets_tickets.type",
    "tickets_tickets.state",
    "tickets_tickets.last_side",
    "tickets_messages.side",
    "tickets_messages.state",
    "tickets_files.file_key",
    "tickets_files.media_type",
)


def plant_payments(town: Town, account: AccountRef) -> None:
    """Put two bills with lines, a ledger with entries, an assertion and a paid payment onto an account."""
    moment = town.world.clock.now()
    fed = {"source": "town", "source_version": "1", "seen_at": moment}
    with town.world.unit() as db:
        income = db.scalar(select(Ledger).where(Ledger.kind == "charged")) or Ledger(
            kind="charged", owner="town", currency="RUB"
        )
        owes = Ledger(kind="customer", owner=str(account.id), account_id=account.id, currency="RUB", balance=148_260)
        db.add_all([income, owes])
        db.flush()
        for month in _MONTHS:
            key = f"{account.id}:{month}"
            bill = Bill(
                account_id=account.id, period=month, number=key, currency="RUB", total=148_260, posted=148_260,
                issued_on=month, due_on=date(2026, 12, 15), source_key=key, **fed,
            )  # fmt: skip
            db.add(bill)
            db.flush()
            line = ChargeLine(
                bill_id=bill.id,
                position=1,
                kind="charge",
                service="water",
                note="note",
                amount=148_260,
                source_key=key,
                **fed,
            )
            entry = Entry(
                origin=f"bill:{key}", kind="charge", debit_id=owes.id, credit_id=income.id, amount=148_260, currency="RUB",
                occurred_on=month, booked_at=moment,
            )  # fmt: skip
            db.add_all([line, entry])
        db.add(
            Assertion(account_id=account.id, as_of=_MONTHS[1], balance=1, folded=1, difference=0, source_key=key, **fed)
        )
        _plant_payment(db, account, moment)


def _plant_payment(db: Session, account: AccountRef, moment: datetime) -> None:
    payment = Payment(
        account_id=account.id, actor="system", token=public_id(), amount=148_260, currency="RUB", state="paid",
        created_at=moment, paid_at=moment,
    )  # fmt: skip
    db.add(payment)
    db.flush()
    key = public_id()
    intent = PaymentIntent(payment.public_id, 148_260, "RUB", "Water", "http://lk.test/", key)
    db.add(
        Attempt(
            payment_id=payment.id,
            gateway="yookassa",
            key=key,
            intent=intents.written(intent),
            state="succeeded",
            created_at=moment,
        )
    )


def plant_readings(town: Town, account: AccountRef) -> None:
    """Put a meter with a register and a reading onto an account."""
    moment = town.world.clock.now()
    fed = {"source": "town", "source_version": "1", "seen_at": moment}
    with town.world.unit() as db:
        meter = Meter(
            account_id=account.id, resource="cold_water", unit="m3", serial="serial", place="bath",
            verified_until=date(2030, 1, 1), source_key=f"{account.id}", **fed,
        )  # fmt: skip
        db.add(meter)
        db.flush()
        register = Register(
            meter_id=meter.id, last_milli=412_000, last_on=date(2026, 10, 18), last_period=_MONTHS[1], usual_milli=4_000
        )
        db.add(register)
        db.flush()
        reading = Reading(
            account_id=account.id,
            register_id=register.id,
            value_milli=412_000,
            added_milli=4_000,
            taken_on=date(2026, 10, 18),
            period=_MONTHS[1],
            submitted_at=moment,
            source_key=f"{account.id}",
            **fed,
        )
        db.add(reading)
        db.flush()
        kept = town.portal.storage.put("readings", b"\xff\xd8\xff")
        db.add_all([
            Photo(account_id=account.id, reading_id=reading.id, file_key=kept.key, size=3, width=1, height=1,
                  sha256=kept.sha256, stored_at=moment),
            Review(account_id=account.id, reading_id=reading.id, why="doubt", opened_at=moment),
            Home(account_id=account.id, category="household", residents=2, seen_at=moment),
            Estimate(account_id=account.id, register_id=register.id, period=_MONTHS[0], added_milli=1, basis="norm",
                     nth=1, most=3, made_at=moment),
            FileSending(account_id=account.id, actor="system", name="readings.csv", file_key=kept.key, rows=1,
                        state="taken", sent_at=moment),
        ])  # fmt: skip


def plant_news(town: Town, account: AccountRef) -> None:
    """Put an announcement for everybody into the portal, and note that it concerned the account."""
    moment = town.world.clock.now()
    with town.world.unit() as db:
        item = db.scalar(select(Item).limit(1)) or Item(
            kind="announcement", state="published", texts={"ru": {"title": "title", "body": "body"}}, places=[],
            show_from=_MONTHS[0], published_at=moment, made_at=moment, actor="system",
        )  # fmt: skip
        db.add(item)
        db.flush()
        db.add(Concerned(item_id=item.id, account_id=account.id, found_at=moment))


def plant_tickets(town: Town, account: AccountRef) -> None:
    """Put a request with words, a file and a note of staff onto an account, and a prepared answer into the portal."""
    moment = town.world.clock.now()
    with town.world.unit() as db:
        if db.scalar(select(Macro.id).limit(1)) is None:
            db.add(Macro(title="macro", texts={"ru": "macro"}, changed_at=moment))
        ticket = Ticket(
            account_id=account.id, token=public_id(), type="tickets.other", state="open", subject="subject",
            facts={"place": "kitchen"}, about_title="about", opened_at=moment, changed_at=moment, last_side="customer",
        )  # fmt: skip
        db.add(ticket)
        db.flush()
        said = [
            Message(ticket_id=ticket.id, side=side, inner=inner, body="body", token=public_id(), written_at=moment)
            for side, inner in (("customer", False), ("company", True))
        ]
        db.add_all(said)
        db.flush()
        for each in said:
            kept = town.portal.storage.put("tickets", b"words")
            db.add(
                File(
                    message_id=each.id,
                    title="words.txt",
                    media_type="text/plain",
                    size=5,
                    sha256=kept.sha256,
                    file_key=kept.key,
                    stored_at=moment,
                )
            )


def plant_help(town: Town, account: AccountRef) -> None:
    """Put an article for everybody into the portal, with what an unknown reader said of it."""
    moment = town.world.clock.now()
    with town.world.unit() as db:
        if db.scalar(select(Article.id).limit(1)) is not None:
            return
        section = Section(titles={"ru": "section"}, changed_at=moment)
        db.add(section)
        db.flush()
        article = Article(
            section_id=section.id, state="published", texts={"ru": {"title": "title", "body": "body", "words": ""}},
            types=[], changed_at=moment, published_at=moment,
        )  # fmt: skip
        db.add(article)
        db.flush()
        db.add(Vote(article_id=article.id, token=public_id(), clear=False, remark="remark", given_at=moment))


PLANTS: dict[str, Plant] = {
    "payments": plant_payments,
    "readings": plant_readings,
    "news": plant_news,
    "tickets": plant_tickets,
    "help": plant_help,
}


def speak(town: Town) -> None:
    """Let something happen on every account: an act in the audit, events, the letters and notices about them."""
    for account in town.accounts.values():
        with town.world.unit() as db:
            if town.portal.registry.is_on("readings"):
                sent = db.scalars(select(Reading.public_id).where(Reading.account_id == account.id).limit(1)).one()
                port(db, AuditLog).record(db, "readings.submitted", target=sent, account=account)  # type: ignore[type-abstract]
                emit(db, ReadingsSubmitted((sent,), _MONTHS[1], {"cold_water": 4_000}), account=account)
            paid = db.scalars(select(Payment).where(Payment.account_id == account.id).limit(1)).one()
            amount = Money(paid.amount, paid.currency)
            emit(db, PaymentSucceeded(paid.public_id, amount, "yookassa"), account=account)
    town.portal.worker().run_once()
