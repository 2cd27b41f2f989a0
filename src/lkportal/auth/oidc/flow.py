"""A sign-in at a provider, from the button to the person it vouches for. The browser's cookie holds one secret; PKCE's verifier and
the nonce are made of it and of the state, so that a copy of the database finishes no sign-in, and no other browser does.

Nothing here writes but the row of the flow: made before the person leaves, spent once, by one statement, before anything is asked."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from sqlalchemy import bindparam, delete, insert, update

from lkportal.auth.door.entering import Door
from lkportal.auth.external.models import Flow
from lkportal.auth.external.vouched import Vouched
from lkportal.auth.oidc import dialects
from lkportal.auth.oidc.calls import NotBelieved, ProviderAway
from lkportal.auth.oidc.client import Client
from lkportal.core.ids import secret_token, token_hash
from lkportal.core.unit import now, open_unit

LASTS = timedelta(minutes=10)
Purpose = Literal["enter", "link", "prove"]
_LONGEST = 2048
_SPEND = (
    update(Flow)
    .where(
        Flow.state_hash == bindparam("state"),
        Flow.browser_hash == bindparam("browser"),
        Flow.provider == bindparam("of"),
        Flow.brand == bindparam("at"),
        Flow.used_at.is_(None),
        Flow.expires_at > bindparam("now"),
    )
    .values(used_at=bindparam("now"))
    .returning(Flow.purpose, Flow.identity_id, Flow.wanted, Flow.created_at)
)
_OLD = delete(Flow).where(Flow.expires_at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class Errand:
    """Why somebody is sent to a provider: to enter, to link it to their identity, to prove themselves again; and what for."""

    purpose: Purpose
    wanted: str = ""
    identity_id: int | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """A flow that ended well: the errand, and whom the provider vouches for."""

    errand: Errand
    vouched: Vouched


class Cancelled(Exception):
    """The person turned back at the provider. `errand` tells what they came for."""

    def __init__(self, errand: Errand) -> None:
        super().__init__(errand.purpose)
        self.errand = errand


def begin(door: Door, client: Client, browser: str, brand: str, back: str, errand: Errand) -> str:
    """Write down that this browser leaves for a provider; return the address to send it to. Raises ProviderAway, NotBelieved.

    `browser` is the secret of its cookie, `back` the redirect address: public, exact, of this provider alone.
    """
    client.discovery.metadata()  # whoever does not answer is told before anything is written
    state = secret_token()
    with open_unit(door.database, door.circumstances) as db:
        moment = now(db)
        row = {
            "state_hash": token_hash(state),
            "browser_hash": token_hash(browser),
            "provider": client.provider.name,
            "brand": brand,
            "purpose": errand.purpose,
            "identity_id": errand.identity_id,
            "wanted": errand.wanted,
            "created_at": moment,
            "expires_at": moment + LASTS,
        }
        db.execute(insert(Flow), row)
    question = dialects.Question(state, derived(browser, "nonce", state), derived(browser, "pkce", state), back)
    fields = dialects.authorization(client, question, door.circumstances.clock.now(), again=errand.purpose == "prove")
    return client.discovery.metadata().endpoints["authorization_endpoint"] + "?" + urlencode(fields)


def finish(door: Door, client: Client, browser: str, brand: str, back: str, said: Mapping[str, list[str]]) -> Finished:
    """Take what a provider sent the browser back with, and find out whom it vouches for.

    Raises NotBelieved, ProviderAway, Cancelled. Whatever happens, the flow is spent.
    """
    answer = _single(said)
    state = answer.get("state", "")
    row = _spend(door, client, browser, brand, state)
    errand = Errand(row.purpose, row.wanted, row.identity_id)
    _check_issuer(client, answer)
    if "error" in answer:
        if answer["error"] in ("access_denied", "user_cancelled_login", "login_required"):
            raise Cancelled(errand)
        if answer["error"] in ("temporarily_unavailable", "server_error"):
            raise ProviderAway("error")
        raise NotBelieved("error")
    if not answer.get("code"):
        raise NotBelieved("code")
    question = dialects.Question(state, derived(browser, "nonce", state), derived(browser, "pkce", state), back)
    asked_at = row.created_at if row.purpose == "prove" else None
    vouched = dialects.describe(client, question, answer, door.circumstances.clock, asked_at)
    return Finished(errand, vouched)


def derived(browser: str, what: str, state: str) -> str:
    """Return a secret of one flow that only this browser's cookie leads to: 43 letters of base64url."""
    made = hmac.digest(browser.encode(), f"{what} {state}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def forget_old(db: Any, before: Any) -> None:
    """Delete flows that ran out before this moment."""
    db.connection().execute(_OLD, {"before": before})


def _spend(door: Door, client: Client, browser: str, brand: str, state: str) -> Any:
    if not browser or not state:
        raise NotBelieved("state")
    with open_unit(door.database, door.circumstances) as db:
        values = {
            "state": token_hash(state),
            "browser": token_hash(browser),
            "of": client.provider.name,
            "at": brand,
            "now": now(db),
        }
        row = db.connection().execute(_SPEND, values).first()
    if row is None:
        raise NotBelieved("state")
    return row


def _single(said: Mapping[str, list[str]]) -> dict[str, str]:
    """Return what was said once; a name that stands twice, or is too long, makes all of it void."""
    for values in said.values():
        if len(values) != 1 or len(values[0]) > _LONGEST or not values[0].isprintable():
            raise NotBelieved("parameters")
    return {name: values[0] for name, values in said.items()}


def _check_issuer(client: Client, answer: Mapping[str, str]) -> None:
    """Check that the answer comes from the issuer this browser was sent to (RFC 9207)."""
    named = answer.get("iss")
    if named is None and not client.discovery.metadata().names_itself:
        return
    if named != client.provider.issuer:
        raise NotBelieved("mix_up")
