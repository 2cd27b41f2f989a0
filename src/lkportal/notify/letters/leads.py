"""The links at the foot of a letter: to the reader's choices, and the signed one that ends letters about its topic. The signed one
opens without signing in and can do nothing else; it is made when the letter leaves and stands in no table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from lkportal.notify.audience import Reader
from lkportal.notify.letters.wording import NO_LEADS, Leads
from lkportal.notify.portal import Portal, link

GATHERED = "notify.digest"
"""The kind of a gathered letter: its link ends all gathered letters."""
_PURPOSE = "notify.stop"
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Stop:
    """What a signed link ends: letters to a person (public id) about a topic, or all gathered ones."""

    person: str
    topic: str


def leads(portal: Portal, row: Row[Any], reader: Reader | None) -> Leads:
    """Return the links of a letter; a letter that is no notice has none, and one that cannot be switched off has no end."""
    if reader is None or not (row.entry or row.kind == GATHERED):
        return NO_LEADS
    choose = link(portal, "notify:choices", row.brand)
    topic = portal.registry.topics.get(row.kind)
    if row.kind != GATHERED and (topic is None or topic.obligatory):
        return Leads(choose)
    token = portal.edge.signing.sign(_PURPOSE, [reader.public_id, row.kind])
    return Leads(choose, link(portal, "notify:stop", row.brand, token=token))


def read(portal: Any, token: str) -> Stop | None:
    """Return what a link ends, or None for one we did not make or made more than a year ago."""
    found = portal.edge.signing.read(_PURPOSE, token, _YEAR)
    return Stop(*found) if isinstance(found, list) and len(found) == 2 else None
