"""Signing out that goes both ways: a provider tells us (back channel), or we lead the person through its own sign-out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import Connection, select

from lkportal.auth.contract import SessionRevoked
from lkportal.auth.door.entering import Door, audit
from lkportal.auth.external import links
from lkportal.auth.external.models import External, SignedInThere
from lkportal.auth.models import Session as Entered
from lkportal.auth.oidc import tokens
from lkportal.auth.oidc.calls import NotBelieved
from lkportal.auth.oidc.client import Client, Providers
from lkportal.core.events import emit
from lkportal.core.unit import now, open_unit

if TYPE_CHECKING:
    from lkportal.web.request import Request

_KINDS = frozenset({"", "jwt", "logout+jwt"})
_BEGUN_AT = (
    select(External.provider)
    .join(SignedInThere, SignedInThere.external_id == External.id)
    .where(SignedInThere.session_id == Entered.id)
)


def signed_out_there(door: Door, client: Client, token: Any) -> int:
    """End the sessions that a provider's logout token names; return how many. Raises NotBelieved, ProviderAway.

    A token that names only a person ends all sessions that began at the provider; one that names the provider's session ends
    those that began with it, or all of the person's when that one is not known here.
    """
    provider, moment = client.provider, door.circumstances.clock.now()
    claims = tokens.verified(token, client.discovery.keys, provider.table.algorithms, _KINDS)
    tokens.check_issued(claims, provider.issuer, provider.table.client_id, moment)
    subject, sid, jti = tokens.check_logout(claims)
    until = datetime.fromtimestamp(tokens.number(claims, "exp"), UTC) + timedelta(seconds=2 * tokens.LEEWAY)
    with open_unit(door.database, door.circumstances) as db:
        if not links.first_use(db, provider.issuer, jti, min(until, moment + timedelta(days=1))):
            raise NotBelieved("jti")
        ended = links.sessions_of(db, provider.issuer, subject, sid)
        if not ended and subject and sid:
            ended = links.sessions_of(db, provider.issuer, subject, "")
        for row in ended:
            links.end_session(db, row.id, now(db))
            emit(db, SessionRevoked(row.identity, (row.public_id,)))
            audit(db, "auth.session_revoked", row.public_id, detail={"provider": provider.name})
    return len(ended)


def began_at(connection: Connection, session_id: int) -> str:
    """Return the provider a session began at, or ""."""
    return connection.execute(_BEGUN_AT.where(Entered.id == session_id)).scalar() or ""


def way_out(request: Request) -> str:
    """Return the page that leads a person who signs out here through the provider they came from, or ""."""
    actor = request.actor
    if actor.session_id is None:
        return ""
    found = request.portal.ports.get(Providers).find(began_at(request.db, actor.session_id))
    if found is None or not found.provider.table.logout:
        return ""
    return request.url("auth:oidc_sign_out", provider=found.provider.name)


def sign_out_address(client: Client, back: str) -> str:
    """Return where a person signs out at a provider and comes back from, or "" when it has no such place."""
    where = client.discovery.metadata().endpoints.get("end_session_endpoint", "")
    if not where:
        return ""
    fields = {"client_id": client.provider.table.client_id}
    fields["redirect_url" if client.provider.dialect == "esia" else "post_logout_redirect_uri"] = back
    return where + "?" + urlencode(fields)
