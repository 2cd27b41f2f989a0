"""Routes: from the specs of modules to one table that dispatches, makes addresses and knows which paths are ours.
What happens on a route is in wrapper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from starlette.routing import BaseRoute, Mount, Router, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from lkportal.core.contributions import Kind, Limiter, RouteSpec
from lkportal.core.errors import StartupError
from lkportal.core.policy import Policy
from lkportal.web.visit import visit_of

_PARAM = re.compile(r"{([a-zA-Z_][a-zA-Z0-9_]*)(?::([a-z]+))?}")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def route(
    path: str,
    endpoint: Callable[[Any], Any],
    *,
    name: str,
    policy: Policy,
    methods: tuple[str, ...] = ("GET",),
    limiter: Limiter = "web",
    body: int = 64 * 1024,
    kind: Kind = "page",
    csrf: bool = True,
    origins: tuple[str, ...] = (),
    always: bool = False,
    explain: Callable[[Any], Any] | None = None,
    on: Callable[[Any, Mapping[str, Sequence[Any]]], bool] | None = None,
    intake: Callable[[Any], Any] | None = None,
) -> RouteSpec:
    """Return the declaration of one route. `path` begins with "/" and is relative to the module's mount."""
    return RouteSpec(
        path, endpoint, name, policy, methods, limiter, body, kind, csrf, origins, always, explain, on, intake
    )


