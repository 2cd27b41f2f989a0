"""What is asked of each kind of provider, and how its answers are read. Only OpenID Connect answers with a signed token; of the others
the person is read over a connection of our own, and PKCE ties the answer to the browser. Gosuslugi stands in esia."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from lkportal.auth.external.vouched import Vouched, labelled, mailbox, named
from lkportal.auth.oidc import esia, tokens
from lkportal.auth.oidc.calls import NotBelieved
from lkportal.auth.oidc.client import Client
from lkportal.core.clock import Clock

_ID_TOKEN = frozenset({"", "jwt"})
_LONGEST = 16 * 1024


@dataclass(frozen=True, slots=True)
class Question:
    """What ties an answer to one flow of one browser: state, nonce, PKCE's verifier, the redirect address."""

    state: str
    nonce: str
    verifier: str
    back: str

    @property
    def challenge(self) -> str:
        """PKCE's challenge, S256."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authorization(client: Client, question: Question, now: datetime, *, again: bool) -> dict[str, str]:
    """Return the query that a person is sent to the provider with; `again` asks them to prove themselves anew."""
    provider = client.provider
    if provider.dialect == "esia":
        return esia.authorization(client, question.state, question.back, now)
    fields = {
        "response_type": "code",
        "client_id": provider.table.client_id,
        "redirect_uri": question.back,
        "scope": " ".join(provider.scopes),
        "state": question.state,
        "code_challenge": question.challenge,
        "code_challenge_method": "S256",
    }
    if provider.dialect == "oidc":
        fields["nonce"] = question.nonce
        if provider.table.acr:
            fields["acr_values"] = " ".join(provider.table.acr)
        if again:
            fields |= {"prompt": "login", "max_age": "0"}
    return fields


def describe(
    client: Client, question: Question, answer: Mapping[str, str], clock: Clock, asked_at: datetime | None
) -> Vouched:
    """Exchange the code and return whom the provider vouches for. `asked_at`: they had to prove themselves after this moment.

    Raises NotBelieved, ProviderAway.
    """
    match client.provider.dialect:
        case "oidc":
            return _openid(client, question, answer, clock, asked_at)
        case _ if asked_at is not None:
            raise NotBelieved("auth_time")
        case "esia":
            return esia.describe(client, answer["code"], question.back, clock)
        case "yandex":
            return _yandex(client, question, answer)
        case _:
            return _vk(client, question, answer)


def _openid(
    client: Client, question: Question, answer: Mapping[str, str], clock: Clock, asked_at: datetime | None
) -> Vouched:
    table, found = client.provider.table, _exchange(client, question, answer)
    now = clock.now()
    claims = tokens.verified(found.get("id_token"), client.discovery.keys, table.algorithms, _ID_TOKEN)
    tokens.check_issued(claims, client.provider.issuer, table.client_id, now)
    tokens.check_nonce(claims, question.nonce)
    if "at_hash" in claims:
        tokens.check_access_hash(claims, _access_token(found), found["id_token"])
    tokens.check_level(claims, table.acr)
    if asked_at is not None:
        tokens.check_proved(claims, now, (now - asked_at).total_seconds())
    sub = tokens.subject(claims)
    told = {**claims, **_userinfo(client, found, sub, claims)}
    sid = claims.get("sid", "")
    return Vouched(
        issuer=client.provider.issuer,
        subject=sub,
        provider=client.provider.name,
        kind=table.who,
        name=named(told.get("name")) or named(told.get("given_name"), told.get("family_name")),
        email=mailbox(told.get("email"), told.get("email_verified")),
        label=labelled(told.get("email"), told.get("preferred_username"), told.get("phone_number"), told.get("name")),
        sid=sid if isinstance(sid, str) and len(sid) <= tokens.LONGEST_SUBJECT else "",
        two=table.two_factors,
    )


def _userinfo(client: Client, found: Mapping[str, Any], sub: str, claims: Mapping[str, Any]) -> dict[str, Any]:
    where = client.discovery.metadata().endpoints.get("userinfo_endpoint", "")
    complete = "email" in claims or "email" not in client.provider.scopes
    if not where or (complete and not client.provider.preset.userinfo):
        return {}
    headers = {"authorization": f"Bearer {_access_token(found)}"}
    if client.provider.table.preset == "sber":
        headers["x-introspect-rquid"] = secrets.token_hex(16)
    said = client.caller.get(where, headers)
    if said.get("sub") != sub:
        raise NotBelieved("userinfo_sub")
    wanted = ("name", "given_name", "family_name", "email", "email_verified", "preferred_username", "phone_number")
    return {key: said[key] for key in wanted if key in said}


def _yandex(client: Client, question: Question, answer: Mapping[str, str]) -> Vouched:
    found = _exchange(client, question, answer)
    where = client.discovery.metadata().endpoints["userinfo_endpoint"]
    said = client.caller.get(where + "?format=json", {"authorization": f"OAuth {_access_token(found)}"})
    if said.get("client_id", client.provider.table.client_id) != client.provider.table.client_id:
        raise NotBelieved("aud")
    return Vouched(
        issuer=client.provider.issuer,
        subject=tokens.subject(said, "id"),
        provider=client.provider.name,
        kind=client.provider.table.who,
        name=named(said.get("real_name")) or named(said.get("first_name"), said.get("last_name")),
        label=labelled(said.get("default_email"), said.get("login")),
    )


def _vk(client: Client, question: Question, answer: Mapping[str, str]) -> Vouched:
    found = _exchange(client, question, answer, {"device_id": answer.get("device_id", ""), "state": question.state})
    if found.get("state", question.state) != question.state:
        raise NotBelieved("state")
    where = client.discovery.metadata().endpoints["userinfo_endpoint"]
    fields = {"client_id": client.provider.table.client_id, "access_token": _access_token(found)}
    said = client.caller.post(where, fields).get("user")
    if not isinstance(said, dict):
        raise NotBelieved("userinfo")
    subject = tokens.subject(said, "user_id")
    if "user_id" in found and str(found["user_id"]) != subject:
        raise NotBelieved("userinfo_sub")
    return Vouched(
        issuer=client.provider.issuer,
        subject=subject,
        provider=client.provider.name,
        kind=client.provider.table.who,
        name=named(said.get("first_name"), said.get("last_name")),
        label=labelled(said.get("email"), said.get("phone"), said.get("first_name")),
    )


def _exchange(
    client: Client, question: Question, answer: Mapping[str, str], more: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Exchange the code for tokens, once, over a connection of our own."""
    table, way = client.provider.table, client.token_auth
    fields = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": question.back,
        "code_verifier": question.verifier,
        **(more or {}),
    }
    headers = {}
    if way == "basic":
        pair = f"{quote(table.client_id, safe='')}:{quote(client.secret, safe='')}"
        headers["authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        fields["client_id"] = table.client_id
    if way == "post":
        fields["client_secret"] = client.secret
    if table.preset == "sber":
        headers |= {"rquid": secrets.token_hex(16), "x-ibm-client-id": table.client_id}
    return client.caller.post(client.discovery.metadata().endpoints["token_endpoint"], fields, headers)


def _access_token(found: Mapping[str, Any]) -> str:
    token, kind = found.get("access_token"), found.get("token_type", "bearer")
    if not isinstance(token, str) or not 0 < len(token) <= _LONGEST or not token.isascii() or not token.isprintable():
        raise NotBelieved("access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise NotBelieved("token_type")
    return token
