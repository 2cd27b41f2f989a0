"""What was typed into the one field of the desk, understood: an account's number, a login, or words. Pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from lkportal.web.forms import fields

_MOST = 200
_BETWEEN = re.compile(r"[\s\u00a0\u202f\u2009\u2011\-]+")
_SHORTEST_NUMBER = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What may be meant, all at once: `number` as digits, `login` in the spelling people sign in with, `typed` as it came.

    `number` and `login` are "" when the text cannot be one.
    """

    typed: str
    number: str = ""
    login: str = ""

    def __bool__(self) -> bool:
        return bool(self.typed)


def understand(typed: str) -> Wanted:
    """Return what `typed` may mean. Spaces and dashes in a number are dropped, as people read numbers out in groups."""
    line = " ".join(typed.replace("\x00", "").split())[:_MOST]
    bare = _BETWEEN.sub("", line)
    number = bare if bare.isascii() and bare.isdigit() and len(bare) >= _SHORTEST_NUMBER else ""
    return Wanted(line, number, _login(line))


def after(number: str) -> str | None:
    """Return the first number that no longer begins with `number`, or None when there is none: 0412 -> 0413, 99 -> None.

    Digits keep their order under every collation, so the numbers between the two stand together in an index.
    """
    whole = number.rstrip("9")
    return f"{whole[:-1]}{int(whole[-1]) + 1}" if whole else None


def _login(line: str) -> str:
    try:
        return fields.login(line) if line else ""
    except PydanticCustomError:
        return ""
