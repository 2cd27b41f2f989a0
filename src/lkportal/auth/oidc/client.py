"""The providers of one portal, ready to be asked: settings, secret, caller, what discovery found. Filled as a port at boot."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from lkportal.auth.oidc.calls import Caller
from lkportal.auth.oidc.discovery import Discovery
from lkportal.auth.oidc.presets import Provider, provider_of
from lkportal.core.errors import NotFound, StartupError
from lkportal.core.ports import Ports


class EsiaSigner(Protocol):
    """Port filled by a company that has a key at Gosuslugi: signs with it. `openssl` with a GOST engine, CryptoPro or a service."""

    def sign(self, message: bytes) -> bytes:
        """Return the detached CMS signature (DER) of `message`. Called outside any unit of work; may take seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Client:
    """One provider as this portal's client."""

    provider: Provider
    secret: str
    caller: Caller
    discovery: Discovery
    ports: Ports
    provider_key: Mapping[str, Any] | None = None

    @property
    def token_auth(self) -> str:
        """How the portal proves itself when it exchanges a code: basic, post or none."""
        if not self.secret:
            return "none"
        return self.discovery.metadata().token_auth or self.provider.preset.token_auth


class Providers:
    """Port filled by auth: the providers that are on, by name, in the order of the settings."""

    def __init__(self, portal: Any) -> None:
        tables = portal.settings_of("auth").oidc
        if tables and importlib.util.find_spec("joserfc") is None:
            raise StartupError("oidc_extra", "Sign-in at providers needs a package: pip install 'lkportal[oidc]'.")
        self._clients = {name: _client(portal, provider_of(name, table)) for name, table in tables.items()}

    def get(self, name: str) -> Client:
        """Return a provider by name. Raises NotFound for one that is not on: no trace is left of it."""
        if name not in self._clients:
            raise NotFound
        return self._clients[name]

    def find(self, name: str) -> Client | None:
        """Return a provider by name, or None."""
        return self._clients.get(name)

    def of(self, who: str) -> list[Provider]:
        """Return the providers that customers, or staff, sign in at."""
        return [each.provider for each in self._clients.values() if each.provider.table.who == who]

    def __bool__(self) -> bool:
        return bool(self._clients)


def _client(portal: Any, provider: Provider) -> Client:
    table = provider.table
    _demand_whole(provider)
    secret = table.client_secret.get_secret_value()
    if table.client_secret_file:
        secret = _read(portal, provider, "client_secret_file", table.client_secret_file).decode().strip()
    caller = Caller(provider, _certificate(portal, provider))
    key = _public_key(provider, _read(portal, provider, "key_file", table.key_file)) if table.key_file else None
    return Client(provider, secret, caller, Discovery(provider, caller, portal.clock), portal.ports, key)


def _certificate(portal: Any, provider: Provider) -> tuple[str, str] | None:
    table = provider.table
    if table.certificate_file is None or table.certificate_key_file is None:
        return None
    for key in ("certificate_file", "certificate_key_file"):
        _read(portal, provider, key, getattr(table, key))
    path = portal.configuration.path
    return str(path(table.certificate_file)), str(path(table.certificate_key_file))


def _demand_whole(provider: Provider) -> None:
    if provider.discovers:
        return
    wanted = ["authorization_endpoint", "token_endpoint"]
    wanted += {"oidc": ["jwks_uri"], "esia": []}.get(provider.dialect, ["userinfo_endpoint"])
    missing = [key for key in wanted if key not in provider.endpoints]
    missing += ["key_file"] if provider.dialect == "esia" and provider.table.key_file is None else []
    if missing:
        raise StartupError(
            "oidc_incomplete",
            f"auth.oidc.{provider.name}: this provider has no discovery, so name {' and '.join(missing)} as your contract"
            " with it says.",
        )


def _read(portal: Any, provider: Provider, key: str, file: Path) -> bytes:
    path: Path = portal.configuration.path(file)
    try:
        return path.read_bytes()
    except OSError as error:
        raise StartupError(
            "oidc_file", f"auth.oidc.{provider.name}.{key}: {path} cannot be read: {error.strerror}."
        ) from None


def _public_key(provider: Provider, pem: bytes) -> Mapping[str, Any]:
    from joserfc import jwk  # noqa: PLC0415 - an optional extra, looked for at start-up
    from joserfc.errors import JoseError  # noqa: PLC0415

    try:
        return jwk.RSAKey.import_key(pem).as_dict(private=False)
    except (JoseError, ValueError, TypeError) as error:
        raise StartupError(
            "oidc_key",
            f"auth.oidc.{provider.name}.key_file holds no RSA public key in PEM: ask the provider for its RS256 key.",
        ) from error