@dataclass(frozen=True, slots=True)
class RouteGroup:
    """The routes of one module and the path they are mounted under: "/readings", "/staff/readings", "" for the root."""

    module: str
    prefix: str
    routes: tuple[RouteSpec, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """A route in its place: its module, its full name ("readings:list") and its full path template, as logs show it."""

    module: str
    name: str
    template: str
    spec: RouteSpec
    policy: Policy


@dataclass(slots=True)
class Leaf:
    """One path of a branch: which route answers which method."""

    regex: re.Pattern[str]
    convertors: Mapping[str, Any]
    template: str
    by_method: dict[str, Bound] = field(default_factory=dict)

    @property
    def allow(self) -> str:
        """The Allow header: the methods that are answered here."""
        methods = set(self.by_method)
        if "GET" in methods:
            methods.add("HEAD")
        return ", ".join(sorted({*methods, "OPTIONS"}))


Found = tuple[Leaf, dict[str, Any]]
Handle = Callable[[Found, Scope, Receive, Send], Any]
NotFoundApp = Callable[[Scope, Receive, Send], Any]


class Branch:
    """The paths under one mount: fixed ones in a dictionary, the others tried in the order of declaration."""

    def __init__(self) -> None:
        self.fixed: dict[str, Leaf] = {}
        self.patterns: dict[str, Leaf] = {}
        self.is_api = True

    def add(self, bound: Bound, prefix: str) -> None:
        """Put a route in; two routes that answer one method on one path are refused."""
        path = bound.spec.path
        regex, _, convertors = compile_path(path)
        leaves = self.patterns if convertors else self.fixed
        leaf = leaves.setdefault(path, Leaf(regex, convertors, prefix + path))
        self.is_api &= bound.spec.kind == "api"
        for method in bound.spec.methods:
            other = leaf.by_method.setdefault(method, bound)
            if other is not bound:
                raise StartupError(
                    "route_twice",
                    f"{other.name} and {bound.name} both answer {method} {leaf.template}: give one another path.",
                )

    def find(self, path: str) -> Found | None:
        """Return the leaf of `path` and its converted params, or None."""
        leaf = self.fixed.get(path)
        if leaf is not None:
            return leaf, {}
        for leaf in self.patterns.values():
            match = leaf.regex.match(path)
            if match is not None:
                return leaf, {name: leaf.convertors[name].convert(value) for name, value in match.groupdict().items()}
        return None


class RouteTable:
    """All routes of one portal. Immutable once built; `url` is string joining, `find` walks one branch."""

    def __init__(self, groups: Iterable[RouteGroup]) -> None:
        self.branches: dict[str, Branch] = {}
        self.by_name: dict[str, Bound] = {}
        self._pieces: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
        for group in groups:
            branch = self.branches.setdefault(group.prefix, Branch())
            for spec in group.routes:
                self._add(branch, group, spec)
        self._prefixes = sorted(self.branches, key=len, reverse=True)

    def _add(self, branch: Branch, group: RouteGroup, spec: RouteSpec) -> None:
        bound = bind(group, spec)
        if bound.name in self.by_name:
            raise StartupError(
                "route_name_twice", f"The module {group.module!r} has two routes named {spec.name!r}: rename one."
            )
        self.by_name[bound.name] = bound
        branch.add(bound, group.prefix)
        literals, names, last = [], [], 0
        for match in _PARAM.finditer(bound.template):
            literals.append(bound.template[last : match.start()])
            names.append(match[1])
            last = match.end()
        literals.append(bound.template[last:])
        self._pieces[bound.name] = (tuple(literals), tuple(names))

    def is_of_api(self, path: str) -> bool:
        """Whether a path below the portal's root, ours or not, lies where every page is for programs: they are told no in JSON."""
        prefix = "/" + path[1:].partition("/")[0]
        branch = self.branches.get(prefix)
        return branch is not None and branch.is_api

    def find(self, path: str) -> Found | None:
        """Return the leaf and params of a path below the portal's root, or None when it is not ours."""
        for prefix in self._prefixes:
            if path.startswith(prefix + "/"):
                found = self.branches[prefix].find(path[len(prefix) :])
                if found is not None or prefix:
                    return found
        return None

    def path(self, name: str, params: Mapping[str, Any]) -> str:
        """Return the path of route `name`; params that it has no place for become the query.

        Raises LookupError with a sentence for an unknown name or a missing param.
        """
        known = self._pieces.get(name)
        if known is None:
            raise LookupError(f"There is no route {name!r}; `lkportal routes` lists them.")
        literals, names = known
        if not names:
            return literals[0] + "?" + urlencode(params, doseq=True) if params else literals[0]
        rest = dict(params)
        parts = [literals[0]]
        for place, literal in zip(names, literals[1:], strict=True):
            if place not in rest:
                raise LookupError(f"The route {name!r} needs {place!r}.")
            value = str(rest.pop(place))
            parts.append(value if value.isascii() and value.isalnum() else quote(value, safe=""))
            parts.append(literal)
        return "".join(parts) + ("?" + urlencode(rest, doseq=True) if rest else "")

    def takes_account(self, name: str) -> bool:
        """Whether the path of route `name` holds an account."""
        known = self._pieces.get(name)
        return known is not None and "account" in known[1]

    def router(self, handle: Handle, not_found: NotFoundApp) -> ASGIApp:
        """Return the ASGI router: one Mount per prefix, the root last; `handle` is called with what was found."""
        order = [prefix for prefix in self._prefixes if prefix] + ([""] if "" in self.branches else [])
        mounts: Sequence[BaseRoute] = [
            Mount(prefix, app=_branch_app(self.branches[prefix], handle, not_found)) for prefix in order
        ]
        return Router(routes=mounts, redirect_slashes=False, default=not_found)


def _branch_app(branch: Branch, handle: Handle, not_found: NotFoundApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found = branch.find(scope["path"][len(scope["root_path"]) :])
        if found is None:
            await not_found(scope, receive, send)
        else:
            await handle(found, scope, receive, send)

    return app


def bind(group: RouteGroup, spec: RouteSpec) -> Bound:
    """Return a route in its place. Raises StartupError for one without a policy, or whose path and policy disagree."""
    where = f"The route {group.module}:{spec.name} ({group.prefix}{spec.path}) of module {group.module!r}"
    if spec.policy is None:
        raise StartupError("route_without_policy", f"{where} declares no policy: say who may call it.")
    if not spec.path.startswith("/"):
        raise StartupError("route_path", f"{where} must begin with a slash.")
    has_account = "{account}" in spec.path
    if spec.policy.on == "account" and not has_account:
        raise StartupError("route_account", f"{where} is about an account, but its path has no {{account}}.")
    if has_account and spec.policy.who == "customer" and spec.policy.on != "account":
        raise StartupError("route_account", f"{where} holds {{account}}: its policy must be on_account(...).")
    if (spec.policy.who == "guest") != (spec.path.startswith("/guest/{token}")):
        raise StartupError("route_guest", f"{where}: a policy guest(...) and a path /guest/{{token}} go together.")
    if spec.policy.who == "staff" and not spec.policy.action:
        raise StartupError("route_permission", f"{where} is for staff, but names no permission.")
    if spec.policy.four_eyes and spec.explain is None:
        raise StartupError(
            "route_unexplained",
            f"{where} waits for a second person, but nothing tells them what it would do: give it explain=.",
        )
    if spec.explain is not None and (spec.policy.who != "staff" or SAFE_METHODS & set(spec.methods)):
        raise StartupError("route_unexplained", f"{where} has explain=: only forms of staff wait for a second person.")
    return Bound(group.module, f"{group.module}:{spec.name}", group.prefix + spec.path, spec, spec.policy)


def address(scope: Scope, name: str, params: Mapping[str, Any]) -> str:
    """Return the address of a route as seen by this visitor: with the root path, without a host."""
    visit = visit_of(scope)
    return visit.root + visit.edge.routes.path(name, params)
