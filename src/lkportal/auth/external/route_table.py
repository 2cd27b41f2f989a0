"""The routes of people known elsewhere: providers, strangers, links, password sources. Whatever waits for others waits in `slow`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lkportal.auth.external import routes as pages
from lkportal.auth.oidc import routes as oidc
from lkportal.auth.sources import routes as sources
from lkportal.core.contributions import RouteSpec
from lkportal.core.policy import Policy, anyone
from lkportal.web import route

_POST = ("POST",)
_BODY = 8 * 1024
_TOKEN_BODY = 32 * 1024
_ANYONE, _PERSON, _CONTACTS = anyone(), Policy("person"), Policy("person", step_up="contacts")


def _providers(settings: Any, _brought: Mapping[str, Sequence[Any]]) -> bool:
    return bool(settings.oidc)


def _sources(settings: Any, brought: Mapping[str, Sequence[Any]]) -> bool:
    return any(each.on(settings) for each in brought["password_sources"])


def _anybody(settings: Any, brought: Mapping[str, Sequence[Any]]) -> bool:
    """Whether anybody vouches for people here; where nobody does, none of these pages is there."""
    return _providers(settings, brought) or _sources(settings, brought)


FEDERATION_ROUTES: list[RouteSpec] = [
    route(
        "/oidc/{provider}",
        oidc.begin,
        name="oidc_begin",
        policy=_ANYONE,
        methods=_POST,
        limiter="slow",
        body=_BODY,
        on=_providers,
    ),
    route(
        "/oidc/{provider}/callback",
        oidc.come_back,
        name="oidc_callback",
        policy=_ANYONE,
        limiter="slow",
        kind="action",
        on=_providers,
    ),
    route(
        "/oidc/{provider}/logout",
        oidc.signed_out_there,
        name="oidc_logout",
        policy=_ANYONE,
        methods=_POST,
        limiter="slow",
        body=_TOKEN_BODY,
        kind="api",
        csrf=False,
        on=_providers,
    ),
    route(
        "/oidc/{provider}/sign-out",
        oidc.sign_out_there,
        name="oidc_sign_out",
        policy=_ANYONE,
        limiter="slow",
        kind="action",
        on=_providers,
    ),
    route(
        "/oidc/{provider}/proof",
        oidc.begin_proof,
        name="oidc_proof",
        policy=_PERSON,
        methods=_POST,
        limiter="slow",
        body=_BODY,
        on=_providers,
    ),
    route("/external/new", pages.stranger, name="stranger", policy=_ANYONE, on=_anybody),
    route("/external/new", pages.join, name="stranger_join", policy=_ANYONE, methods=_POST, body=_BODY, on=_anybody),
    route("/settings/external", pages.external, name="external", policy=_CONTACTS, on=_anybody),
    route(
        "/settings/external/{provider}/link",
        oidc.begin_link,
        name="oidc_link",
        policy=_CONTACTS,
        methods=_POST,
        limiter="slow",
        body=_BODY,
        on=_providers,
    ),
    route(
        "/settings/external/{linked}/unlink",
        pages.unlink,
        name="unlink",
        policy=_CONTACTS,
        methods=_POST,
        body=_BODY,
        on=_anybody,
    ),
    route("/settings/external/take", pages.take_link, name="take_link", policy=_CONTACTS, on=_anybody),
    route(
        "/settings/external/take", pages.linked, name="linked", policy=_CONTACTS, methods=_POST, body=_BODY, on=_anybody
    ),
    route("/login/with/{source}", sources.source_login, name="source_login", policy=_ANYONE, on=_sources),
    route(
        "/login/with/{source}",
        sources.source_sign_in,
        name="source_sign_in",
        policy=_ANYONE,
        methods=_POST,
        limiter="slow",
        body=_BODY,
        on=_sources,
    ),
]
