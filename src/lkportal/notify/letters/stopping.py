"""Ending letters by the link that stands in them, and beginning them again: for all accounts of the person the letter went to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.auth.models import Identity
from lkportal.core.module import Topic
from lkportal.core.unit import now
from lkportal.notify.choosing import choices
from lkportal.notify.choosing.planning import Frequency
from lkportal.notify.letters.leads import GATHERED, Stop
from lkportal.notify.models import Choice

_WHO = select(Identity.id).where(Identity.public_id == bindparam("person"), Identity.disabled_at.is_(None))
_OWN = (
    update(Choice)
    .where(Choice.identity_id == bindparam("who"), Choice.topic.in_(bindparam("topics", expanding=True)))
    .values(email=bindparam("letters"), changed_at=bindparam("moment"))
)


def switch(db: Session, topics: Sequence[Topic], stop: Stop, *, letters: Frequency) -> None:
    """Set when letters of a kind come, for all accounts. What is obligatory stays; a person who is gone is left alone."""
    who = db.execute(_WHO, {"person": stop.person}).scalar()
    if who is None:
        return
    held = choices.chosen_by(db, who, topics)
    meant = [
        topic
        for topic in topics
        if not topic.obligatory
        and (topic.name == stop.topic or (stop.topic == GATHERED and held[topic.name].email in ("daily", "weekly")))
    ]
    choices.keep(db, who, choices.EVERY_ACCOUNT, {each.name: replace(held[each.name], email=letters) for each in meant})
    names = [topic.name for topic in meant]
    db.connection().execute(_OWN, {"who": who, "topics": names, "letters": letters, "moment": now(db)})
