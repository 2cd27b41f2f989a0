"""The routes of people known elsewhere: providers, strangers, links, password sources. Whatever waits for others waits in `slow`."""

from __future__ import annotations

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

FEDERATION_ROUTES: list[RouteSpec] = [
    route("/oidc/{provider}", oidc.begin, name="oidc_begin", policy=_ANYONE, methods=_POST, limiter="slow", body=_BODY),
    route(
        "/oidc/{provider}/callback",
        oidc.come_back,
        name="oidc_callback",
        policy=_ANYONE,
        limiter="slow",
        kind="action",
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
    ),
    route(
        "/oidc/{provider}/sign-out",
        oidc.sign_out_there,
        name="oidc_sign_out",
        policy=_ANYONE,
        limiter="slow",
        kind="action",
    ),
    route(
        "/oidc/{provider}/proof",
        oidc.begin_proof,
        name="oidc_proof",
        policy=_PERSON,
        methods=_POST,
        limiter="slow",
        body=_BODY,
    ),
    route("/external/new", pages.stranger, name="stranger", policy=_ANYONE),
    route("/external/new", pages.join, name="stranger_join", policy=_ANYONE, methods=_POST, body=_BODY),
    route("/settings/external", pages.external, name="external", policy=_CONTACTS),
    route(
        "/settings/external/{provider}/link",
        oidc.begin_link,
        name="oidc_link",
        policy=_CONTACTS,
        methods=_POST,
        limiter="slow",
        body=_BODY,
    ),
    route("/settings/external/{link}/unlink", pages.unlink, name="unlink", policy=_CONTACTS, methods=_POST, body=_BODY),
    route("/settings/external/take", pages.take_link, name="take_link", policy=_CONTACTS),
    route("/settings/external/take", pages.linked, name="linked", policy=_CONTACTS, methods=_POST, body=_BODY),
    route("/login/with/{source}", sources.source_login, name="source_login", policy=_ANYONE),
    route(
        "/login/with/{source}",
        sources.source_sign_in,
        name="source_sign_in",
        policy=_ANYONE,
        methods=_POST,
        limiter="slow",
        body=_BODY,
    ),
]
