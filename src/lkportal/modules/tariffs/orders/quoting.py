"""From what a customer asks for to its quote: the rows are read, for the day it takes effect. The same for the page and for the rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from lkportal.core.errors import NotFound
from lkportal.core.i18n import text
from lkportal.core.policy import AccountRef
from lkportal.modules.tariffs import queries
from lkportal.modules.tariffs.orders.quotes import Quote, Unfit, Wanted, quote
from lkportal.modules.tariffs.promotions import queries as promotions
from lkportal.modules.tariffs.settings import TariffsSettings
from lkportal.modules.tariffs.states import Kind


@dataclass(frozen=True, slots=True)
class Asked:
    """What a customer asks for, by public ids: `offering` for connect and change, `service` for all but connect, `promotion` for
    what is taken by an offer."""

    kind: Kind
    offering: str = ""
    service: str = ""
    day: date | None = None
    until: date | None = None
    place: str = ""
    promotion: str = ""


def quoted(
    connection: Connection, account: AccountRef, asked: Asked, settings: TariffsSettings, today: date
) -> tuple[Wanted, Quote]:
    """Return the rows and the quote of what is asked for, at the prices of its day. Raises NotFound for what the account does not
    have or is not offered, Unfit for what does not fit."""
    offer = promotions.open_offer(connection, account, asked.promotion, today) if asked.promotion else None
    wanted = replace(_rows(connection, account, asked, today), promotion=offer)
    found = quote(wanted, settings, today, account.currency)
    if found.day != today or offer is not None:
        wanted = replace(_rows(connection, account, asked, found.day), promotion=offer)
        if found.ends_on is not None:
            after = queries.price_on(connection, wanted.offering.offering_id, found.ends_on)
            wanted = replace(wanted, after=after)
        found = quote(replace(wanted, day=found.day), settings, today, account.currency)
    return wanted, found


def asked_by_offer(connection: Connection, account: AccountRef, public: str, today: date, day: date | None) -> Asked:
    """Return what taking an offer asks for: a change of the plan that is there, or connecting. Raises NotFound for an offer that is
    not meant for the account."""
    row = promotions.offer(connection, account, public, today)
    return Asked("change" if row.instead else "connect", row.offering, row.instead or "", day, promotion=public)


def _rows(connection: Connection, account: AccountRef, asked: Asked, day: date) -> Wanted:
    service = None
    if asked.kind != "connect":
        service = queries.service(connection, account.id, account.brand, asked.service, day)
        if service is None:
            raise NotFound
    offering = service
    if asked.kind in ("connect", "change"):
        offering = queries.offering(connection, account.id, account.brand, asked.offering, day)
        if offering is None:
            raise NotFound
    if service is not None and asked.kind == "change" and not _may_follow(service, offering):
        raise Unfit("", text("tariffs.unfit.same", "Choose another plan of the same kind."))
    return Wanted(asked.kind, offering, service, asked.day, asked.until, asked.place)


def _may_follow(service: object, offering: object) -> bool:
    """Whether a service may change to an offering: another plan of its family."""
    old, new = service, offering
    return bool(
        getattr(old, "kind", "") == getattr(new, "kind", "") == "plan"
        and getattr(old, "family", "") == getattr(new, "family", "")
        and getattr(old, "offering_id", 0) != getattr(new, "offering_id", 0)
    )
