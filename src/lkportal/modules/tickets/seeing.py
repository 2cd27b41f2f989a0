"""How far people have read their tickets: noted after the page was answered, never inside a read."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, update

from lkportal.core.tables import insert_if_new
from lkportal.core.unit import open_unit
from lkportal.modules.tickets.models import Seen

_NEW = insert_if_new(Seen.__table__)  # type: ignore[arg-type]
_FURTHER = (
    update(Seen)
    .where(
        Seen.ticket_id == bindparam("ticket"),
        Seen.identity_id == bindparam("person"),
        Seen.message_id < bindparam("upto"),
    )
    .values(message_id=bindparam("upto"))
    .execution_options(synchronize_session=False)
)


def note(portal: Any, ticket_id: int, identity_id: int, message_id: int) -> None:
    """Note that a person has seen a ticket up to a message."""
    with open_unit(portal.database, portal.unit_context("tickets.seen")) as db:
        row = {"ticket_id": ticket_id, "identity_id": identity_id, "message_id": message_id}
        db.execute(_NEW[db.get_bind().dialect.name], row)
        db.execute(_FURTHER, {"ticket": ticket_id, "person": identity_id, "upto": message_id})
