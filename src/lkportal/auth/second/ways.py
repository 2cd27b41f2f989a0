"""The kinds of second factors and the part of a page that asks for each: at the second step of a sign-in and before something delicate.

A part gets `action` (where its form goes), `form`, `next` and `purpose`. To bring another kind: note it on the person with
factors.put, add it here, and end its own route in door.arriving.finish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecondWay:
    """A kind of second factor: `name` as it stands in `second_ways` of a person, `template` the part that asks for it."""

    name: str
    template: str


SECOND_WAYS = (SecondWay("passkey", "auth/second/passkey.html"), SecondWay("totp", "auth/second/totp.html"))
RECOVERY_WAY = SecondWay("recovery", "auth/second/recovery.html")
"""Asked beside any other: the codes on paper."""


def ways_of(second_ways: str, codes_left: int) -> Sequence[SecondWay]:
    """Return the parts to show somebody who has these second factors and so many recovery codes."""
    have = second_ways.split()
    mine = [way for way in SECOND_WAYS if way.name in have]
    return [*mine, RECOVERY_WAY] if have and codes_left else mine
