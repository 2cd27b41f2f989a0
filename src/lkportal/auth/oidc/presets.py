"""What is known of public providers, so that a company writes two lines of settings: addresses, dialect, scopes, claims.
Kept as data; a newer address is one setting away. Sources: the providers' own pages, as of 2026."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lkportal.auth.oidc.settings import OidcTable, origin_of

Dialect = Literal["oidc", "yandex", "vk", "esia"]


@dataclass(frozen=True, slots=True)
class Preset:
    """What a provider is called and how it differs. Only dialect "oidc" has an id_token that says everything."""

    title: str
    issuer: str = ""
    dialect: Dialect = "oidc"
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    endpoints: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    token_auth: Literal["basic", "post", "none"] = "basic"  # noqa: S105 - how a client proves itself
    discovers: bool = True
    userinfo: bool = False


PRESETS: Mapping[str, Preset] = {
    "plain": Preset(""),
    "yandex": Preset(
        "Яндекс ID",
        "https://oauth.yandex.ru",
        "yandex",
        ("login:info", "login:email"),
        {
            "authorization_endpoint": "https://oauth.yandex.ru/authorize",
            "token_endpoint": "https://oauth.yandex.ru/token",
            "userinfo_endpoint": "https://login.yandex.ru/info",
        },
        ("login.yandex.ru",),
        discovers=False,
    ),
    "vk": Preset(
        "VK ID",
        "https://id.vk.com",
        "vk",
        ("email", "phone"),
        {
            "authorization_endpoint": "https://id.vk.com/authorize",
            "token_endpoint": "https://id.vk.com/oauth2/auth",
            "userinfo_endpoint": "https://id.vk.com/oauth2/user_info",
        },
        token_auth="none",  # noqa: S106 - PKCE stands in its place
        discovers=False,
    ),
    "t_id": Preset(
        "T-ID",
        "https://id.tbank.ru",
        endpoints={
            "authorization_endpoint": "https://id.tbank.ru/auth/authorize",
            "token_endpoint": "https://id.tbank.ru/auth/token",
            "userinfo_endpoint": "https://id.tbank.ru/userinfo/userinfo",
        },
        userinfo=True,
    ),
    "sber": Preset("Сбер ID", token_auth="post", discovers=False, userinfo=True, scopes=("openid", "name", "email")),  # noqa: S106
    "esia": Preset(
        "Госуслуги",
        "http://esia.gosuslugi.ru/",
        "esia",
        ("openid", "fullname"),
        {
            "authorization_endpoint": "https://esia.gosuslugi.ru/aas/oauth2/v2/ac",
            "token_endpoint": "https://esia.gosuslugi.ru/aas/oauth2/v3/te",
            "userinfo_endpoint": "https://esia.gosuslugi.ru/rs/prns",
            "end_session_endpoint": "https://esia.gosuslugi.ru/idp/ext/Logout",
        },
        ("esia.gosuslugi.ru",),
        discovers=False,
    ),
}
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as configured: the settings laid over their preset. `origins` are all that is ever called or led to."""

    name: str
    title: str
    issuer: str
    dialect: Dialect
    table: OidcTable
    preset: Preset
    endpoints: Mapping[str, str]
    scopes: tuple[str, ...]
    origins: frozenset[str]
    discovers: bool

    @property
    def word(self) -> str:
        """How a session names this way in: "oidc:company"."""
        return f"oidc:{self.name}"


def provider_of(name: str, table: OidcTable) -> Provider:
    """Return the provider that a table of the settings describes."""
    preset = PRESETS[table.preset]
    named = {key: getattr(table, key) or preset.endpoints.get(key, "") for key in ENDPOINTS}
    endpoints = {key: value for key, value in named.items() if value}
    issuer = table.issuer or preset.issuer or origin_of(endpoints.get("authorization_endpoint", ""))
    hosts = (f"https://{host}" for host in (*table.hosts, *preset.hosts))
    origins = {origin_of(each) for each in (issuer, *endpoints.values())} | set(hosts)
    return Provider(
        name=name,
        title=table.title or preset.title or name,
        issuer=issuer,
        dialect=preset.dialect,
        table=table,
        preset=preset,
        endpoints=endpoints,
        scopes=table.scopes or preset.scopes,
        origins=frozenset(origin for origin in origins if origin),
        discovers=preset.discovers and not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= endpoints.keys(),
    )


def form_origins(tables: Mapping[str, OidcTable]) -> tuple[str, ...]:
    """Return where forms may lead when these providers are on: the button of a provider is a form that is redirected."""
    found = {origin for name, table in tables.items() for origin in provider_of(name, table).origins}
    return tuple(sorted(found))
