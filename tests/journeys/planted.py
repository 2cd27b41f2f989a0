"""Rows of documents, services, surveys and bank operations for a town, beside those of the utility."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from sqlalchemy import select

from lkportal.connectors.bank.models import Operation
from lkportal.core.ids import public_id
from lkportal.core.policy import AccountRef
from lkportal.modules.documents import service
from lkportal.modules.documents.files.checking import Checked, Drawn
from lkportal.modules.documents.files.keeping import keep
from lkportal.modules.payments.models import Payment
from lkportal.modules.surveys.models import Answer
from lkportal.modules.tariffs.equipment.models import Device
from lkportal.modules.tariffs.models import Offering, Order, Price, Segment, Service
from lkportal.modules.tariffs.prepaid.models import Charge
from lkportal.modules.tariffs.promotions.models import Promotion
from lkportal.testing.town import Plant, Town
from lkportal.testing.utility import CODES as OF_THE_UTILITY
from lkportal.testing.utility import PLANTS as UTILITY

_SINCE, _UNTIL = date(2026, 1, 1), date(2027, 12, 31)
# Values the modules' own code compares, hashes or reads as a file.
CODES = (
    *OF_THE_UTILITY,
    "documents_documents.head",
    "documents_events.facts",
    "documents_events.private",
    "documents_pictures.file_key",
    "documents_versions.file_key",
    "documents_versions.media_type",
    "documents_versions.sha256",
    "surveys_answers.occasion",
    "tariffs_orders.subject",
    "tariffs_segments.segment",
)


def plant_documents(town: Town, account: AccountRef) -> None:
    """Put a document with a picture of its page onto an account: one to sign, and one to agree on."""
    for asks in ("sign", "agree"):
        page = Drawn(1, 1, b"\x89PNG\r\n\x1a\n")
        kept = keep(town.portal.storage, Checked("act.txt", "text/plain", BytesIO(b"act"), [page]))
        draft = service.Draft("documents.act", "title", public_id(), kept, "number", asks)
        with town.world.unit() as db:
            service.publish(db, account, None, draft)


def plant_tariffs(town: Town, account: AccountRef) -> None:
    """Put a service, its charge, an order that waits, a segment and a device onto an account, and a catalogue into the portal."""
    moment = town.world.clock.now()
    fed = {"source": "town", "source_version": "1", "seen_at": moment}
    with town.world.unit() as db:
        plan = db.scalar(select(Offering).limit(1))
        if plan is None:
            plan = Offering(
                kind="plan", family="internet", title="plan", months=1, since=_SINCE, source_key="plan", **fed
            )
            other = Offering(
                kind="plan", family="internet", title="other", months=1, since=_SINCE, source_key="other", **fed
            )
            db.add_all([plan, other])
            db.flush()
            db.add_all([Price(offering_id=each.id, since=_SINCE, amount=45_000) for each in (plan, other)])
            db.add(
                Promotion(
                    offering_id=other.id, title="offer", since=_SINCE, until=_UNTIL, price=10_000, months=3,
                    connect_price=0, source_key="offer", **fed,
                )
            )  # fmt: skip
        mine = Service(
            account_id=account.id, offering_id=plan.id, state="active", price=45_000, place="place", since=_SINCE,
            changed_at=moment, source_key=f"{account.id}", **fed,
        )  # fmt: skip
        db.add_all([mine, Segment(account_id=account.id, segment="own", told_by="town")])
        db.flush()
        db.add_all([
            Order(account_id=account.id, token=public_id(), subject="move", kind="move", state="waiting",
                  service_id=mine.id, offering_id=plan.id, price=50_000, monthly=45_000, effective_on=_UNTIL,
                  place="place", asked_at=moment, changed_at=moment),
            Charge(account_id=account.id, service_id=mine.id, origin=f"town:{account.id}", kind="period", title="title",
                   amount=45_000, day=_SINCE),
            Device(account_id=account.id, service_id=mine.id, kind="router", model="model", serial="serial",
                   source_key=f"{account.id}", **fed),
        ])  # fmt: skip


def plant_surveys(town: Town, account: AccountRef) -> None:
    """Put a low score with its words onto an account, that waits for somebody of the company."""
    moment = town.world.clock.now()
    with town.world.unit() as db:
        db.add(
            Answer(
                account_id=account.id, occasion="payments.failed", contact=public_id(), scale=5, low=2, score=1,
                remark="remark", care="open", asked_at=moment, answered_at=moment, until=_UNTIL,
            )
        )  # fmt: skip


def plant_bank(town: Town, account: AccountRef) -> None:
    """Put a transfer that was posted to an account, and one that may be for it, into the portal."""
    payer = {"payer": "payer", "payer_inn": "", "payer_account": "", "payer_bank": "", "purpose": "purpose"}
    money = {"import_id": "town", "own_account": "4" * 20, "number": "7", "day": _SINCE, "amount": 10_000}
    moment = town.world.clock.now()
    came = {**payer, **money, "seen_at": moment}
    with town.world.unit() as db:
        paid = db.scalars(select(Payment.public_id).where(Payment.account_id == account.id)).first() or ""
        db.add_all([
            Operation(key=public_id(), state="unmatched", candidates=[account.public_id], **came),
            Operation(key=public_id(), state="posted", candidates=[], account_id=account.id, matched_by="person",
                      payment=paid, decided_by="decided", decided_at=moment, **came),
        ])  # fmt: skip


PLANTS: dict[str, Plant] = {
    **UTILITY,
    "documents": plant_documents,
    "tariffs": plant_tariffs,
    "surveys": plant_surveys,
    "bank": plant_bank,
}
"""By module; whose module is off leaves its own aside."""
