"""Gosuslugi (ESIA): OAuth 2 whose every request is signed with the portal's own key, by the scheme of its methodical
recommendations (v2/ac and v3/te). The signature is made by a port, for it takes a GOST key that only the company has."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from lkportal.auth.external.vouched import Vouched, labelled, named
from lkportal.auth.oidc import tokens
from lkportal.auth.oidc.calls import NotBelieved
from lkportal.auth.oidc.client import Client, EsiaSigner
from lkportal.core import foreign
from lkportal.core.clock import Clock
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text

_KINDS = frozenset({"", "jwt"})


class NoSigner(PortalError):
    """Gosuslugi is on, and nothing signs for it: the company's module that fills the port EsiaSigner is missing."""

    def __init__(self) -> None:
        words = text(
            "auth.esia.no_signer", "Signing in through Gosuslugi is not set up to the end. Sign in another way."
        )
        super().__init__("esia_signer", words, 503)


def authorization(client: Client, state: str, back: str, now: datetime) -> dict[str, str]:
    """Return the query that a person is sent to Gosuslugi with: signed, without PKCE, which is not documented there."""
    stamp, scope, table = timestamp(now), " ".join(client.provider.scopes), client.provider.table
    signed = signature(client, table.client_id + scope + stamp + state + back)
    return {
        "client_id": table.client_id,
        "client_secret": signed,
        "client_certificate_hash": table.certificate_hash,
        "redirect_uri": back,
        "scope": scope,
        "response_type": "code",
        "state": state,
        "timestamp": stamp,
        "access_type": "online",
    }


def describe(client: Client, code: str, back: str, clock: Clock) -> Vouched:
    """Exchange the code and return the citizen: named by the number Gosuslugi gave them (oid)."""
    found = _exchange(client, code, back, clock.now())
    table, token = client.provider.table, found.get("id_token")
    claims = tokens.verified(token, lambda _kid: [client.provider_key or {}], table.algorithms, _KINDS)
    tokens.check_issued(claims, client.provider.issuer, table.client_id, clock.now())
    person = claims.get("urn:esia:sbj")
    if not isinstance(person, dict):
        raise NotBelieved("sub")
    oid = tokens.subject(person, "urn:esia:sbj:oid")
    if not oid.isdecimal():
        raise NotBelieved("sub")
    access = found.get("access_token")
    if not isinstance(access, str) or not access.isascii() or not access.isprintable():
        raise NotBelieved("access_token")
    where = client.discovery.metadata().endpoints["userinfo_endpoint"]
    said = client.caller.get(f"{where}/{oid}", {"authorization": f"Bearer {access}"})
    if said.get("trusted") is not True:
        raise NotBelieved("not_trusted")
    return Vouched(
        issuer=client.provider.issuer,
        subject=oid,
        provider=client.provider.name,
        kind=table.who,
        name=named(said.get("firstName"), said.get("middleName"), said.get("lastName")),
        label=labelled(named(said.get("firstName"), said.get("lastName"))),
    )


def timestamp(now: datetime) -> str:
    """Return a moment as Gosuslugi writes it: 2026.11.22 10:00:00 +0000."""
    return now.strftime("%Y.%m.%d %H:%M:%S %z")


def signature(client: Client, message: str) -> str:
    """Return the detached signature of a message, base64url. Raises NoSigner."""
    signer = client.ports.find(EsiaSigner)  # type: ignore[type-abstract]
    if signer is None:
        raise NoSigner
    foreign.guard("the signer of Gosuslugi")
    return base64.urlsafe_b64encode(signer.sign(message.encode())).decode()


def _exchange(client: Client, code: str, back: str, now: datetime) -> Mapping[str, Any]:
    stamp, scope, table, state = timestamp(now), " ".join(client.provider.scopes), client.provider.table, str(uuid4())
    signed = signature(client, table.client_id + scope + stamp + state + back + code)
    fields = {
        "client_id": table.client_id,
        "client_secret": signed,
        "client_certificate_hash": table.certificate_hash,
        "code": code,
        "grant_type": "authorization_code",
        "redirect_uri": back,
        "scope": scope,
        "state": state,
        "timestamp": stamp,
        "token_type": "Bearer",
    }
    return client.caller.post(client.discovery.metadata().endpoints["token_endpoint"], fields)
