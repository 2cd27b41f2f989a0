"""What somebody else says of a person: plain data between providers, directories and the rules of meeting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_MAILBOX = re.compile(r"[^@\s,;<>\"\\]{1,64}@[^@\s,;<>\"\\]{1,189}\.[^@\s,;<>\"\\.]{2,63}")
_LONGEST_NAME, _LONGEST_LABEL = 200, 254


@dataclass(frozen=True, slots=True)
class Vouched:
    """A person as a provider vouches for them. `email` is empty unless the provider says that it is confirmed.

    `sid` is the provider's number of its own session; `two` says that its sign-in alone is two factors.
    """

    issuer: str
    subject: str
    provider: str
    kind: Literal["customer", "staff"] = "customer"
    name: str = ""
    email: str = ""
    label: str = ""
    sid: str = ""
    two: bool = False


def mailbox(said: object, confirmed: object) -> str:
    """Return an e-mail address as our logins are written, or "" for one that is not confirmed or is none."""
    if confirmed is not True or not isinstance(said, str):
        return ""
    plain = said.strip().lower()
    return plain if plain.isascii() and plain.isprintable() and _MAILBOX.fullmatch(plain) else ""


def named(*parts: object) -> str:
    """Return a person's name made of what is text among `parts`: printable, of one line, not too long."""
    words = " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
    return _plain(words)[:_LONGEST_NAME].strip()


def labelled(*choices: object) -> str:
    """Return the first of `choices` that is text: how the person knows their account there."""
    found = next((each for each in choices if isinstance(each, str) and each.strip()), "")
    return _plain(found)[:_LONGEST_LABEL].strip()


def _plain(words: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in words)
