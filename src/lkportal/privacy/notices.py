"""What people are told about their data: in the list of notices and by letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lkportal.core.contributions import Listener, Notice, NoticeSender
from lkportal.core.events import Envelope
from lkportal.core.i18n import text
from lkportal.core.ports import port
from lkportal.privacy.contract import ErasureAsked, ExportReady
from lkportal.privacy.models import Erasure, Export


def ready_facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return until when the files can be taken, or None when the export is gone."""
    wanted = select(Export.expires_at).where(Export.public_id == envelope.body["export"])
    until = db.execute(wanted).scalar_one_or_none()
    return {"until": until.date()} if until else None


def asked_facts(db: Session, envelope: Envelope) -> Mapping[str, Any] | None:
    """Return when a person will be erased, or None when the wish was taken back meanwhile."""
    wanted = select(Erasure.due_at).where(Erasure.public_id == envelope.body["erasure"], Erasure.state == "waiting")
    due = db.execute(wanted).scalar_one_or_none()
    return {"due": due.date()} if due else None


READY = Notice(
    "privacy.export_ready",
    ExportReady.name,
    "privacy.data",
    "privacy/letters/ready",
    ready_facts,
    audience="actor",
    route="privacy:export",
)
ASKED = Notice(
    "privacy.erasure_asked",
    ErasureAsked.name,
    "privacy.data",
    "privacy/letters/asked",
    asked_facts,
    audience="actor",
    route="privacy:erasure",
)


def tell_ready(db: Session, envelope: Envelope) -> None:
    """Tell the person whose export a job made: to the event's actor, which is the portal itself, it means nothing."""
    told = replace(envelope, actor=f"customer:{envelope.body['identity']}")
    port(db, NoticeSender).tell(db, READY, told)  # type: ignore[type-abstract]


LISTENERS = [
    Listener(
        ExportReady.name, "privacy.ready", tell_ready, text("privacy.follows.ready", "Tells that the copy is ready")
    )
]
NOTICES = [ASKED]
