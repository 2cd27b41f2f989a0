"""What a provider says of itself, and its keys: read from the issuer's own address, believed only within the settings, kept for
an hour. A key nobody knows is asked for anew at most once a minute, so that forged tokens cannot make us call."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lkportal.auth.oidc.calls import Caller, NotBelieved
from lkportal.auth.oidc.presets import ENDPOINTS, Provider
from lkportal.auth.oidc.settings import is_safe, origin_of
from lkportal.core.clock import Clock

KEEP = timedelta(hours=1)
AT_MOST_EVERY = timedelta(seconds=60)
_MOST_KEYS = 50
Jwk = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where a provider is called, and what it promises. `names_itself`: it adds `iss` to every answer (RFC 9207)."""

    endpoints: Mapping[str, str]
    names_itself: bool = False
    token_auth: str = ""


class Discovery:
    """Metadata and keys of one provider, kept in this process. Threads share it; one of them asks, the others wait."""

    def __init__(self, provider: Provider, caller: Caller, clock: Clock) -> None:
        self._provider, self._caller, self._clock = provider, caller, clock
        self._lock = threading.Lock()
        self._metadata: tuple[datetime, Metadata] | None = None
        self._keys: tuple[datetime, Sequence[Jwk]] | None = None

    def metadata(self) -> Metadata:
        """Return where the provider is called. Raises ProviderAway, NotBelieved."""
        if not self._provider.discovers:
            return Metadata(self._provider.endpoints)
        with self._lock:
            if self._metadata is None or self._is_old(self._metadata[0], KEEP):
                self._metadata = (self._clock.now(), self._read())
            return self._metadata[1]

    def keys(self, kid: str | None) -> Sequence[Jwk]:
        """Return the provider's keys named `kid`, or all of them for a token that names none. Raises as `metadata` does."""
        where = self.metadata().endpoints["jwks_uri"]
        with self._lock:
            if self._keys is None or self._is_old(self._keys[0], KEEP):
                self._keys = (self._clock.now(), self._fetch(where))
            found = _named(self._keys[1], kid)
            if not found and self._is_old(self._keys[0], AT_MOST_EVERY):
                self._keys = (self._clock.now(), self._fetch(where))
                found = _named(self._keys[1], kid)
            return found

    def _is_old(self, moment: datetime, after: timedelta) -> bool:
        return not timedelta(0) <= self._clock.now() - moment < after

    def _read(self) -> Metadata:
        issuer = self._provider.issuer
        said = self._caller.get(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if said.get("issuer") != issuer:
            raise NotBelieved("issuer")
        found = {key: said[key] for key in ENDPOINTS if isinstance(said.get(key), str)}
        endpoints = {**found, **self._provider.endpoints}
        for address in endpoints.values():
            if not is_safe(address) or origin_of(address) not in self._provider.origins:
                raise NotBelieved("host")
        if not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= endpoints.keys():
            raise NotBelieved("metadata")
        ways = said.get("token_endpoint_auth_methods_supported")
        only_post = isinstance(ways, list) and "client_secret_basic" not in ways and "client_secret_post" in ways
        names_itself = said.get("authorization_response_iss_parameter_supported") is True
        return Metadata(endpoints, names_itself, "post" if only_post else "")

    def _fetch(self, where: str) -> Sequence[Jwk]:
        keys = self._caller.get(where).get("keys")
        if not isinstance(keys, list) or len(keys) > _MOST_KEYS:
            raise NotBelieved("keys")
        return [key for key in keys if isinstance(key, dict) and key.get("kty") in ("RSA", "EC")]


def _named(keys: Sequence[Jwk], kid: str | None) -> Sequence[Jwk]:
    return list(keys) if kid is None else [key for key in keys if key.get("kid") == kid]
