"""Challenges of passkeys: signed values nobody has to store, for one purpose, one browser and a few minutes. Answering one writes
its hash by one statement that many racers may run and one wins. What is signed over them is judged in ceremonies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import bindparam, delete
from sqlalchemy.orm import Session

from lkportal.auth.models import SpentChallenge
from lkportal.core.ids import secret_token, token_hash
from lkportal.core.tables import insert_if_new
from lkportal.web.trust.signing import Signing

LASTS = timedelta(minutes=10)
Purpose = Literal["add", "enter", "second", "prove"]
_SALT = "passkey"
_SECONDS = 24 * 3600
_SPEND = insert_if_new(SpentChallenge.__table__)  # type: ignore[arg-type]
_OLD = delete(SpentChallenge).where(SpentChallenge.expires_at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class Bound:
    """What a challenge is good for: one purpose, the browser or session it was given to, the person if they are known."""

    purpose: Purpose
    browser: str
    person: str = ""

    @property
    def mark(self) -> str:
        """Return the same in short, telling nothing of it."""
        return token_hash(f"{self.purpose}\n{self.browser}\n{self.person}")


def make(signing: Signing, bound: Bound, now: datetime) -> bytes:
    """Return a new challenge."""
    until = int((now + LASTS).timestamp())
    return signing.sign(_SALT, [secret_token(), until, bound.mark]).encode()


def until(signing: Signing, bound: Bound, challenge: bytes, now: datetime) -> datetime | None:
    """Return when a challenge runs out that is ours, of this purpose, browser and person, and still young; else None."""
    kept = signing.read(_SALT, challenge.decode("ascii", "replace"), _SECONDS)
    if not isinstance(kept, list) or len(kept) != 3 or kept[2] != bound.mark:
        return None
    ends = datetime.fromtimestamp(int(kept[1]), UTC)
    return ends if now < ends <= now + LASTS else None


def spend(db: Session, challenge: bytes, ends: datetime) -> bool:
    """Note that a challenge was answered; say whether this was the first answer."""
    row = {"value_hash": token_hash(challenge.decode("ascii", "replace")), "expires_at": ends}
    return bool(db.connection().execute(_SPEND[db.get_bind().dialect.name], row).rowcount)


def forget_old(db: Session, before: datetime) -> None:
    """Delete the notes of challenges that ran out before this moment."""
    db.connection().execute(_OLD, {"before": before})
