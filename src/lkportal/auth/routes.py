"""The routes of auth: paths, policies, limiters. Whatever checks a password waits for the hash limiter."""

from __future__ import annotations

from lkportal.auth.guard import anyone, known_person
from lkportal.auth.routes_enter import login, logout, prove, sign_in, step_up
from lkportal.core.contributions import RouteSpec
from lkportal.web import route

_BODY = 8 * 1024

ROUTES: list[RouteSpec] = [
    route("/login", login, name="login", policy=anyone()),
    route("/login", sign_in, name="sign_in", policy=anyone(), methods=("POST",), limiter="hash", body=_BODY),
    route("/logout", logout, name="logout", policy=anyone(), methods=("POST",), kind="action", body=_BODY),
    route("/step-up", step_up, name="step_up", policy=known_person()),
    route("/step-up", prove, name="prove", policy=known_person(), methods=("POST",), limiter="hash", body=_BODY),
]
