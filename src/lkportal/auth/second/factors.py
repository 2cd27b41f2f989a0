"""Which second factors a person has and for what they are asked: two columns of words on the identity, read with every request.
Each is changed by naming what it was, so that two changes at once do not lose one. The factors themselves stand in totp and others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from lkportal.auth.models import Identity
from lkportal.core.policy import Purpose

PURPOSES: tuple[Purpose, ...] = ("entry", "payment", "signature", "contacts")
ASKED_FIRST = "entry signature contacts"
"""What a second factor is asked for until its owner chooses: all but payments."""
_NOW = select(Identity.second_ways, Identity.asks).where(Identity.id == bindparam("person"))
_CHANGE = (
    update(Identity)
    .where(
        Identity.id == bindparam("person"),
        Identity.second_ways == bindparam("ways_before"),
        Identity.asks == bindparam("asks_before"),
    )
    .values(second_ways=bindparam("ways_after"), asks=bindparam("asks_after"))
    .execution_options(preserve_rowcount=True)
)
_Words = tuple[str, ...]


def put(db: Session, identity_id: int, way: str, *, ask: bool = False) -> None:
    """Note that a person has the second factor `way`. `ask`: it is asked for from now on, unless they chose what for before."""

    def change(ways: _Words, asks: _Words) -> tuple[_Words, _Words]:
        return (*(each for each in ways if each != way), way), asks or (tuple(ASKED_FIRST.split()) if ask else ())

    _changed(db, identity_id, change)


def drop(db: Session, identity_id: int, way: str) -> bool:
    """Note that a person has this second factor no more and say whether they have another; without any nothing is asked."""

    def change(ways: _Words, asks: _Words) -> tuple[_Words, _Words]:
        left = tuple(each for each in ways if each != way)
        return left, asks if left else ()

    return bool(_changed(db, identity_id, change))


def choose(db: Session, identity_id: int, purposes: frozenset[str]) -> None:
    """Set the purposes for which a person wants their second factor; who has none cannot ask for it."""

    def change(ways: _Words, _asks: _Words) -> tuple[_Words, _Words]:
        return ways, tuple(each for each in PURPOSES if each in purposes) if ways else ()

    _changed(db, identity_id, change)


def _changed(db: Session, identity_id: int, change: Callable[[_Words, _Words], tuple[_Words, _Words]]) -> _Words:
    connection = db.connection()
    while True:
        row: Any = connection.execute(_NOW, {"person": identity_id}).one()
        ways, asks = change(tuple(row.second_ways.split()), tuple(row.asks.split()))
        values = {
            "person": identity_id,
            "ways_before": row.second_ways,
            "asks_before": row.asks,
            "ways_after": " ".join(ways),
            "asks_after": " ".join(asks),
        }
        if connection.execute(_CHANGE, values).rowcount:
            return ways
