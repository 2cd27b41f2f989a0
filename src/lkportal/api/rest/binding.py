"""From a declared call to a route of the edge: its policy, its endpoint, its place below /api/v1."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from lkportal.api.rest.answering import answer
from lkportal.core.contributions import RouteSpec
from lkportal.core.policy import caller
from lkportal.core.rest import ApiRoute
from lkportal.web import RouteGroup, route

MOUNT = "/api"
PREFIX = "/v1"
_BODY = 64 * 1024


def groups(calls: Mapping[str, tuple[ApiRoute, ...]]) -> list[RouteGroup]:
    """Return the routes of all declared calls, by module."""
    return [RouteGroup(name, MOUNT, tuple(_bound(name, each) for each in own)) for name, own in calls.items()]


def route_name(call: ApiRoute) -> str:
    """Return the name of a call's route inside its module."""
    return f"api_{call.name}"


def _bound(module: str, call: ApiRoute) -> RouteSpec:
    endpoint: Any = partial(answer, call)
    return route(
        PREFIX + call.path,
        endpoint,
        name=route_name(call),
        policy=caller(call.scope.name, call.scope.right, on="account" if "{account}" in call.path else ""),
        methods=(call.method,),
        kind="api",
        csrf=False,
        limiter=call.limiter,
        body=_BODY,
    )
