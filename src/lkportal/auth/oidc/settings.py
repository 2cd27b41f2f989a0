"""One provider of sign-in, the table [auth.oidc.NAME] of portal.toml. What a preset fills in stands in presets."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from lkportal.core.settings import Table

Preset = Literal["plain", "yandex", "vk", "t_id", "sber", "esia"]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class OidcTable(Table):
    """A provider that people may sign in at. Only hosts named here are ever called."""

    preset: Preset = Field("plain", description="plain (any issuer), yandex, vk, t_id, sber or esia")
    issuer: str = Field(
        "", description="the issuer's address, exactly as its discovery document says; presets know theirs"
    )
    client_id: str = Field(min_length=1, description="the portal's name at the provider")
    client_secret: SecretStr = Field(SecretStr(""), description="the portal's secret there; from the environment")
    client_secret_file: Path | None = Field(
        None, description="a file that holds the secret, instead of the environment"
    )
    scopes: tuple[str, ...] = Field((), description="what is asked for; empty: what the preset needs and no more")
    title: str = Field("", description="what the button calls the provider; empty: the preset's name")
    who: Literal["customer", "staff"] = Field("customer", description="who signs in there")
    acr: tuple[str, ...] = Field(
        (), description="accepted levels of sign-in (acr), asked for and demanded of the answer"
    )
    two_factors: bool = Field(
        False, description="whether a sign-in at a level of `acr` counts as two factors by itself"
    )
    algorithms: tuple[Algorithm, ...] = Field(
        ("RS256", "PS256", "ES256"), min_length=1, description="accepted signatures of tokens"
    )
    hosts: tuple[str, ...] = Field((), description="hosts of the provider besides the issuer's own")
    authorization_endpoint: str = Field("", description="instead of discovery: where people are sent")
    token_endpoint: str = Field("", description="instead of discovery: where codes are exchanged")
    userinfo_endpoint: str = Field("", description="instead of discovery: where the person is described")
    jwks_uri: str = Field("", description="instead of discovery: where the provider's keys are")
    end_session_endpoint: str = Field("", description="instead of discovery: where people sign out")
    logout: bool = Field(False, description="whether signing out here leads through the provider's sign-out")
    timeout_seconds: float = Field(8.0, gt=0, le=15, description="longest wait for one whole answer of the provider")
    certificate_file: Path | None = Field(None, description="client certificate (PEM) for providers that ask for one")
    certificate_key_file: Path | None = Field(None, description="its key (PEM)")
    key_file: Path | None = Field(
        None, description="esia: the provider's public key (PEM) that tokens are checked with"
    )
    certificate_hash: str = Field("", description="esia: hash of the portal's certificate, as the provider computes it")

    @field_validator(
        "issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"
    )
    @classmethod
    def _safe_address(cls, value: str) -> str:
        if value and not is_safe(value):
            raise ValueError(f"{value!r} is not an https address without user, query and fragment")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.preset == "plain" and not self.issuer:
            raise ValueError("name the issuer, such as https://sso.example.org, or a preset")
        if self.client_secret.get_secret_value() and self.client_secret_file:
            raise ValueError("the secret stands in two places: keep client_secret or client_secret_file")
        if self.two_factors and not self.acr:
            raise ValueError("two_factors needs acr: the levels at which the provider asks for two")
        return self


def is_safe(address: str) -> bool:
    """Whether an address may be called: https, or http on this machine; no user, no query, no fragment, no control letters."""
    if any(not "!" <= letter <= "~" or letter == "\\" for letter in address):
        return False
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address, as a content security policy names them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
