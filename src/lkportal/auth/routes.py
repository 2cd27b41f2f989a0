"""The routes of auth: paths, policies, limiters. Whatever checks or makes a password waits for the hash limiter."""

from __future__ import annotations

from lkportal.auth.door.routes import login, logout, prove, sign_in
from lkportal.auth.door.routes_crossing import CROSSING_ROUTES
from lkportal.auth.external.route_table import FEDERATION_ROUTES
from lkportal.auth.guard import anyone, known_person
from lkportal.auth.letters.routes import (
    ask_for_access,
    ask_for_recovery,
    confirm,
    confirm_set,
    recover,
    recover_set,
    recovered,
    register,
)
from lkportal.auth.one_time.routes import CODE_ROUTES
from lkportal.auth.own.routes import change_password, devices, end_all, end_others, end_session, password
from lkportal.auth.own.routes_contacts import CONTACT_ROUTES
from lkportal.auth.own.routes_visits import VISIT_ROUTES
from lkportal.auth.passkeys.routes import PASSKEY_ROUTES
from lkportal.auth.second.routes import SECOND_ROUTES
from lkportal.auth.second.routes_factors import FACTOR_ROUTES
from lkportal.core.contributions import RouteSpec
from lkportal.web import route

_POST = ("POST",)
_BODY = 8 * 1024
_ANYONE, _PERSON = anyone(), known_person()

ROUTES: list[RouteSpec] = [
    route("/login", login, name="login", policy=_ANYONE),
    route("/login", sign_in, name="sign_in", policy=_ANYONE, methods=_POST, limiter="hash", body=_BODY),
    route("/logout", logout, name="logout", policy=_ANYONE, methods=_POST, kind="action", body=_BODY),
    route("/step-up", prove, name="prove", policy=_PERSON, methods=_POST, limiter="hash", body=_BODY),
    route("/register", register, name="register", policy=_ANYONE),
    route("/register", ask_for_access, name="ask_for_access", policy=_ANYONE, methods=_POST, body=_BODY),
    route("/confirm/{token}", confirm, name="confirm", policy=_ANYONE),
    route(
        "/confirm/{token}", confirm_set, name="confirm_set", policy=_ANYONE, methods=_POST, limiter="hash", body=_BODY
    ),
    route("/recover", recover, name="recover", policy=_ANYONE),
    route("/recover", ask_for_recovery, name="ask_for_recovery", policy=_ANYONE, methods=_POST, body=_BODY),
    route("/recover/{token}", recover_set, name="recover_set", policy=_ANYONE),
    route("/recover/{token}", recovered, name="recovered", policy=_ANYONE, methods=_POST, limiter="hash", body=_BODY),
    route("/settings/password", password, name="password", policy=_PERSON),
    route(
        "/settings/password",
        change_password,
        name="change_password",
        policy=_PERSON,
        methods=_POST,
        limiter="hash",
        body=_BODY,
    ),
    route("/settings/sessions", devices, name="sessions", policy=_PERSON),
    route("/settings/sessions/others/end", end_others, name="end_others", policy=_PERSON, methods=_POST, body=_BODY),
    route("/settings/sessions/all/end", end_all, name="end_all", policy=_PERSON, methods=_POST, body=_BODY),
    route(
        "/settings/sessions/{session}/end", end_session, name="end_session", policy=_PERSON, methods=_POST, body=_BODY
    ),
    *CODE_ROUTES,
    *CONTACT_ROUTES,
    *PASSKEY_ROUTES,
    *SECOND_ROUTES,
    *FACTOR_ROUTES,
    *CROSSING_ROUTES,
    *VISIT_ROUTES,
    *FEDERATION_ROUTES,
]
