"""Signed tokens of a provider: who signed, for whom, when, about whom. The signature is checked by joserfc with a key and an
algorithm that we choose; everything a token says of its own checking (jku, jwk, x5u, crit) is refused unread."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from lkportal.auth.oidc.calls import NotBelieved, strict_object
from lkportal.auth.oidc.discovery import Jwk

LEEWAY = 60
OLDEST = 600
_LONGEST = 16 * 1024
LONGEST_SUBJECT = 255
_COMPACT = re.compile(r"[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{2,}")
_HEADER = frozenset({"alg", "kid", "typ"})
_HARMLESS = frozenset({"cty", "x5t", "x5t#S256", "sub", "sbt", "ver"})
_KINDS: Mapping[str, str] = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
_LEAST_RSA_BYTES = 256
Keys = Callable[[str | None], Sequence[Jwk]]
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def verified(token: Any, keys: Keys, algorithms: Sequence[str], kinds: frozenset[str]) -> dict[str, Any]:
    """Return the claims of a token signed by one of `keys`. Raises NotBelieved.

    `kinds` are the accepted values of the header `typ`, small letters, "" for none.
    """
    if not isinstance(token, str) or len(token) > _LONGEST or not _COMPACT.fullmatch(token):
        raise NotBelieved("token_form")
    head, body, _ = token.split(".")
    header = strict_object(_bytes(head))
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in algorithms:
        raise NotBelieved("alg")
    if header.keys() - _HEADER - _HARMLESS:
        raise NotBelieved("header")
    if str(header.get("typ", "")).lower() not in kinds:
        raise NotBelieved("typ")
    if kid is not None and (not isinstance(kid, str) or len(kid) > LONGEST_SUBJECT):
        raise NotBelieved("kid")
    fitting = [key for key in keys(kid) if _fits(key, str(algorithm))]
    if len(fitting) != 1:
        raise NotBelieved("key")
    _check_signature(token, fitting[0], str(algorithm))
    return strict_object(_bytes(body))


def check_issued(claims: Mapping[str, Any], issuer: str, client: str, now: datetime) -> None:
    """Check who issued a token, for whom and when: iss, aud, azp, exp, iat, nbf. Raises NotBelieved."""
    if claims.get("iss") != issuer:
        raise NotBelieved("iss")
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    if client not in listed or not all(isinstance(each, str) for each in listed):
        raise NotBelieved("aud")
    if "azp" in claims and claims["azp"] != client:
        raise NotBelieved("azp")
    if len(listed) > 1 and "azp" not in claims:
        raise NotBelieved("azp")
    moment = now.timestamp()
    if moment >= number(claims, "exp") + LEEWAY:
        raise NotBelieved("exp")
    issued = number(claims, "iat")
    if issued > moment + LEEWAY or issued < moment - OLDEST - LEEWAY:
        raise NotBelieved("iat")
    if "nbf" in claims and number(claims, "nbf") > moment + LEEWAY:
        raise NotBelieved("nbf")


def check_nonce(claims: Mapping[str, Any], nonce: str) -> None:
    """Check that a token answers this very question. Raises NotBelieved."""
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise NotBelieved("nonce")


def check_access_hash(claims: Mapping[str, Any], access_token: str, token: str) -> None:
    """Check `at_hash`: the access token beside it is the one it was made with. Raises NotBelieved."""
    algorithm = strict_object(_bytes(token.split(".", 1)[0])).get("alg", "")
    digest = hashlib.new(f"sha{str(algorithm)[-3:]}", access_token.encode()).digest()
    if claims["at_hash"] != base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode():
        raise NotBelieved("at_hash")


def check_level(claims: Mapping[str, Any], levels: Sequence[str]) -> None:
    """Check that the provider signed the person in at one of the demanded levels (acr). Raises NotBelieved."""
    if levels and claims.get("acr") not in levels:
        raise NotBelieved("acr")


def check_proved(claims: Mapping[str, Any], now: datetime, within: float) -> None:
    """Check that the person was there (auth_time) within so many seconds. Raises NotBelieved."""
    proved = number(claims, "auth_time", "auth_time")
    if not -LEEWAY <= now.timestamp() - proved <= within + LEEWAY:
        raise NotBelieved("auth_time")


def subject(claims: Mapping[str, Any], name: str = "sub") -> str:
    """Return the lasting name of the person at the provider. Raises NotBelieved."""
    said = claims.get(name)
    if isinstance(said, int) and not isinstance(said, bool):
        said = str(said)
    if (
        not isinstance(said, str)
        or not 0 < len(said) <= LONGEST_SUBJECT
        or not said.isascii()
        or not said.isprintable()
    ):
        raise NotBelieved("sub")
    return said


def check_logout(claims: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return sub, sid (either may be "") and jti of a back-channel logout token. Raises NotBelieved."""
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise NotBelieved("events")
    if "nonce" in claims:
        raise NotBelieved("nonce")
    sid, jti = claims.get("sid", ""), claims.get("jti")
    if not isinstance(sid, str) or len(sid) > LONGEST_SUBJECT:
        raise NotBelieved("sid")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_SUBJECT:
        raise NotBelieved("jti")
    named = subject(claims) if "sub" in claims else ""
    if not named and not sid:
        raise NotBelieved("sub")
    return named, sid, jti


def number(claims: Mapping[str, Any], name: str, why: str = "") -> float:
    """Return a claim that is a moment in seconds. Raises NotBelieved."""
    said = claims.get(name)
    if isinstance(said, bool) or not isinstance(said, int | float) or not 0 <= said < 1e11:
        raise NotBelieved(why or name)
    return said


def _fits(key: Jwk, algorithm: str) -> bool:
    if key.get("kty") != _KINDS[algorithm[:2]] or key.get("use", "sig") != "sig":
        return False
    operations = key.get("key_ops")
    if operations is not None and (not isinstance(operations, list) or "verify" not in operations):
        return False
    return bool(key.get("alg", algorithm) == algorithm)


def _check_signature(token: str, key: Jwk, algorithm: str) -> None:
    from joserfc import jwk, jws  # noqa: PLC0415 - an optional extra, looked for at start-up
    from joserfc.errors import JoseError  # noqa: PLC0415

    public = {name: value for name, value in key.items() if name in ("kty", "n", "e", "crv", "x", "y")}
    try:
        if public["kty"] == "RSA" and len(_bytes(public["n"]).lstrip(b"\0")) < _LEAST_RSA_BYTES:
            raise NotBelieved("key")
        jws.deserialize_compact(token, jwk.import_key(public), algorithms=[algorithm])
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotBelieved("signature") from error


def _bytes(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise NotBelieved("token_form") from error
