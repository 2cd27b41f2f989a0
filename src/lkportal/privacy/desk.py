"""Reads of the desk about wishes and consents, over all customers. Whoever calls has the permission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, literal, select, union_all

from lkportal.auth.models import Identity
from lkportal.privacy.models import Erasure, Export

_WISHES = union_all(
    select(
        literal("erasure").label("kind"),
        Erasure.public_id,
        Erasure.identity_id,
        Erasure.state,
        Erasure.asked_at,
        Erasure.due_at.label("due_at"),
        Erasure.done_at.label("done_at"),
    ),
    select(
        literal("export"),
        Export.public_id,
        Export.identity_id,
        Export.state,
        Export.asked_at,
        Export.expires_at,
        Export.ready_at,
    ),
).subquery()
WISHES: Select[*tuple[Any, ...]] = (
    select(_WISHES, Identity.public_id.label("person"), Identity.name, Identity.login)
    .join(Identity, Identity.id == _WISHES.c.identity_id)
    .order_by(_WISHES.c.asked_at.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_CUSTOMER: Select[*tuple[Any, ...]] = select(Identity.id, Identity.public_id, Identity.name, Identity.login).where(
    Identity.public_id == bindparam("public"), Identity.kind == "customer"
)


def wishes(connection: Connection, limit: int, offset: int) -> Sequence[Row[Any]]:
    """Return wishes (kind, public_id, state, asked_at, due_at, done_at, person, name, login), the newest first."""
    return connection.execute(WISHES, {"limit": limit, "offset": offset}).all()


def customer(connection: Connection, public: str) -> Row[Any] | None:
    """Return a customer by public id, or None."""
    return connection.execute(_CUSTOMER, {"public": public}).first()
