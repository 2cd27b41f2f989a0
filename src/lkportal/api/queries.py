"""Reads of the desk: what files and systems brought, newest first, and pushes that did not end well yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from lkportal.api.feeds import DONE
from lkportal.api.models import FeedRun, Token
from lkportal.core.errors import NotFound
from lkportal.core.importing.tables import imports

_BROUGHT: Any = (
    select(
        imports.c.public_id,
        imports.c.kind,
        imports.c.file_name,
        imports.c.state,
        imports.c.accepted,
        imports.c.rejected,
        imports.c.updated_at,
        Token.name.label("system"),
    )
    .outerjoin_from(imports, FeedRun, FeedRun.import_id == imports.c.id)
    .outerjoin(Token, Token.id == FeedRun.token_id)
    .order_by(imports.c.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_OPEN: Any = (
    select(
        FeedRun.kind,
        FeedRun.state,
        FeedRun.received,
        FeedRun.accepted,
        FeedRun.problem,
        FeedRun.created_at,
        Token.name.label("system"),
    )
    .join(Token, Token.id == FeedRun.token_id)
    .where(FeedRun.state != DONE)
    .order_by(FeedRun.id.desc())
    .limit(20)
)
_ONE: Any = select(imports.c.id, imports.c.kind, imports.c.rejected, imports.c.updated_at).where(
    imports.c.public_id == bindparam("public_id")
)


def brought(connection: Connection, limit: int, offset: int) -> Sequence[Row[Any]]:
    """Return imports of files and pushes, newest first; `system` is the name of the token, None for a file."""
    return connection.execute(_BROUGHT, {"limit": limit, "offset": offset}).all()


def unfinished(connection: Connection) -> Sequence[Row[Any]]:
    """Return the newest pushes that are under way or failed."""
    return connection.execute(_OPEN).all()


def one(connection: Connection, public_id: str) -> Row[Any]:
    """Return one import. Raises NotFound."""
    row = connection.execute(_ONE, {"public_id": public_id}).first()
    if row is None:
        raise NotFound
    return row
