"""Two requests about one thing: one takes the other in with all that was written. Both are of one account, one unit, no way back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.orm import Session, aliased

from lkportal.core.events import emit
from lkportal.core.policy import AccountRef
from lkportal.core.ports import port
from lkportal.core.unit import now
from lkportal.core.work.states import changed
from lkportal.modules.tickets import service, states
from lkportal.modules.tickets.contract import TicketMerged, TicketMoved
from lkportal.modules.tickets.models import Message, Ticket
from lkportal.modules.tickets.office import Office


def merge(db: Session, account: AccountRef, into: str, taken: str, identity_id: int) -> None:
    """Let the ticket `into` take in `taken`: its words and files stand among those of `into` in the order they were written, its own
    page leads there. The earlier of two promised terms holds. Raises MovedOn where the two may not be joined any more."""
    kept, gone = service.known(db, into), service.known(db, taken)
    if not fits(kept, gone, shared=port(db, Office).settings.shared) or kept.account_id != account.id:
        raise service.MovedOn
    # In the order of their keys, so that two who join the same requests the other way round wait for one another.
    for row in sorted((kept, gone), key=lambda each: each.id):
        if row is gone:
            service.step(db, gone, states.MERGED, {"merged_id": kept.id, "last_side": "customer"})
        else:
            _take_over(db, kept, gone)
    _move_words(db, kept, gone)
    db.execute(update(Ticket).where(Ticket.merged_id == gone.id).values(merged_id=kept.id))
    service.write(db, gone, identity_id, "company", service.Words("", state=states.MERGED))
    service.write(db, kept, identity_id, "company", service.Words("", state=states.JOINED))
    service.record(db, "tickets.merged", gone, account, into=kept.public_id)
    emit(db, TicketMerged(gone.public_id, kept.public_id), account=account)
    emit(db, TicketMoved(gone.public_id, gone.state, states.MERGED), account=account)


def fits(kept: Any, gone: Any, *, shared: bool) -> bool:
    """Whether `kept` may take `gone` in: two tickets of one account, both going on; where people see each their own, of one person."""
    return (
        kept.id != gone.id
        and kept.account_id == gone.account_id
        and kept.state in states.ALIVE
        and states.may_step("joining", gone.state, states.MERGED)
        and (shared or kept.identity_id == gone.identity_id)
    )


def _take_over(db: Session, kept: Ticket, gone: Ticket) -> None:
    later = max(kept, gone, key=lambda each: each.changed_at)
    values: dict[str, Any] = {
        "changed_at": now(db), "urgent": kept.urgent or gone.urgent, "last_side": later.last_side,
        "answer_due": _earlier(kept.answer_due, gone.answer_due),
    }  # fmt: skip
    if kept.paused is None:
        values["solve_due"] = _earlier(kept.solve_due, gone.solve_due)
    statement = update(Ticket).where(Ticket.id == kept.id, Ticket.state == kept.state, Ticket.type == kept.type)
    if changed(db.execute(statement.values(**values), execution_options={"synchronize_session": False})) != 1:
        raise service.MovedOn


def _move_words(db: Session, kept: Ticket, gone: Ticket) -> None:
    """Give what was written to the ticket that stays; steps without words stay where they were taken. A token that both know (forms
    are typed by people, who may send any) is given up: unique it must be."""
    other = aliased(Message)
    known = select(other.id).where(other.ticket_id == kept.id, other.token == Message.token).exists()
    moved = (
        update(Message)
        .where(Message.ticket_id == gone.id, or_(Message.state == "", Message.body != ""))
        .values(ticket_id=kept.id, state="", token=case((and_(Message.token != "", known), ""), else_=Message.token))
    )
    db.execute(moved, execution_options={"synchronize_session": False})


def _earlier(first: Any, second: Any) -> Any:
    return min((each for each in (first, second) if each is not None), default=None)
