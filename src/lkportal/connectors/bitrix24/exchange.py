"""The exchange with Bitrix24: a ticket becomes a deal once, what is written follows as comments, stages and comments for the customer
come back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.connectors.bitrix24.calls import ORIGINATOR, Bitrix24
from lkportal.connectors.bitrix24.models import Deal
from lkportal.connectors.bitrix24.settings import Bitrix24Settings
from lkportal.connectors.bitrix24.words import Render, comment_of, fields_of, for_customer, mark_of, withdrawn
from lkportal.core.connecting.exchange import Dispatch, Refused, Told, Unavailable, Ways
from lkportal.core.i18n import Text
from lkportal.core.tables import insert_if_new
from lkportal.modules.tickets.contract import TicketsOutside

TICKET, MESSAGE, WITHDRAWN = "ticket", "message", "withdrawn"
AT_ONCE = 50
"""Deals in one call: the page of crm.item.list and the size of a batch."""
_NEW = insert_if_new(Deal.__table__)  # type: ignore[arg-type]
_OPEN = (
    select(Deal.id, Deal.ticket, Deal.deal_id, Deal.stage, Deal.comment_id)
    .where(Deal.over.is_(False), Deal.id > bindparam("after"))
    .order_by(Deal.id)
    .limit(AT_ONCE)
)
_READ = (
    update(Deal)
    .where(Deal.id == bindparam("deal"))
    .values(stage=bindparam("now_in"), comment_id=bindparam("last"), over=bindparam("ended"))
)
_OVER = ("closed", "withdrawn")


class Bitrix24Exchange:
    """How the portal speaks with one Bitrix24. `render` puts texts into the company's language."""

    def __init__(self, settings: Bitrix24Settings, render: Render) -> None:
        self._settings, self._render = settings, render
        self._crm = Bitrix24(settings.webhook.get_secret_value(), settings.timeout)

    def send(self, ways: Ways, dispatch: Dispatch) -> Told:
        """Tell of a ticket, of something written in it, of its end."""
        if dispatch.kind == TICKET:
            return self._ticket(ways, dispatch)
        if dispatch.kind == MESSAGE:
            return self._message(ways, dispatch)
        return self._comment(ways, dispatch, str(dispatch.facts["ticket"]), withdrawn(dispatch.key, self._render))

    def pull(self, ways: Ways) -> None:
        """Read stages and comments of all deals whose requests are not over, fifty at a time."""
        after = 0
        while True:
            with ways.reading() as connection:
                deals = connection.execute(_OPEN, {"after": after}).all()
                tickets = [deal.ticket for deal in deals]
                states = ways.ports.get(TicketsOutside).states(connection, tickets)  # type: ignore[type-abstract]
            if not deals:
                if not after:
                    self._crm.stages(
                        [0]
                    )  # the desk wants to know whether the CRM answers, also when there is nothing to ask
                return
            self._read(ways, deals, states)
            after = deals[-1].id
            if len(deals) < AT_ONCE:
                return
            ways.beat()

    def _ticket(self, ways: Ways, dispatch: Dispatch) -> Told:
        with ways.reading() as connection:
            ticket = ways.ports.get(TicketsOutside).read(connection, dispatch.subject)  # type: ignore[type-abstract]
        if ticket is None:
            raise Refused("no_such_request")
        deal = self._crm.deal_of(ticket.ticket)
        if deal is None:
            deal = self._crm.add_deal(
                {**fields_of(ticket, self._render, contacts=self._settings.contacts), **self._where(ticket.ticket)}
            )
            if str(deal.get("originId", "")) != ticket.ticket:
                raise Refused(
                    "origin_not_kept"
                )  # unknown fields are ignored there in silence: it could not be found again
        row = {
            "ticket": ticket.ticket,
            "deal_id": int(deal["id"]),
            "stage": str(deal.get("stageId", "")),
            "comment_id": 0,
            "over": False,
        }

        def write(db: Session) -> None:
            db.execute(_NEW[db.get_bind().dialect.name], row)

        return Told(str(deal["id"]), write)

    def _where(self, ticket: str) -> dict[str, Any]:
        found: dict[str, Any] = {"originatorId": ORIGINATOR, "originId": ticket, "categoryId": self._settings.category}
        return {**found, "assignedById": self._settings.responsible} if self._settings.responsible else found

    def _message(self, ways: Ways, dispatch: Dispatch) -> Told:
        with ways.reading() as connection:
            message = ways.ports.get(TicketsOutside).message(connection, dispatch.subject)  # type: ignore[type-abstract]
        if message is None or message.from_outside:
            return Told()  # a note of staff, or what a manager wrote there: neither is told
        return self._comment(ways, dispatch, message.ticket, comment_of(message, dispatch.key, self._render))

    def _comment(self, ways: Ways, dispatch: Dispatch, ticket: str, comment: str) -> Told:
        deal = ways.external_id(TICKET, ticket)
        if not deal:
            raise Unavailable("request_waits")  # it stands before this in the queue
        if dispatch.attempt > 1 and self._crm.has_comment(int(deal), mark_of(dispatch.key)):
            return Told("told before")
        return Told(self._crm.add_comment(int(deal), comment))

    def _read(self, ways: Ways, deals: Sequence[Row[*tuple[Any, ...]]], states: Any) -> None:
        stages = self._crm.stages([deal.deal_id for deal in deals])
        comments = self._crm.comments({deal.deal_id: deal.comment_id for deal in deals if deal.deal_id in stages})
        for deal in deals:
            state, stage = states.get(deal.ticket, "closed"), stages.get(deal.deal_id, deal.stage)
            fresh = comments.get(deal.deal_id, [])
            if stage != deal.stage or fresh or state in _OVER:
                self._write(ways, deal, stage, fresh, ended=state in _OVER)

    def _write(self, ways: Ways, deal: Row[*tuple[Any, ...]], stage: str, fresh: Sequence[Any], *, ended: bool) -> None:
        """Write what came of one deal, in one unit: answers, then where the request stands, then how far it was read."""
        outside = ways.ports.get(TicketsOutside)  # type: ignore[type-abstract]
        last = max((int(comment["ID"]) for comment in fresh), default=deal.comment_id)
        with ways.unit() as db:
            for comment in fresh:
                words = for_customer(str(comment.get("COMMENT", "")), self._settings.mark)
                if words:
                    outside.answer(db, deal.ticket, f"bitrix24:{comment['ID']}", words)
            if stage != deal.stage and self._meaning(stage):
                outside.move(db, deal.ticket, self._meaning(stage))
            values = {"deal": deal.id, "now_in": stage[:60], "last": last, "ended": ended}
            db.connection().execute(_READ, values)

    def _meaning(self, stage: str) -> str:
        """Return what a stage means for a request; "" for one that says nothing."""
        known = self._settings.stages
        return str(known.get(stage) or known.get(stage.rpartition(":")[2]) or "")


def exchange_of(portal: Any) -> Bitrix24Exchange | None:
    """Return the exchange of a portal; None while no webhook is set."""
    settings: Bitrix24Settings = portal.settings_of("bitrix24")
    if not settings.webhook.get_secret_value():
        return None

    def render(words: Text | str) -> str:
        return str(portal.locales.get(portal.settings.portal.languages[0]).render(words))

    return Bitrix24Exchange(settings, render)
